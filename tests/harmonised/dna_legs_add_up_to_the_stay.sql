-- The legs of a stay in asylum accommodation follow one another from its entry to its exit, without a gap.
with legs as (
    select
        delivery_id || '-' || split_part(stay_listing_id, '-', 2) as presence_id,
        min(entry_date) as entry_date,
        case when bool_and(exit_date is not null) then max(exit_date) end as exit_date,
        count(*) as leg_count,
        count(*) filter (where leads_on) as joint_count,
    from (
        select
            *,
            exit_date = lead(entry_date) over (
                partition by delivery_id, split_part(stay_listing_id, '-', 2) order by entry_date
            ) as leads_on,
        from {{ ref('hrm_stays') }}
        where operator = 'dna'
    ) as stays
    group by presence_id
),

presences as (
    select
        delivery_id || '-' || source_row as presence_id,
        date_entree,
        date_sortie,
    from {{ ref('stg_dna__presences') }}
)

select
    presence_id,
    presences.date_entree,
    presences.date_sortie,
    legs.entry_date,
    legs.exit_date,
from presences
full join legs using (presence_id)
where
    legs.entry_date is distinct from presences.date_entree
    or legs.exit_date is distinct from presences.date_sortie
    or legs.joint_count <> legs.leg_count - 1

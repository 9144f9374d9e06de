-- The legs of a stay in asylum accommodation follow one another from its entry to its exit.
with legs as (
    select
        delivery_id || '-' || split_part(stay_listing_id, '-', 2) as presence_id,
        entry_date,
        exit_date
    from {{ ref('hrm_stays') }}
    where operator = 'dna'
),

joined_legs as (
    select
        *,
        exit_date = lead(entry_date) over (partition by presence_id order by entry_date) as leads_on
    from legs
),

stays as (
    select
        presence_id,
        min(entry_date) as entry_date,
        case when bool_and(exit_date is not null) then max(exit_date) end as exit_date,
        count(*) as leg_count,
        count(*) filter (where leads_on) as joint_count
    from joined_legs
    group by presence_id
),

presences as (
    select
        date_entree,
        date_sortie,
        delivery_id || '-' || source_row as presence_id
    from {{ ref('stg_dna__presences') }}
)

select
    presences.presence_id,
    stays.presence_id as stay_presence_id,
    presences.date_entree,
    presences.date_sortie,
    stays.entry_date,
    stays.exit_date
from presences
full join stays
    on presences.presence_id = stays.presence_id
where
    stays.entry_date is distinct from presences.date_entree
    or stays.exit_date is distinct from presences.date_sortie
    or stays.joint_count <> stays.leg_count - 1

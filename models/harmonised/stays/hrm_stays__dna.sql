with presences as (
    select
        *,
        coalesce(date_sortie, date '9999-12-31') as known_until
    from {{ ref('stg_dna__presences') }}
),

-- Every stay has one leg or two: up to the decision on the claim, and from the decision on.
before_decision as (
    select
        * replace (
            case
                when date_decision is null then type_statut else type_avant_decision
            end as type_statut,
            case when date_decision < known_until then null else motif_sortie end as motif_sortie,
            case when date_decision < known_until then null else solution end as solution
        ),
        'before' as leg,
        date_entree as entry_date,
        least(date_decision, date_sortie) as exit_date
    from presences
    where date_decision is null or date_decision > date_entree
),

after_decision as (
    select
        *,
        'after' as leg,
        greatest(date_entree, date_decision) as entry_date,
        date_sortie as exit_date
    from presences
    where date_decision <= date_entree or date_decision < known_until
),

staged as (
    select * from before_decision
    union all
    select * from after_decision
)

select
    staged.delivery_id || '-' || staged.source_row || '-' || staged.leg as stay_listing_id,
    -- A leg goes by the day the whole stay began: a decision recorded late closes the leg that
    -- earlier deliveries listed as open.
    md5(
        concat_ws('|', staged.operator, staged.record_id, staged.date_entree, staged.leg)
    ) as stay_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.entry_date,
    staged.exit_date,
    staged.type_statut as situation_source,
    {{ mapped_code('situation', 'type_statut') }} as situation,
    cast(null as varchar) as structure,
    cast(null as varchar) as commune_source,
    'not_collected' as commune,
    staged.motif_sortie as exit_reason_source,
    {{ mapped_code('exit_reason', 'motif_sortie') }} as exit_reason,
    staged.solution as exit_destination_source,
    {{ mapped_code('exit_destination', 'solution') }} as exit_destination
from staged
{{ join_mapping('situation', 'type_statut') }}
{{ join_mapping('exit_reason', 'motif_sortie') }}
{{ join_mapping('exit_destination', 'solution') }}

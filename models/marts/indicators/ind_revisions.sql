with first_publications as (
    select * from {{ ref('ind_first_publications') }}
),

figures as (
    select * from {{ ref('ind_headlines') }}
),

builds as (
    select * from {{ ref('dq_build') }}
),

deliveries as (
    select
        *,
        row_number() over (
            partition by operator, extract, reference_month
            order by received_at, delivery_id
        ) > 1 as is_correction
    from {{ ref('stg_synchro__deliveries') }}
),

publications as (
    select
        reference_month,
        known_until
    from first_publications
    group by reference_month, known_until
),

-- What came in after a month was first published, for that month or earlier ones.
received_since as (
    select
        publications.reference_month,
        publications.known_until,
        bool_or(
            deliveries.is_correction and deliveries.reference_month <= publications.reference_month
        ) as has_correction,
        bool_or(
            not deliveries.is_correction
            and deliveries.reference_month <= publications.reference_month
        ) as has_late_delivery
    from publications
    inner join deliveries on publications.known_until < deliveries.received_at
    group by publications.reference_month, publications.known_until
),

compared as (
    select
        first_publications.*,
        figures.figure as current_figure,
        figures.figure is distinct from first_publications.figure as is_revised,
        first_publications.rules_digest != builds.rules_digest as has_rule_change,
        first_publications.linkage_digest != builds.linkage_digest as has_linkage_change,
        received_since.reference_month is not null as has_later_delivery,
        coalesce(received_since.has_correction, false) as has_correction,
        coalesce(received_since.has_late_delivery, false) as has_late_delivery
    from first_publications
    cross join builds
    left join figures
        on
            first_publications.reference_month = figures.reference_month
            and first_publications.unit = figures.unit
            and first_publications.segment_type = figures.segment_type
            and first_publications.segment = figures.segment
            and first_publications.indicator = figures.indicator
    left join received_since
        on
            first_publications.reference_month = received_since.reference_month
            and first_publications.known_until = received_since.known_until
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    indicator,
    origin,
    vintage_number,
    known_until as first_known_until,
    figure as first_figure,
    current_figure,
    round(current_figure - figure, 4) as revision,
    round((current_figure - figure) / nullif(figure, 0), 4) as revision_share,
    is_revised,
    has_correction,
    has_late_delivery,
    has_rule_change,
    has_linkage_change,
    has_later_delivery,
    case
        when not is_revised then null
        when has_correction then 'correction'
        when has_late_delivery then 'late_delivery'
        when has_rule_change then 'rule_change'
        when has_linkage_change then 'linkage'
        when has_later_delivery then 'later_delivery'
        else 'unexplained'
    end as reason
from compared

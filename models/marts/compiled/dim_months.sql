with deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

bounds as (
    select
        min(reference_month) as first_month,
        max(reference_month) as last_month
    from deliveries
),

-- The month before the list's first holds what was known of earlier times; it is never shown.
months as (
    select
        bounds.first_month,
        cast(unnest(generate_series(
            cast(bounds.first_month - interval 1 month as timestamp),
            cast(bounds.last_month as timestamp),
            interval 1 month
        )) as date) as reference_month
    from bounds
)

select
    reference_month,
    last_day(reference_month) as month_end,
    reference_month < first_month as is_opening,
    reference_month = first_month as is_first
from months
where reference_month is not null

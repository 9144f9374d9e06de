with deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

stay_extracts as (
    select
        deliveries.operator,
        deliveries.extract
    from deliveries
    inner join {{ ref('hrm_stays') }} as listings
        on deliveries.delivery_id = listings.delivery_id
    group by deliveries.operator, deliveries.extract
)

-- A month without any stay is a delivery all the same.
select
    deliveries.operator,
    max(deliveries.reference_month) as last_delivered_month
from deliveries
inner join stay_extracts
    on
        deliveries.operator = stay_extracts.operator
        and deliveries.extract = stay_extracts.extract
where deliveries.is_current
group by deliveries.operator

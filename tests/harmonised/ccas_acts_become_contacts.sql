-- Each day on which a delivery says that a person was seen is one contact of that delivery.
with staged as (
    select
        delivery_id,
        record_id,
        unnest([date_election, date_renouvellement, date_dernier_passage]) as contact_date
    from {{ ref('stg_ccas__domiciliations') }}
),

both_sides as (
    select distinct
        delivery_id,
        record_id,
        contact_date,
        1 as in_staged,
        0 as in_contacts
    from staged
    where contact_date is not null
    union all
    select
        delivery_id,
        record_id,
        contact_date,
        0 as in_staged,
        1 as in_contacts
    from {{ ref('hrm_contacts') }}
    where operator = 'ccas'
)

select
    delivery_id,
    record_id,
    contact_date
from both_sides
group by delivery_id, record_id, contact_date
having sum(in_staged) <> 1 or sum(in_contacts) <> 1

with deliveries as (
    select * from {{ source('raw', 'deliveries') }}
),

known_deliveries as (
    select *
    from deliveries
    where received_at < cast('{{ var("as_of") }}' as date) + interval 1 day
)

select
    delivery_id,
    operator,
    coalesce(contract, operator) as contract,
    extract,
    reference_month,
    sha256,
    file_name,
    received_at,
    scope,
    rows_in,
    rows_landed,
    rows_deduplicated,
    rows_quarantined,
    values_masked,
    values_unreadable,
    columns_unknown,
    contract_digest,
    normaliser_version,
    key_id,
    is_synthetic,
    -- Other bytes for the same month are a correction: it replaces the earlier delivery from its
    -- reception on.
    row_number() over (
        partition by operator, extract, reference_month
        order by received_at desc, delivery_id desc
    ) = 1 as is_current
from known_deliveries

with records as (
    select * from {{ ref('hrm_records') }}
),

deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

record_identities as (
    select * from {{ source('vault', 'record_identities') }}
),

identity_encodings as not materialized (
    select * from {{ source('vault', 'identity_encodings') }}
),

latest_records as (
    select *
    from records
    qualify row_number() over (
        partition by record_id
        order by reference_month desc, received_at desc, delivery_id desc
    ) = 1
),

-- A correction replaces what a delivery said, not the day the record was first received.
first_receptions as (
    select
        record_identities.record_id,
        min(deliveries.received_at) as first_received_at
    from record_identities
    inner join deliveries on record_identities.delivery_id = deliveries.delivery_id
    group by record_identities.record_id
),

identities_in_force as (
    select
        record_identities.record_id,
        record_identities.identity_id,
        max(record_identities.nur_token) as nur_token,
        max(record_identities.agdref_token) as agdref_token
    from record_identities
    inner join deliveries on record_identities.delivery_id = deliveries.delivery_id
    where deliveries.is_current
    group by record_identities.record_id, record_identities.identity_id
),

-- A row without a name or a date takes nothing from what the record's other rows say: compared by
-- itself, it would differ from nobody.
spellings as (
    select
        latest_records.record_id,
        coalesce(identities_in_force.identity_id, 'none') as identity_id,
        latest_records.operator,
        first_receptions.first_received_at,
        latest_records.household_record_id,
        latest_records.sex,
        identities_in_force.nur_token,
        identities_in_force.agdref_token,
        coalesce(
            identities_in_force.nur_token, identities_in_force.agdref_token,
            identity_encodings.last_name_token, identity_encodings.birth_name_token,
            identity_encodings.first_name_token, identity_encodings.birth_date_token
        ) is not null as says_something
    from latest_records
    inner join first_receptions on latest_records.record_id = first_receptions.record_id
    left join identities_in_force on latest_records.record_id = identities_in_force.record_id
    left join identity_encodings on identities_in_force.identity_id = identity_encodings.identity_id
    qualify
        says_something
        or not bool_or(says_something) over (partition by latest_records.record_id)
),

-- A number in the place of a long id: pairs by the million are joined on it.
numbered as (
    select
        cast(row_number() over (order by record_id, identity_id) as integer) as spelling_number,
        cast(dense_rank() over (order by record_id) as integer) as record_number,
        cast(count(*) over (partition by record_id) as integer) as identity_count,
        cast(dense_rank() over (order by operator) as smallint) as list_number,
        case
            when household_record_id is not null
                then cast(
                    dense_rank() over (order by household_record_id nulls last) as integer
                )
        end as household_number,
        * exclude (says_something),
        case when sex in ('female', 'male') then sex end as known_sex
    from spellings
)

select
    numbered.*,
    identity_encodings.* exclude (identity_id)  -- noqa: AM04,RF02
from numbered
left join identity_encodings on numbered.identity_id = identity_encodings.identity_id

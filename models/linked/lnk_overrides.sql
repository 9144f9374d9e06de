with overrides as (
    select * from {{ ref('overrides') }}
),

records as (
    select record_id
    from {{ ref('lnk_records') }}
    group by record_id
)

-- The latest decision on a pair stands; one on a record that is not there (yet, or any more) waits.
select
    least(overrides.record_id_l, overrides.record_id_r) as record_id_l,
    greatest(overrides.record_id_l, overrides.record_id_r) as record_id_r,
    overrides.decision,
    overrides.decided_on
from overrides
inner join records as records_l on overrides.record_id_l = records_l.record_id
inner join records as records_r on overrides.record_id_r = records_r.record_id
where overrides.decided_on <= cast('{{ var("as_of") }}' as date)
qualify row_number() over (
    partition by
        least(overrides.record_id_l, overrides.record_id_r),
        greatest(overrides.record_id_l, overrides.record_id_r)
    order by overrides.decided_on desc, overrides.decision desc
) = 1

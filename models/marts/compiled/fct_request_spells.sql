with requests as (
    select * from {{ ref('hrm_requests') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

evidence as (
    select * from {{ ref('fct_evidence') }}
    where not is_overruled
),

first_requests as (
    select
        person_records.person_id,
        min(requests.request_date) as start_date
    from requests
    inner join person_records on requests.record_id = person_records.record_id
    group by person_records.person_id
),

-- What ends a wait: a housing, or an end after which nobody waits any more.
ends as (
    select
        person_id,
        start_date as end_date,
        is_housed
    from evidence
    where is_housed or situation in ('left_territory', 'deceased')
)

select
    first_requests.person_id,
    first_requests.start_date,
    ends.end_date,
    coalesce(ends.is_housed, false) as is_housed
from first_requests
left join ends
    on
        first_requests.person_id = ends.person_id
        and first_requests.start_date < ends.end_date
-- The first of them; on one day, the housing.
qualify row_number() over (
    partition by first_requests.person_id
    order by ends.end_date asc nulls last, ends.is_housed desc
) = 1

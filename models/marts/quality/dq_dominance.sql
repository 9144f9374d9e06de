with person_segments as (
    select * from {{ ref('fct_person_month_segments') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

active_persons as (
    select
        person_id,
        reference_month,
        segment_type,
        segment
    from person_segments
    where is_active
),

-- Whom an operator has on its list by that month, it can subtract from a published count.
known_persons as (
    select
        active_persons.reference_month,
        active_persons.segment_type,
        active_persons.segment,
        person_records.operator,
        count(distinct active_persons.person_id) as known_count
    from active_persons
    inner join person_records
        on
            active_persons.person_id = person_records.person_id
            and active_persons.reference_month >= person_records.first_reference_month
    group by all
),

largest as (
    select
        reference_month,
        segment_type,
        segment,
        max(known_count) as largest_count,
        min_by(operator, (-known_count, operator)) as largest_operator
    from known_persons
    group by reference_month, segment_type, segment
),

counts as (
    select
        reference_month,
        segment_type,
        segment,
        count(*) as person_count
    from active_persons
    group by reference_month, segment_type, segment
)

select
    counts.reference_month,
    counts.segment_type,
    counts.segment,
    cast(counts.person_count as integer) as person_count,
    largest.largest_operator,
    cast(largest.largest_count as integer) as largest_count,
    cast(counts.person_count - largest.largest_count as integer) as others_count,
    round(largest.largest_count / counts.person_count, 4) as largest_share
from counts
inner join largest
    on
        counts.reference_month = largest.reference_month
        and counts.segment_type = largest.segment_type
        and counts.segment = largest.segment

with requests as (
    select * from {{ ref('fct_request_months') }}
    where is_live or outcome is not null
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

-- Where a household has several requests, the one that states a size or a commune speaks for all.
households as (
    select
        *,
        'total' as total,
        coalesce(arg_max(typology, row(request_date, household_request_id)) filter (
            where typology not in ('unknown', 'unmapped', 'not_collected')
        ) over of_household, 'unknown') as typology_wished,
        coalesce(arg_max(commune, row(request_date, household_request_id)) filter (
            where commune not in ('unknown', 'unmapped', 'not_collected')
        ) over of_household, 'unknown') as commune_wished,
        case
            when bool_or(request_kind = 'priority_housing') over of_household then 'priority'
            else 'no_priority'
        end as priority
    from requests
    window of_household as (partition by household_id, reference_month)
),

segments as (
    {% for segment_type in [
        'total', 'typology_wished', 'commune_wished', 'priority', 'household_type'
    ] -%}
        select
            * exclude (need),
            unnest([need, 'total']) as need,
            '{{ segment_type }}' as segment_type,
            {{ segment_type }} as segment
        from households
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        segments.reference_month,
        segments.segment_type,
        segments.segment,
        segments.need,
        count(*) filter (where segments.is_waiting) as waiting,
        count(*) filter (
            where segments.is_waiting and segments.is_without_home
        ) as waiting_without_home,
        sum(segments.person_count) filter (where segments.is_waiting) as persons_waiting,
        median(months.month_end - segments.request_date) filter (
            where segments.is_waiting
        ) as median_wait_days,
        {% for outcome in ['answered_as_needed', 'answered_otherwise', 'refused', 'closed'] -%}
            count(*) filter (
                where segments.is_outcome and segments.outcome = '{{ outcome }}'
            ) as {{ outcome }},
        {% endfor -%}
        count(distinct segments.household_id) filter (where segments.is_new) as new_requests
    from segments
    inner join months on segments.reference_month = months.reference_month
    group by
        segments.reference_month,
        segments.segment_type,
        segments.segment,
        segments.need
),

cells as (
    select
        segment_type,
        segment,
        need
    from counted
    group by segment_type, segment, need
)

-- A zero is a figure, a missing row is not.
select
    months.reference_month,
    cells.segment_type,
    cells.segment,
    cells.need,
    {% for measure in [
        'waiting', 'waiting_without_home', 'persons_waiting', 'new_requests',
        'answered_as_needed', 'answered_otherwise', 'refused', 'closed'
    ] -%}
        cast(coalesce(counted.{{ measure }}, 0) as integer) as {{ measure }},
    {% endfor -%}
    counted.median_wait_days,
    cast(max(case
        when cells.segment_type = 'total' and cells.need = 'total' then coalesce(counted.waiting, 0)
    end) over (partition by months.reference_month) as integer) as denominator,
    counted.waiting / nullif(max(case
        when cells.segment_type = 'total' and cells.need = 'total' then counted.waiting
    end) over (partition by months.reference_month), 0) as waiting_share
from months
cross join cells
left join counted
    on
        months.reference_month = counted.reference_month
        and cells.segment_type = counted.segment_type
        and cells.segment = counted.segment
        and cells.need = counted.need

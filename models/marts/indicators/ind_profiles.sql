{%- set axes = {
    'person': [
        ('total', 'total'), ('sex', 'total'), ('age_band', 'total'), ('adult_or_child', 'total'),
        ('household_type', 'total'), ('situation', 'total'), ('commune', 'total'),
        ('administrative_status', 'total'), ('resources', 'total'),
        ('age_band', 'sex'), ('household_type', 'situation'), ('age_band', 'situation'),
    ],
    'household': [
        ('total', 'total'), ('household_type', 'total'), ('situation', 'total'),
        ('commune', 'total'), ('size', 'total'), ('household_type', 'situation'),
    ],
} -%}
with age_bands as (
    select * from {{ ref('age_bands') }}
),

person as (
    select
        person_months.*,
        'total' as total,
        case
            when age_bands.is_adult then 'adult'
            when not age_bands.is_adult then 'child'
            else 'unknown'
        end as adult_or_child
    from {{ ref('fct_person_months') }} as person_months
    left join age_bands on person_months.age_band = age_bands.code
    where person_months.is_active
),

household as (
    select
        *,
        'total' as total,
        case when member_count >= 5 then '5_plus' else cast(member_count as varchar) end as size
    from {{ ref('fct_household_months') }}
    where is_active
),

counted as (
    {% for unit in axes -%}
        {% set last_unit = loop.last -%}
        {% for axis, crossed in axes[unit] -%}
            select
                '{{ unit }}' as unit,
                reference_month,
                '{{ axis }}' as segment_type,
                {{ axis }} as segment,
                '{{ crossed }}' as crossed_type,
                {{ crossed }} as crossed_segment,
                count(*) as active_count
            from {{ unit }}
            group by reference_month, segment, crossed_segment
            {{ 'union all' if not (last_unit and loop.last) }}
        {% endfor -%}
    {% endfor %}
),

months as (
    select reference_month from {{ ref('dim_months') }}
    where not is_opening
),

cells as (
    select
        unit,
        segment_type,
        segment,
        crossed_type,
        crossed_segment
    from counted
    group by unit, segment_type, segment, crossed_type, crossed_segment
),

every_month as (
    select
        months.reference_month,
        cells.*,
        cast(coalesce(counted.active_count, 0) as integer) as active_count
    from months
    cross join cells
    left join counted
        on
            months.reference_month = counted.reference_month
            and cells.unit = counted.unit
            and cells.segment_type = counted.segment_type
            and cells.segment = counted.segment
            and cells.crossed_type = counted.crossed_type
            and cells.crossed_segment = counted.crossed_segment
)

select
    *,
    max(case when segment_type = 'total' then active_count end) over (
        partition by unit, reference_month
    ) as denominator,
    active_count / nullif(max(case when segment_type = 'total' then active_count end) over (
        partition by unit, reference_month
    ), 0) as active_share
from every_month

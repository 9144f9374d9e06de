{%- set codes = [
    'situation', 'household_type', 'age_band', 'administrative_status', 'need', 'request_reason', 'priority_status',
] -%}
{%- set flags = ['has_request', 'has_siao_request', 'has_child_under_3', 'is_long_term'] -%}
{%- set numbers = [
    'days_without_home', 'days_in_shelter', 'days_in_situation', 'days_since_request', 'days_since_request_update',
    'days_since_priority', 'months_since_return', 'months_housed_before_return', 'vacant_places_for_need',
] -%}
with action_facts as (
    select * from {{ ref('fct_action_facts') }}
),

facts as (
    {% for fact in codes + flags + numbers -%}
        select
            reference_month,
            person_id,
            '{{ fact }}' as fact,
            {% if fact in numbers -%}
                cast(null as varchar) as code,
                cast({{ fact }} as double) as number
            {%- elif fact in flags -%}
                case when {{ fact }} then 'yes' else 'no' end as code,
                cast(null as double) as number
            {%- else -%}
                {{ fact }} as code,
                cast(null as double) as number
            {%- endif %}
        from action_facts
        where {{ fact }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

-- Only what some rule asks for is written out.
select * from facts
where fact in (select criteria.fact from {{ ref('dim_opportunity_criteria') }} as criteria)

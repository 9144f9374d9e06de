{%- set latest = {
    'request_reason': ('reason', 'siao_insertion'),
    'siao_request_date': ('request_date', 'siao_insertion'),
    'siao_updated_date': ('updated_date', 'siao_insertion'),
    'priority_date': ('request_date', 'priority_housing'),
    'priority_status': ('status', 'priority_housing'),
} -%}
with requests as (
    select * from {{ ref('fct_request_months') }}
    where is_live
)

select
    household_id,
    reference_month,
    {% for name, (column, request_kind) in latest.items() -%}
        arg_max({{ column }}, row(request_date, household_request_id)) filter (
            where request_kind = '{{ request_kind }}'
        ) as {{ name }},
    {% endfor -%}
    max(case when is_waiting then need end) as need
from requests
group by household_id, reference_month

{%- set known = "not in ('unknown', 'unmapped', 'not_collected')" -%}
{%- set siao = "request_kind = 'siao_insertion'" -%}
{%- set priority = "request_kind = 'priority_housing'" -%}
{%- set latest = {
    'request_kind': ('request_kind', 'true'),
    'request_status': ('status', 'true'),
    'request_date': ('request_date', 'true'),
    'request_updated_date': ('updated_date', 'true'),
    'typology': ('typology', 'typology ' ~ known),
    'request_reason': ('reason', siao),
    'siao_request_date': ('request_date', siao),
    'siao_updated_date': ('updated_date', siao),
    'priority_date': ('request_date', priority),
    'priority_status': ('status', priority),
} -%}
with requests as (
    select * from {{ ref('fct_request_months') }}
    where is_live
)

-- One request may leave unsaid what another says: the SIAO asks for no size of dwelling.
select
    household_id,
    reference_month,
    {% for name, (column, condition) in latest.items() -%}
        arg_max({{ column }}, row(request_date, household_request_id)) filter (
            where {{ condition }}
        ) as {{ name }},
    {% endfor -%}
    max(case when is_waiting and need {{ known }} then need end) as need
from requests
group by household_id, reference_month

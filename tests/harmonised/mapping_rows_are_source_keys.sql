-- A mapping row that is not written as a source key can never be met by an operator's word.
{% set fields = [
    'administrative_status', 'answer', 'channel', 'commune', 'exit_destination', 'exit_reason', 'household_role',
    'household_type', 'need', 'reason', 'refusal_reason', 'request_kind', 'request_status', 'resources',
    'sex', 'situation', 'typology',
] %}
{% for field in fields %}
    select
        '{{ field }}' as field,
        operator,
        source_value
    from {{ ref('map_' ~ field) }}
    where
        source_value is distinct from {{ source_key('source_value') }}
        or operator not in (select operators.operator from {{ ref('operators') }} as operators)
    {{ 'union all' if not loop.last }}
{% endfor %}

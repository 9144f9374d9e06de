-- Without these three, nothing known, nothing translated and nothing asked would share one null.
{% set vocabularies = [
    'communes', 'voc_administrative_status', 'voc_answer', 'voc_exit_reason', 'voc_household_role',
    'voc_household_type', 'voc_need', 'voc_reason', 'voc_refusal_reason', 'voc_request_status', 'voc_resources',
    'voc_sex', 'voc_situation', 'voc_typology',
] %}
{% for vocabulary in vocabularies %}
    select
        '{{ vocabulary }}' as vocabulary,
        count(*) as reserved_codes
    from {{ ref(vocabulary) }}
    where code in ('unknown', 'unmapped', 'not_collected') and label_fr <> ''
    having count(*) <> 3
    {{ 'union all' if not loop.last }}
{% endfor %}

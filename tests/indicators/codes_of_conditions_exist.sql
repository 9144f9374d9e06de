-- A misspelt code would concern nobody, in silence.
{% set vocabularies = {
    'situation': 'voc_situation', 'household_type': 'voc_household_type', 'age_band': 'age_bands',
    'administrative_status': 'voc_administrative_status', 'need': 'voc_need',
    'request_reason': 'voc_reason', 'priority_status': 'voc_request_status',
} %}
with criteria as (
    select
        rule,
        fact,
        unnest(string_split(compared_to, ' | ')) as code
    from {{ ref('dim_opportunity_criteria') }}
    where comparison in ('=', '!=')
),

codes as (
    {% for fact, vocabulary in vocabularies.items() -%}
        select
            '{{ fact }}' as fact,
            code
        from {{ ref(vocabulary) }}
        union all
    {% endfor -%}
    select
        code as fact,
        unnest(['yes', 'no']) as code
    from {{ ref('voc_fact') }}
    where
        kind = 'code'
        and code not in (
            {%- for fact in vocabularies %}
                '{{ fact }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
)

select
    criteria.rule,
    criteria.fact,
    criteria.code
from criteria
left join codes
    on
        criteria.fact = codes.fact
        and criteria.code = codes.code
where codes.code is null

{% macro blocking_rule(name, parts, lacks=none, most='max_candidates', relation='records') -%}
    select
        spelling_number,
        record_number,
        '{{ name }}' as blocking_rule,
        hash('{{ name }}', {{ parts | join(', ') }}) as blocking_key,
        {{ lacks or 'true' }} as knows_no_more,
        {{ var(most) }} as most_others,
    from {{ relation }}
    where
        {# A missing part gives no key: two unknown names are not the same name. #}
        {% for part in parts -%}
            {{ 'and ' if not loop.first }}{{ part }} is not null
        {% endfor -%}
        {#- Nor does a record that meets nobody who lacks something. #}
        {% if lacks %}
            and ({{ parts | join(', ') }}) in (
                select ({{ parts | join(', ') }}) from {{ relation }}
                where {{ lacks }}
            )
        {% endif %}
{%- endmacro %}

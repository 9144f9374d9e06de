{% macro blocking_rule(name, parts, knows_no_more='true', most='max_candidates', where='true') -%}
    select
        spelling_number,
        record_number,
        '{{ name }}' as blocking_rule,
        case
            {#- A missing part gives no key: two unknown names are not the same name. #}
            when
                {% for part in parts -%}
                    ({{ part }}) is not null{{ ' and' if not loop.last }}
                {% endfor -%}
                then hash(
                    '{{ name }}',
                    {{ parts | join(',\n                    ') }}
                )
        end as blocking_key,
        {{ knows_no_more }} as knows_no_more,
        {{ var(most) }} as most_others,
    from records
    where {{ where }}
{%- endmacro %}

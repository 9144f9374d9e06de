{% macro linkage_comparisons() -%}
    {{ return({
        'last_name': last_name_levels(),
        'first_name': first_name_levels(),
        'birth_date': birth_date_levels(),
        'sex': equality_levels('known_sex'),
        'nur': equality_levels('nur_token'),
        'agdref': equality_levels('agdref_token'),
    }) }}
{%- endmacro %}

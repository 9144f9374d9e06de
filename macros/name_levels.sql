{% macro name_levels(field, other_field) -%}
    {{ return([
        ('missing', 'records_l.' ~ field ~ '_token is null or records_r.' ~ field ~ '_token is null'),
        ('exact', 'records_l.' ~ field ~ '_token = records_r.' ~ field ~ '_token'),
        ('sound', 'records_l.' ~ field ~ '_fonem = records_r.' ~ field ~ '_fonem'),
        ('near', dice(field) ~ ' >= 0.8'),
        ('consonants', 'records_l.' ~ field ~ '_skeleton = records_r.' ~ field ~ '_skeleton'),
        ('part', 'list_has_any(records_l.' ~ field ~ '_part_tokens, records_r.' ~ field ~ '_part_tokens)'),
        ('swapped', 'list_has_any(records_l.' ~ field ~ '_part_tokens, records_r.' ~ other_field ~ '_part_tokens)'),
        ('crossed', dice('names') ~ ' >= 0.6 and ' ~ dice(field) ~ ' < 0.5 and ' ~ dice(other_field) ~ ' < 0.5'),
        ('alike', dice(field) ~ ' >= 0.65'),
        ('somewhat_alike', dice(field) ~ ' >= 0.5'),
        ('different', 'true'),
    ]) }}
{%- endmacro %}

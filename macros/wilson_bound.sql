{% macro wilson_bound(rate, size, side) -%}
    {%- set z = 1.959964 -%}
    {#- greatest and least skip a null, which must stay one: no label, no bound. -#}
    case
        when {{ rate }} is not null
            {#- Rounded: where nothing was seen the low bound is 0, not the noise of a subtraction. #}
            then round(least(1, greatest(0, (
                {{ rate }} + {{ z ** 2 / 2 }} / {{ size }}
                {{ '+' if side == 'high' else '-' }} {{ z }} * sqrt(
                    {{ rate }} * (1 - {{ rate }}) / {{ size }} + {{ z ** 2 / 4 }} / pow({{ size }}, 2)
                )
            ) / (1 + {{ z ** 2 }} / {{ size }}))), 9)
    end
{%- endmacro %}

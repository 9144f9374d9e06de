{% macro source_key(column) -%}
    nullif(trim(regexp_replace(lower(strip_accents({{ column }})), '[\s\x{00a0}\x{202f}]+', ' ', 'g')), '')
{%- endmacro %}

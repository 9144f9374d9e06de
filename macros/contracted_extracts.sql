{% macro contracted_extracts() %}
    {#- The graph is only there once every file has been read. -#}
    {%- set extracts = [] -%}
    {%- for source in (graph.sources.values() if execute else []) if source.config.meta.file is defined -%}
        {%- do extracts.append(source) -%}
    {%- endfor -%}
    {%- for source in extracts | sort(attribute='unique_id') %}
        {{ 'union all' if not loop.first }}
        select
            '{{ source.source_name }}' as operator,
            '{{ source.name }}' as extract,
            '{{ source.config.meta.label | replace("'", "''") }}' as label_fr,
            '{{ source.config.meta.scope }}' as scope,
            {{ source.config.meta.due_day }} as due_day
    {%- endfor %}
{% endmacro %}

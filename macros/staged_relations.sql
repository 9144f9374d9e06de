{% macro staged_relations(entity, without=[]) %}
    {#- The graph is only there once every file has been read. -#}
    {%- set relations = [] -%}
    {%- for operator in (var('operators')[entity] if execute else []) if operator not in without -%}
        {%- set model = graph.nodes['model.' ~ project_name ~ '.hrm_' ~ entity ~ '__' ~ operator] -%}
        {%- for parent in model.depends_on.nodes if '.stg_' in parent -%}
            {%- do relations.append(graph.nodes[parent].relation_name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(relations) }}
{% endmacro %}

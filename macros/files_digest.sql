{% macro files_digest(folders, variables) -%}
    {%- set parts = [] -%}
    {%- for name in variables -%}
        {%- do parts.append(name ~ '=' ~ tojson(var(name), sort_keys=true)) -%}
    {%- endfor -%}
    {#- The graph is only there once every file has been read. -#}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type in ('model', 'seed') -%}
        {%- for folder in folders if node.original_file_path.startswith(folder) -%}
            {%- do parts.append(node.unique_id ~ '=' ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endfor -%}
    '{{ local_md5(parts | sort | join(',')) }}'
{%- endmacro %}

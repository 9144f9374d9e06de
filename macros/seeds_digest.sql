{% macro seeds_digest(paths, variables) -%}
    {%- set parts = [] -%}
    {%- for name in variables -%}
        {%- do parts.append(name ~ '=' ~ tojson(var(name), sort_keys=true)) -%}
    {%- endfor -%}
    {#- The graph is only there once every file has been read, and not in a unit test. -#}
    {%- for node in (graph.get('nodes', {}).values() if execute else []) if node.resource_type == 'seed' -%}
        {%- for path in paths if node.original_file_path.startswith(path) -%}
            {%- do parts.append(node.unique_id ~ '=' ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endfor -%}
    '{{ local_md5(parts | sort | join(',')) }}'
{%- endmacro %}

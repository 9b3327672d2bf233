{#
    Schemas are named as the folders say (staging, intermediate, marts, seeds) when the profile
    points at the engine's own default schema; any other schema in the profile becomes a prefix,
    so that several people can share one warehouse: alice_marts.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.schema in ['main', 'public', 'default'] -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}

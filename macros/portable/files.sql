{#
    A source that is a file where the engine reads files by path, and a table of the source's schema
    elsewhere. DuckDB knows the path from the source itself (external_location). Arguments: relation,
    what source() gives; path, of a Parquet file.
    Example: file_or_table(source('files', 'orders'), 'data/orders.parquet')
#}
{% macro file_or_table(relation, path) -%}
    {{ return(adapter.dispatch('file_or_table', 'segmentation')(relation, path)) }}
{%- endmacro %}

{% macro default__file_or_table(relation, path) -%}
    {{ relation }}
{%- endmacro %}

{% macro spark__file_or_table(relation, path) -%}
    parquet.`{{ path | replace('`', '``') }}`
{%- endmacro %}

{#  A workspace has tables, not the paths of a machine.  #}
{% macro databricks__file_or_table(relation, path) -%}
    {{ relation }}
{%- endmacro %}

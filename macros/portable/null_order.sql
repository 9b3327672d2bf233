{#
    Order terms in which NULL comes last whatever the engine's habit (Postgres and DuckDB put it last
    only when ascending, Spark and BigQuery first). Arguments: expression; direction, asc or desc.
    Example: order by {{ nulls_last('registered_date', 'desc') }}
#}
{% macro nulls_last(expression, direction='asc') -%}
    case when {{ expression }} is null then 1 else 0 end, {{ expression }} {{ direction }}
{%- endmacro %}

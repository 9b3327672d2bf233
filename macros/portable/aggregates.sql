{#
    The median of a group, an aggregate: the middle value, or the mean of the middle two, exact to
    five decimal places, as numeric. It is read off from both ends, because what engines interpolate
    themselves is binary on some and decimal on others. Argument: expression, a number of at
    most four decimal places. Example: median('gap_days')
#}
{% macro median(expression) -%}
    {{ return(adapter.dispatch('median', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__median(expression) -%}
    (
        {{ segmentation.decimal_of('percentile_disc(0.5) within group (order by ' ~ expression ~ ')') }}
        + {{ segmentation.decimal_of('percentile_disc(0.5) within group (order by ' ~ expression ~ ' desc)') }}
    ) * {{ segmentation.decimal_of('0.5', 2, 1) }}
{%- endmacro %}

{#  No percentile is an aggregate there; an array doesn't leave the expression.  #}
{% macro bigquery__median(expression) -%}
    {%- set sorted = 'array_agg(cast(' ~ expression ~ ' as numeric) ignore nulls order by ' ~ expression ~ ')' -%}
    (
        {{ sorted }}[safe_offset(cast(floor((count({{ expression }}) - 1) / 2) as int64))]
        + {{ sorted }}[safe_offset(cast(floor(count({{ expression }}) / 2) as int64))]
    ) * numeric '0.5'
{%- endmacro %}

{% macro trino__median(expression) -%}
    {%- set sorted = 'array_agg(' ~ segmentation.decimal_of(expression) ~ ' order by ' ~ expression ~ ') filter (where '
        ~ expression ~ ' is not null)' -%}
    (
        element_at({{ sorted }}, cast((count({{ expression }}) + 1) / 2 as integer))
        + element_at({{ sorted }}, cast(count({{ expression }}) / 2 + 1 as integer))
    ) * {{ segmentation.decimal_of('0.5', 2, 1) }}
{%- endmacro %}

{#  percentile_disc is no aggregate there, and a query may have only one order of this one.  #}
{% macro redshift__median(expression) -%}
    {{ segmentation.decimal_of('percentile_cont(0.5) within group (order by ' ~ expression ~ ')', 28, 5) }}
{%- endmacro %}

{#  True when the condition holds in some row of a group; NULL counts as not. An aggregate.  #}
{% macro any_true(condition) -%}
    max(case when {{ condition }} then 1 else 0 end) = 1
{%- endmacro %}

{#  True when the condition holds in every row of a group; NULL counts as not. An aggregate.  #}
{% macro all_true(condition) -%}
    min(case when {{ condition }} then 1 else 0 end) = 1
{%- endmacro %}

{#  In how many rows of a group the condition holds. An aggregate.  #}
{% macro count_if(condition) -%}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint)
{%- endmacro %}

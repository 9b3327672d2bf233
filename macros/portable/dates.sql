{#  A date literal. Example: date_literal('2026-07-01')  #}
{% macro date_literal(day) -%}
    cast('{{ day }}' as date)
{%- endmacro %}

{#  Whole days from one date to a later one. Example: days_between('first_date', 'last_date')  #}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between', 'segmentation')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    {{ dbt.datediff(from_date, to_date, 'day') }}
{%- endmacro %}

{% macro duckdb__days_between(from_date, to_date) -%}
    ({{ to_date }} - {{ from_date }})
{%- endmacro %}

{% macro postgres__days_between(from_date, to_date) -%}
    ({{ to_date }} - {{ from_date }})
{%- endmacro %}

{% macro bigquery__days_between(from_date, to_date) -%}
    date_diff({{ to_date }}, {{ from_date }}, day)
{%- endmacro %}

{#  dbt's own is built for time stamps there, in several casts and a case.  #}
{% macro spark__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{#  The day so many days after a date, a date. Example: add_days('valid_from', 'nth_day')  #}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days', 'segmentation')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{% macro bigquery__add_days(day, days) -%}
    date_add({{ day }}, interval {{ days }} day)
{%- endmacro %}

{#  dbt's own asks for a connection on Databricks, and is built for time stamps on Spark.  #}
{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{#
    The moment so many seconds after another, a timestamp. Arguments: moment, a timestamp; seconds, a
    whole number, perhaps negative. Example: add_seconds('started_at', 'elapsed_seconds')
#}
{% macro add_seconds(moment, seconds) -%}
    {{ return(adapter.dispatch('add_seconds', 'segmentation')(moment, seconds)) }}
{%- endmacro %}

{#  Whole days first: an interval of seconds holds 68 years at most on some engines.  #}
{% macro default__add_seconds(moment, seconds) -%}
    {%- set whole_days = segmentation.whole_quotient(seconds, '86400') -%}
    cast({{ dbt.dateadd(
        'second',
        'cast(mod(' ~ seconds ~ ', 86400) as integer)',
        dbt.dateadd('day', 'cast(' ~ whole_days ~ ' as integer)', moment)
    ) }} as {{ dbt.type_timestamp() }})
{%- endmacro %}

{#  dbt's own asks for a connection on Databricks.  #}
{% macro spark__add_seconds(moment, seconds) -%}
    {%- set whole_days = segmentation.whole_quotient(seconds, '86400') -%}
    timestampadd(
        second,
        cast(mod({{ seconds }}, 86400) as int),
        timestampadd(day, cast({{ whole_days }} as int), {{ moment }})
    )
{%- endmacro %}

{#  The first day of the month of a date, as a date. Example: month_start('order_date')  #}
{% macro month_start(expression) -%}
    cast({{ dbt.date_trunc('month', expression) }} as date)
{%- endmacro %}

{#
    Birthdays that have passed, the completed years from one date to a later one; NULL when it is
    earlier. Who was born on 29 February has the birthday on 1 March in common years.
    Example: completed_years('birth_date', 'as_of_date')
#}
{% macro completed_years(from_date, to_date) -%}
    {%- set days = [] -%}
    {%- for day in [to_date, from_date] -%}
        {%- do days.append(
            '(extract(year from ' ~ day ~ ') * 10000 + extract(month from ' ~ day ~ ') * 100 + extract(day from ' ~ day ~ '))'
        ) -%}
    {%- endfor -%}
    case
        when {{ from_date }} <= {{ to_date }} then {{ segmentation.whole_quotient(days | join(' - '), '10000') }}
    end
{%- endmacro %}

{#
    A timestamp as text of fixed width (19 characters, whole seconds), in which earlier sorts first.
    With a key behind it, min() finds the earliest record in one pass; behind_time takes the key
    back out of `sortable_time || '|' || key`.
#}
{% macro sortable_time(expression) -%}
    {{ return(adapter.dispatch('sortable_time', 'segmentation')(expression)) }}
{%- endmacro %}

{#  What a cast gives depends on a setting of the account there.  #}
{% macro snowflake__sortable_time(expression) -%}
    to_char({{ expression }}, 'YYYY-MM-DD HH24:MI:SS')
{%- endmacro %}

{% macro default__sortable_time(expression) -%}
    substring(cast({{ expression }} as {{ segmentation.portable_type('string') }}), 1, 19)
{%- endmacro %}

{% macro behind_time(expression) -%}
    substring({{ expression }}, 21)
{%- endmacro %}

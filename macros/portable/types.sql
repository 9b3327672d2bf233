{#
    The primitives in this folder are what engines spell differently. Each takes SQL expressions as
    text and returns one SQL expression; none knows anything about the business. What dbt itself
    offers across databases (datediff, dateadd, hash, ...) is used as it is. tests/portable holds
    their literals in and literals out, which every build runs on its own engine.
#}

{#
    The engine's name of a portable type: string, integer, bigint, boolean, date, timestamp,
    decimal(p, s). Example: portable_type('string') is text on Postgres.
#}
{% macro portable_type(type_name) -%}
    {%- if type_name == 'string' -%}{{ dbt.type_string() }}
    {%- elif type_name == 'timestamp' -%}{{ dbt.type_timestamp() }}
    {%- elif type_name.split('(')[0] in ['decimal', 'numeric'] -%}{{ adapter.dispatch('decimal_type', 'segmentation')(type_name) }}
    {%- else -%}{{ type_name }}
    {%- endif -%}
{%- endmacro %}

{#  text means 256 characters there, and more are cut off without a word. For dbt's macros too.  #}
{% macro redshift__type_string() -%}
    varchar(65535)
{%- endmacro %}

{% macro redshift__get_table_columns_and_constraints() -%}
    {{ return(modules.re.sub('(?i)\\btext\\b', 'varchar(65535)', dbt.default__get_table_columns_and_constraints())) }}
{%- endmacro %}

{% macro default__decimal_type(type_name) -%}
    {{ type_name | replace('numeric', 'decimal') }}
{%- endmacro %}

{#  BigQuery takes no precision in a cast, only in the columns of a table.  #}
{% macro bigquery__decimal_type(type_name) -%}
    numeric
{%- endmacro %}

{#
    A decimal number, rounded half away from zero to its places. Arguments: expression; precision and
    scale, whole numbers. Example: decimal_of('1.25', 18, 1) is 1.3.
#}
{% macro decimal_of(expression, precision=18, scale=4) -%}
    {{ return(adapter.dispatch('decimal_of', 'segmentation')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__decimal_of(expression, precision, scale) -%}
    cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{#  Its numeric has 29 digits before the point and 9 behind it, its bignumeric 38 and 38.  #}
{% macro bigquery__decimal_of(expression, precision, scale) -%}
    round(
        cast({{ expression }} as {{ 'bignumeric' if precision - scale > 29 or scale > 9 else 'numeric' }}),
        {{ scale }}
    )
{%- endmacro %}

{#  What dbt casts NULL to, for each type of a contract, before a build.  #}
{% macro bigquery__cast(field, type) -%}
    cast({{ field }} as {{ modules.re.sub('[(].*[)]', '', type) }})
{%- endmacro %}

{#  A typed NULL. Arguments: type_name, a portable type. Example: null_of('string')  #}
{% macro null_of(type_name) -%}
    cast(null as {{ segmentation.portable_type(type_name) }})
{%- endmacro %}

{#
    Text as a date or timestamp, NULL where there is no such day (2026-02-30). The text must already
    have the shape of one. Arguments: expression, text; type_name, date or timestamp.
#}
{% macro cast_or_null(expression, type_name) -%}
    {{ return(adapter.dispatch('cast_or_null', 'segmentation')(expression, segmentation.portable_type(type_name))) }}
{%- endmacro %}

{% macro default__cast_or_null(expression, type_name) -%}
    try_cast({{ expression }} as {{ type_name }})
{%- endmacro %}

{#  A cast that fails stops the query there: month lengths and leap years are counted first.  #}
{% macro postgres__cast_or_null(expression, type_name) -%}
    {%- set year = 'cast(substring(' ~ expression ~ ', 1, 4) as integer)' -%}
    case
        when substring({{ expression }}, 6, 5) in ('02-30', '02-31', '04-31', '06-31', '09-31', '11-31')
            then null
        when not {{ segmentation.regexp_like(expression, '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])') }}
            then null
        when
            substring({{ expression }}, 6, 5) = '02-29'
            and (mod({{ year }}, 4) <> 0 or (mod({{ year }}, 100) = 0 and mod({{ year }}, 400) <> 0))
            then null
        else cast({{ expression }} as {{ type_name }})
    end
{%- endmacro %}

{% macro redshift__cast_or_null(expression, type_name) -%}
    try_cast({{ expression }} as {{ type_name }})
{%- endmacro %}

{#  Seconds may not be left out there.  #}
{% macro bigquery__cast_or_null(expression, type_name) -%}
    safe_cast(
        case
            when length({{ expression }}) = 16 then {{ expression }} || ':00' else {{ expression }}
        end as {{ type_name }}
    )
{%- endmacro %}

{#
    What staging models need to type raw text without ever failing on it. Text that cannot be read
    becomes NULL here and stays readable in raw_values, so that the row is rejected with a reason.
#}

{#  Text to numeric(18, 4), NULL when it is no plain decimal of at most 13 digits before the point. ' -12.50 ' gives -12.5000.  #}
{% macro safe_decimal(expression) -%}
    case
        when {{ segmentation.regexp_like(segmentation.clean_text(expression), '^[+-]?[0-9]{1,13}([.][0-9]+)?$') }}
            then cast({{ segmentation.clean_text(expression) }} as numeric(18, 4))
    end
{%- endmacro %}

{#
    True when the text begins with a date of the calendar, YYYY-MM-DD: month lengths and leap years
    count. Plain SQL, so that engines without a failing-safe cast read the same rows.
#}
{% macro is_calendar_date(expression) -%}
    case
        when {{ expression }} is null or substring({{ expression }}, 1, 4) = '0000' then false
        when not {{ segmentation.regexp_like(expression, '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])') }}
            then false
        when substring({{ expression }}, 6, 5) in ('02-30', '02-31', '04-31', '06-31', '09-31', '11-31')
            then false
        when substring({{ expression }}, 6, 5) = '02-29'
            then mod(cast(substring({{ expression }}, 1, 4) as integer), 4) = 0
                and (
                    mod(cast(substring({{ expression }}, 1, 4) as integer), 100) <> 0
                    or mod(cast(substring({{ expression }}, 1, 4) as integer), 400) = 0
                )
        else true
    end
{%- endmacro %}

{#  ISO text (2026-01-31, 2026-01-31 08:15, 2026-01-31T08:15:00Z) to timestamp, else NULL. A
    trailing Z is dropped: say the zone with to_utc.  #}
{% macro safe_timestamp(expression) -%}
    {%- set text = segmentation.clean_text(expression) -%}
    case
        when
            {{ segmentation.regexp_like(
                text,
                '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?Z?)?$'
            ) }}
            and {{ segmentation.is_calendar_date(text) }}
            then cast(
                replace(replace({{ text }}, 'T', ' '), 'Z', '') as {{ dbt.type_timestamp() }}
            )
    end
{%- endmacro %}

{#  ISO text to date, else NULL.  #}
{% macro safe_date(expression) -%}
    {%- set text = segmentation.clean_text(expression) -%}
    case
        when
            {{ segmentation.regexp_like(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }}
            and {{ segmentation.is_calendar_date(text) }}
            then cast({{ text }} as date)
    end
{%- endmacro %}

{#
    A JSON object, as text, of the raw columns: what a reject shows of its row. Columns named in
    `personal` show "[personal]" instead of their value. Arguments: columns and personal, lists of
    column names. Returns text. Example: raw_values(['order_id', 'total'], personal=['email'])
#}
{% macro raw_values(columns, personal=[]) -%}
    {%- set pieces = [] -%}
    {%- for column in columns -%}
        {%- set text -%}
            replace(replace(replace(replace(replace(
                cast({{ column }} as {{ segmentation.portable_type('string') }}),
                chr(92), chr(92) || chr(92)), '"', chr(92) || '"'),
                chr(10), chr(92) || 'n'), chr(13), chr(92) || 'r'), chr(9), chr(92) || 't')
        {%- endset -%}
        {%- do pieces.append("'\"" ~ column ~ "\": ' || coalesce('\"' || " ~ text ~ " || '\"', 'null')") -%}
    {%- endfor -%}
    {%- for column in personal -%}
        {%- do pieces.append(
            "'\"" ~ column ~ "\": ' || case when " ~ column ~ " is null then 'null' else '\"[personal]\"' end"
        ) -%}
    {%- endfor -%}
    '{' || {{ pieces | join(" || ', ' || ") }} || '}'
{%- endmacro %}

{#
    A column of a contract-shaped file as its contract type. Parquet has types, which must fit; a CSV
    file has text, of which the unreadable becomes NULL, to be rejected with a reason. Arguments:
    column; type_name, one of timestamp, date, numeric(18, 4).
#}
{% macro file_value(column, type_name) -%}
    {%- if env_var('SEGMENTATION_FILES_FORMAT', 'parquet') != 'csv' -%}
        cast({{ column }} as {{ segmentation.portable_type(type_name) }})
    {%- elif type_name == 'timestamp' -%}
        {{ segmentation.safe_timestamp(column) }}
    {%- elif type_name == 'date' -%}
        {{ segmentation.safe_date(column) }}
    {%- else -%}
        {{ segmentation.safe_decimal(column) }}
    {%- endif -%}
{%- endmacro %}

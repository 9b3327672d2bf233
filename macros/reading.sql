{#
    What staging models need to type raw text without ever failing on it. Text that cannot be read
    becomes NULL here and stays readable in raw_values, so that the row is rejected with a reason.
#}

{#  Text to decimal(18, 4), NULL when it is no plain decimal of at most 13 digits before the point. ' -12.50 ' gives -12.5000.  #}
{% macro safe_decimal(expression) -%}
    case
        when {{ segmentation.regexp_like(segmentation.clean_text(expression), '^[+-]?[0-9]{1,13}([.][0-9]+)?$') }}
            then {{ segmentation.decimal_of(segmentation.clean_text(expression)) }}
    end
{%- endmacro %}

{#
    ISO text (2026-01-31, 2026-01-31 08:15, 2026-01-31T08:15:00Z) to timestamp, else NULL. A
    trailing Z is dropped: say the zone with to_utc.
#}
{% macro safe_timestamp(expression) -%}
    {%- set text = segmentation.clean_text(expression) -%}
    case
        when
            {{ segmentation.regexp_like(
                text,
                '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?Z?)?$'
            ) }}
            and {{ text }} not like '0000%'
            then {{ segmentation.cast_or_null(
                "replace(replace(" ~ text ~ ", 'T', ' '), 'Z', '')", 'timestamp'
            ) }}
    end
{%- endmacro %}

{#  ISO text to date, else NULL.  #}
{% macro safe_date(expression) -%}
    {%- set text = segmentation.clean_text(expression) -%}
    case
        when
            {{ segmentation.regexp_like(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }}
            and {{ text }} not like '0000%'
            then {{ segmentation.cast_or_null(text, 'date') }}
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
    column; type_name, one of timestamp, date, decimal(18, 4).
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

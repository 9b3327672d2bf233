{#
    The few primitives that engines spell differently. Each takes SQL expressions as text and
    returns one SQL expression; none knows anything about the business. Whatever dbt itself
    offers across databases (datediff, dateadd, hash, concat, ...) is used as it is.
#}

{#  A typed NULL. Arguments: type_name, a portable type. Example: null_of('string')  #}
{% macro null_of(type_name) -%}
    cast(null as {{ segmentation.portable_type(type_name) }})
{%- endmacro %}

{#
    The engine's name of a portable type: string, integer, bigint, boolean, date, timestamp,
    numeric(p, s). Example: portable_type('string') is varchar on DuckDB.
#}
{% macro portable_type(type_name) -%}
    {%- if type_name == 'string' -%}{{ api.Column.translate_type('string') }}
    {%- elif type_name == 'timestamp' -%}{{ dbt.type_timestamp() }}
    {%- else -%}{{ type_name }}
    {%- endif -%}
{%- endmacro %}

{#
    Text without blanks around it, NULL when nothing is left. Tabs, line ends, no-break and wide
    (Chinese) blanks count as blanks and become plain ones. Example: clean_text("' a '") gives 'a'.
#}
{% macro clean_text(expression) -%}
    {%- set text = namespace(sql='cast(' ~ expression ~ ' as ' ~ segmentation.portable_type('string') ~ ')') -%}
    {%- for code in [9, 10, 13, 160, 12288] -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ', chr(' ~ code ~ "), ' ')" -%}
    {%- endfor -%}
    nullif(trim({{ text.sql }}), '')
{%- endmacro %}

{#
    True when the text holds a match of the regular expression (POSIX classes, no look-around).
    Arguments: expression, text; pattern, a literal without quotes.
#}
{% macro regexp_like(expression, pattern) -%}
    {{ return(adapter.dispatch('regexp_like', 'segmentation')(expression, pattern)) }}
{%- endmacro %}

{% macro default__regexp_like(expression, pattern) -%}
    regexp_like({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro duckdb__regexp_like(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro bigquery__regexp_like(expression, pattern) -%}
    regexp_contains({{ expression }}, r'{{ pattern }}')
{%- endmacro %}

{#  The text without any match of the pattern. Arguments as regexp_like.  #}
{% macro regexp_remove(expression, pattern) -%}
    {{ return(adapter.dispatch('regexp_remove', 'segmentation')(expression, pattern)) }}
{%- endmacro %}

{% macro default__regexp_remove(expression, pattern) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '')
{%- endmacro %}

{% macro duckdb__regexp_remove(expression, pattern) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '', 'g')
{%- endmacro %}

{% macro postgres__regexp_remove(expression, pattern) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '', 'g')
{%- endmacro %}

{#
    Wall clock of one zone to wall clock of another, both timestamps without zone.
    Arguments: expression, timestamp; from_zone and to_zone, IANA names.
    Example: convert_zone('ordered_at', 'Asia/Shanghai', 'UTC')
#}
{% macro convert_zone(expression, from_zone, to_zone) -%}
    {%- if from_zone == to_zone -%}
        {{ expression }}
    {%- else -%}
        {{ return(adapter.dispatch('convert_zone', 'segmentation')(
            expression, from_zone | replace("'", "''"), to_zone | replace("'", "''")
        )) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__convert_zone(expression, from_zone, to_zone) -%}
    (({{ expression }} at time zone '{{ from_zone }}') at time zone '{{ to_zone }}')
{%- endmacro %}

{% macro spark__convert_zone(expression, from_zone, to_zone) -%}
    from_utc_timestamp(to_utc_timestamp({{ expression }}, '{{ from_zone }}'), '{{ to_zone }}')
{%- endmacro %}

{% macro snowflake__convert_zone(expression, from_zone, to_zone) -%}
    convert_timezone('{{ from_zone }}', '{{ to_zone }}', {{ expression }})
{%- endmacro %}

{% macro bigquery__convert_zone(expression, from_zone, to_zone) -%}
    datetime(timestamp({{ expression }}, '{{ from_zone }}'), '{{ to_zone }}')
{%- endmacro %}

{#  The median of a group (the mean of the middle two), an aggregate. Example: median('gap_days')  #}
{% macro median(expression) -%}
    {{ return(adapter.dispatch('median', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__median(expression) -%}
    percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}

{% macro duckdb__median(expression) -%}
    quantile_cont({{ expression }}, 0.5)
{%- endmacro %}

{#
    The quotient of two whole numbers, rounded half away from zero to some decimal places: exact, where
    the engines' own division is sometimes binary and sometimes decimal. NULL when dividing by
    zero. Good for quotients of up to 13 digits. Arguments: numerator and denominator, whole-number expressions, the denominator not
    negative; places, 0 to 4. Returns numeric(18, places). Example: divide('1', '8', 2) is 0.13.
#}
{% macro divide(numerator, denominator, places) -%}
    {%- set number = 'numeric(38, 0)' -%}
    {%- set twice_scaled -%}
        (cast(abs({{ numerator }}) as {{ number }}) * {{ 2 * 10 ** places }} + ({{ denominator }}))
    {%- endset -%}
    {%- set step = '(2 * cast(' ~ denominator ~ ' as numeric(28, 0)))' -%}
    case
        when ({{ denominator }}) > 0
            then cast(
                (case when ({{ numerator }}) < 0 then -1 else 1 end)
                * cast(
                    ({{ twice_scaled }} - mod({{ twice_scaled }}, {{ step }})) / {{ step }}
                    as numeric(18, 0)
                )
                * cast({{ '1' if places == 0 else '0.' ~ '0' * (places - 1) ~ '1' }} as numeric(5, 4))
                as numeric(18, {{ places }})
            )
    end
{%- endmacro %}

{#  An amount per piece, to the cent. Arguments: amount, numeric(18, 4); pieces, a whole number.  #}
{% macro amount_per(amount, pieces) -%}
    {{ segmentation.divide(
        'cast(cast(' ~ amount ~ ' as numeric(32, 4)) * 10000 as numeric(28, 0))',
        '10000 * cast(' ~ pieces ~ ' as bigint)',
        2
    ) }}
{%- endmacro %}

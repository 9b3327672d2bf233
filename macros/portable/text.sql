{#
    Text without blanks around it, NULL when nothing is left. Tabs, line ends, no-break and wide
    (Chinese) blanks count as blanks and become plain ones. Example: clean_text("' a '") gives 'a'.
#}
{% macro clean_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as ' ~ segmentation.portable_type('string') ~ ')' -%}
    nullif(trim({{ adapter.dispatch('plain_blanks', 'segmentation')(text) }}), '')
{%- endmacro %}

{#  chr() knows no character beyond 255 on Redshift and Spark: the wide ones stand for themselves.  #}
{% macro default__plain_blanks(text) -%}
    translate({{ text }}, chr(9) || chr(10) || chr(13) || '{{ "\u00a0\u3000" }}', '     ')
{%- endmacro %}

{#  Half the time of translate() there.  #}
{% macro duckdb__plain_blanks(text) -%}
    regexp_replace({{ text }}, '[\t\n\r\x{a0}\x{3000}]', ' ', 'g')
{%- endmacro %}

{% macro spark__plain_blanks(text) -%}
    translate({{ text }}, '\t\n\r\u00a0\u3000', '     ')
{%- endmacro %}

{#
    Text in lower case, in any script. Argument: expression, text. Example: lower_case("'Île'")
#}
{% macro lower_case(expression) -%}
    {{ return(adapter.dispatch('lower_case', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__lower_case(expression) -%}
    lower({{ expression }})
{%- endmacro %}

{#  Under the collation of byte_order it knows the letters of English only.  #}
{% macro postgres__lower_case(expression) -%}
    lower({{ expression }} collate "und-x-icu") collate "C"
{%- endmacro %}

{% macro redshift__lower_case(expression) -%}
    lower({{ expression }})
{%- endmacro %}

{#
    The nth part of a text that a separator divides, from 1; empty text where two separators meet.
    Arguments: expression, text; separator, one character as a Jinja text; number, an integer
    expression that is at most the number of parts. Example: nth_part('tags', ';', '2')
#}
{% macro nth_part(expression, separator, number) -%}
    {{ return(adapter.dispatch('nth_part', 'segmentation')(expression, segmentation.text_literal(separator), number)) }}
{%- endmacro %}

{% macro default__nth_part(expression, separator, number) -%}
    split_part({{ expression }}, {{ separator }}, cast({{ number }} as integer))
{%- endmacro %}

{#  The array doesn't leave the expression.  #}
{% macro bigquery__nth_part(expression, separator, number) -%}
    split({{ expression }}, {{ separator }})[safe_offset(cast({{ number }} as int64) - 1)]
{%- endmacro %}

{#
    A value of a var or list as a text literal: whatever is in it stays text. Argument: value, a
    Jinja text. Example: text_literal("O'Brien") is 'O''Brien' on DuckDB.
#}
{% macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'segmentation')(value | string)) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}

{#  A backslash escapes there, and two quotes are two texts.  #}
{% macro spark__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}

{% macro bigquery__text_literal(value) -%}
    {{ segmentation.spark__text_literal(value) }}
{%- endmacro %}

{% macro snowflake__text_literal(value) -%}
    {{ segmentation.spark__text_literal(value) }}
{%- endmacro %}

{#  As Postgres once did, before strings were as the standard has them.  #}
{% macro redshift__text_literal(value) -%}
    {{ segmentation.spark__text_literal(value) }}
{%- endmacro %}

{#
    A text as a JSON value: in quotes, with quotes, backslashes and control characters escaped. NULL
    stays NULL. Argument: expression, text. Example: json_text("'web'") is "web".
#}
{% macro json_text(expression) -%}
    {{ return(adapter.dispatch('json_text', 'segmentation')(expression)) }}
{%- endmacro %}

{#  The character 0 stays as it is: Postgres has no text with it.  #}
{% macro default__json_text(expression) -%}
    {%- set escapes = {8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r'} -%}
    {%- set escaped = namespace(sql='replace(replace(' ~ expression ~ ", chr(92), chr(92) || chr(92)), '\"', chr(92) || '\"')") -%}
    {%- for code in range(1, 32) -%}
        {%- set escape = escapes.get(code, 'u%04X' | format(code)) -%}
        {%- set escaped.sql = 'replace(' ~ escaped.sql ~ ', chr(' ~ code ~ "), chr(92) || '" ~ escape ~ "')" -%}
    {%- endfor -%}
    '"' || {{ escaped.sql }} || '"'
{%- endmacro %}

{#  The same, without thirty calls within each other.  #}
{% macro duckdb__json_text(expression) -%}
    case when {{ expression }} is not null then cast(to_json({{ expression }}) as varchar) end
{%- endmacro %}

{#
    A text that sorts, and is least or greatest, by its bytes and not by the language that a database
    was made for. Inputs are read through it, and what is derived from them keeps it.
    Argument: expression, text. Example: byte_order('order_id')
#}
{% macro byte_order(expression) -%}
    {{ return(adapter.dispatch('byte_order', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__byte_order(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro postgres__byte_order(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}

{#  Bytes are its only order.  #}
{% macro redshift__byte_order(expression) -%}
    {{ expression }}
{%- endmacro %}

{#
    True when the text holds a match of the regular expression (POSIX classes, no look-around, no
    backslash). Arguments: expression, text; pattern, a literal without quotes.
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

{#  Anchored at both ends by itself there.  #}
{% macro snowflake__regexp_like(expression, pattern) -%}
    (regexp_instr({{ expression }}, '{{ pattern }}') > 0)
{%- endmacro %}

{#  The function exists from version 15 on, the operator in all.  #}
{% macro postgres__regexp_like(expression, pattern) -%}
    ({{ expression }} ~ '{{ pattern }}')
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

{#  The fourth argument is a position there.  #}
{% macro redshift__regexp_remove(expression, pattern) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '')
{%- endmacro %}

{#
    The texts of a group joined by a separator, in their own order: an aggregate, and no array
    leaves it. Each text counts once. Arguments: expression, text; separator, a literal.
    Example: string_list('source_name', ', ')
#}
{% macro string_list(expression, separator) -%}
    {{ return(adapter.dispatch('string_list', 'segmentation')(expression, segmentation.text_literal(separator))) }}
{%- endmacro %}

{% macro default__string_list(expression, separator) -%}
    string_agg(distinct {{ expression }}, {{ separator }} order by {{ expression }})
{%- endmacro %}

{% macro spark__string_list(expression, separator) -%}
    nullif(array_join(array_sort(collect_set({{ expression }})), {{ separator }}), '')
{%- endmacro %}

{% macro snowflake__string_list(expression, separator) -%}
    nullif(listagg(distinct {{ expression }}, {{ separator }}) within group (order by {{ expression }}), '')
{%- endmacro %}

{% macro redshift__string_list(expression, separator) -%}
    listagg(distinct {{ expression }}, {{ separator }}) within group (order by {{ expression }})
{%- endmacro %}

{% macro trino__string_list(expression, separator) -%}
    array_join(array_sort(array_agg(distinct {{ expression }}) filter (where {{ expression }} is not null)), {{ separator }})
{%- endmacro %}

{#  dbt's own casts to text there, which is 256 characters: two longer keys would get one hash.  #}
{% macro redshift__hash(field) -%}
    md5(cast({{ field }} as {{ dbt.type_string() }}))
{%- endmacro %}

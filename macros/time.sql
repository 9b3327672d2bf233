{#
    The only clock of the project. as_of_date is a var; without it, the day dbt started the run, in
    the business time zone. No model asks the database what time it is.
#}

{#  The business day on which dbt started, or the var run_date. Returns text, YYYY-MM-DD.  #}
{% macro run_date() -%}
    {%- set given = segmentation.checked_var('run_date') -%}
    {%- if given is not none -%}
        {{- given -}}
    {%- else -%}
        {%- set zone = modules.pytz.timezone(segmentation.checked_var('business_timezone')) -%}
        {{- run_started_at.astimezone(zone).strftime('%Y-%m-%d') -}}
    {%- endif -%}
{%- endmacro %}

{#  The day the result speaks for. Returns text, YYYY-MM-DD.  #}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date', none) -%}
    {{- given if given is not none else segmentation.run_date() -}}
{%- endmacro %}

{#  Local wall clock of a zone to UTC. Example: to_utc('paid_at', 'Europe/London')  #}
{% macro to_utc(expression, zone) -%}
    {{ segmentation.convert_zone(expression, zone, 'UTC') }}
{%- endmacro %}

{#  UTC to the wall clock of the business time zone.  #}
{% macro to_business_time(expression) -%}
    {{ segmentation.convert_zone(expression, 'UTC', segmentation.checked_var('business_timezone')) }}
{%- endmacro %}

{#  The business day of a UTC timestamp. Returns a date.  #}
{% macro business_date(expression) -%}
    cast({{ segmentation.to_business_time(expression) }} as date)
{%- endmacro %}

{#  Tomorrow, seen from the run: a record dated later than this is an error. A date expression.  #}
{% macro last_known_day() -%}
    {%- set today = modules.datetime.datetime.strptime(segmentation.run_date() | trim, '%Y-%m-%d') -%}
    {{- segmentation.date_literal((today + modules.datetime.timedelta(days=1)).strftime('%Y-%m-%d')) -}}
{%- endmacro %}

{#  Orders rows without an updated_at before all others. A timestamp expression.  #}
{% macro updated_or_never(expression) -%}
    coalesce({{ expression }}, cast('1900-01-01 00:00:00' as {{ dbt.type_timestamp() }}))
{%- endmacro %}

{#
    Wall clock of one zone to wall clock of another, both timestamps without zone: the only place
    where a time zone is applied. Arguments: expression, timestamp; from_zone and to_zone, IANA
    names. Example: convert_zone('ordered_at', 'Asia/Shanghai', 'UTC')
#}
{% macro convert_zone(expression, from_zone, to_zone) -%}
    {%- if from_zone == to_zone -%}
        {{ expression }}
    {%- else -%}
        {{ return(adapter.dispatch('convert_zone', 'segmentation')(
            expression, segmentation.text_literal(from_zone), segmentation.text_literal(to_zone)
        )) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__convert_zone(expression, from_zone, to_zone) -%}
    (({{ expression }} at time zone {{ from_zone }}) at time zone {{ to_zone }})
{%- endmacro %}

{% macro spark__convert_zone(expression, from_zone, to_zone) -%}
    from_utc_timestamp(to_utc_timestamp({{ expression }}, {{ from_zone }}), {{ to_zone }})
{%- endmacro %}

{% macro snowflake__convert_zone(expression, from_zone, to_zone) -%}
    convert_timezone({{ from_zone }}, {{ to_zone }}, {{ expression }})
{%- endmacro %}

{% macro bigquery__convert_zone(expression, from_zone, to_zone) -%}
    timestamp(datetime(timestamp(datetime({{ expression }}), {{ from_zone }}), {{ to_zone }}))
{%- endmacro %}

{#  "at time zone" reads a timestamp without zone in that of the session there.  #}
{% macro trino__convert_zone(expression, from_zone, to_zone) -%}
    cast(
        at_timezone(with_timezone({{ expression }}, {{ from_zone }}), {{ to_zone }}) as {{ dbt.type_timestamp() }}
    )
{%- endmacro %}

{#
    Spark keeps a timestamp as an instant and shows it in the zone of the session: in any other than
    UTC the wall clocks of this project would move. Returns the sentences to stop the run with.
#}
{% macro session_zone_problems() %}
    {{ return(adapter.dispatch('session_zone_problems', 'segmentation')()) }}
{% endmacro %}

{% macro default__session_zone_problems() %}
    {{ return([]) }}
{% endmacro %}

{% macro spark__session_zone_problems() %}
    {% if flags.WHICH not in ['run', 'build', 'seed', 'test', 'snapshot'] %}{{ return([]) }}{% endif %}
    {% set zone = run_query('select current_timezone()').rows[0][0] %}
    {{ return([] if zone in ['UTC', 'Etc/UTC', 'GMT', 'Z', 'Etc/GMT'] else [
        'The Spark session is in the time zone ' ~ zone ~ ', and timestamps would move by it: set'
        ~ ' spark.sql.session.timeZone to UTC in server_side_parameters of profiles.yml.'
    ]) }}
{% endmacro %}

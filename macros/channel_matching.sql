{#
    True when a value meets a pattern of the channel rules: a blank pattern meets anything, (none)
    only a missing value, any other is a LIKE pattern. Arguments: value, lower-cased and '' when
    missing; pattern, a column.
#}
{% macro matches_pattern(value, pattern) -%}
    (
        {{ pattern }} is null
        or {{ pattern }} = ''
        or ({{ pattern }} = '(none)' and {{ value }} = '')
        or {{ value }} like {{ pattern }}
    )
{%- endmacro %}

{#
    A touch as one number in which the earlier is smaller and, at the same second, the channel of
    lower rank: seconds since 2000 times 100 plus rank. rank_of_touch takes the rank back out,
    time_of_touch the moment, to the second.
    Arguments: moment, a timestamp; rank, an integer from 0 to 99.
#}
{% macro touch_position(moment, rank) -%}
    cast({{ dbt.datediff("cast('2000-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ")", moment, 'second') }} as bigint)
    * 100 + {{ rank }}
{%- endmacro %}

{% macro rank_of_touch(position) -%}
    mod(mod({{ position }}, 100) + 100, 100)
{%- endmacro %}

{% macro time_of_touch(position) -%}
    {{ segmentation.add_seconds(
        "cast('2000-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ')',
        'cast((' ~ position ~ ' - ' ~ segmentation.rank_of_touch(position) ~ ') / 100 as bigint)'
    ) }}
{%- endmacro %}

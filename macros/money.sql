{#
    An amount in the reporting currency, numeric(18, 4). What was booked in that currency stays as
    it is, sub-cent prices included, so that sums equal the source's; what is converted is rounded
    to the cent, once. Arguments: amount, currency and rate, SQL expressions.
#}
{% macro to_reporting_currency(amount, currency, rate) -%}
    case
        when {{ currency }} = '{{ var("reporting_currency") }}'
            then cast({{ amount }} as numeric(18, 4))
        else cast(
            round(cast({{ amount }} as numeric(20, 4)) * {{ rate }}, 2) as numeric(18, 4)
        )
    end
{%- endmacro %}

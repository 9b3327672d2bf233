{#
    An amount in the reporting currency, decimal(18, 4). What was booked in that currency stays as
    it is, sub-cent prices included, so that sums equal the source's; what is converted is rounded
    to the cent, once. Arguments: amount, currency and rate, SQL expressions.
#}
{% macro to_reporting_currency(amount, currency, rate) -%}
    case
        when {{ currency }} = '{{ var("reporting_currency") }}'
            then {{ segmentation.decimal_of(amount) }}
        else {{ segmentation.decimal_of(
            segmentation.decimal_of(segmentation.exact_product(amount, rate), 18, 2)
        ) }}
    end
{%- endmacro %}

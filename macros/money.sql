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

{#
    What a line comes to, in its own currency, decimal(18, 4): quantity x price. NULL when either is
    missing, the quantity is a billion or more, or the amount has more than 13 digits before the
    point. Arguments: quantity and unit_price, decimal(18, 4). Example: line_amount('2', '9.95')
#}
{% macro line_amount(quantity, unit_price) -%}
    {%- set amount -%}
        case
            when abs({{ quantity }}) < 1000000000
                then case
                    when abs({{ segmentation.exact_product(unit_price, quantity) }}) < 10000000000000
                        then {{ segmentation.exact_product(unit_price, quantity) }}
                end
        end
    {%- endset -%}
    {{ segmentation.decimal_of(amount) }}
{%- endmacro %}

{#
    An amount x part / whole, rounded half away from zero, once: decimal(18, 4), exact below 100
    billion. The discount of an order on one of its lines, or a line at the rate of its order. NULL
    when the whole is not above zero. Arguments: amount; part and whole, which are not negative.
    Example: scaled_amount('10', '80', '100') is 8.
#}
{% macro scaled_amount(amount, part, whole) -%}
    {%- set units = {} -%}
    {%- for name, expression, digits in [('amount', 'abs(' ~ amount ~ ')', 19), ('part', part, 18), ('whole', whole, 28)] -%}
        {%- do units.update({name: segmentation.decimal_of(
            segmentation.decimal_of(expression, 32, 4) ~ ' * 10000', digits, 0
        )}) -%}
    {%- endfor -%}
    {%- set twice = '(2 * ' ~ units.amount ~ ' * ' ~ units.part ~ ' + ' ~ units.whole ~ ')' -%}
    {%- set step = '(2 * ' ~ units.whole ~ ')' -%}
    case
        when {{ whole }} > 0 and {{ part }} = {{ whole }} then {{ segmentation.decimal_of(amount) }}
        when {{ whole }} > 0
            then {{ segmentation.decimal_of(
                '(case when ' ~ amount ~ ' < 0 then -1 else 1 end) * '
                ~ segmentation.decimal_of('(' ~ twice ~ ' - mod(' ~ twice ~ ', ' ~ step ~ ')) / ' ~ step, 20, 0)
                ~ ' * ' ~ segmentation.decimal_of("'0.0001'", 5, 4)
            ) }}
    end
{%- endmacro %}

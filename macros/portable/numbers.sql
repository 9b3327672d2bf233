{#
    The product of an amount (four places) and a rate (eight), exact, with twelve places. Arguments:
    amount and rate, decimals of up to 18 digits. Example: exact_product('gross_amount', 'rate')
#}
{% macro exact_product(amount, rate) -%}
    {{ return(adapter.dispatch('exact_product', 'segmentation')(amount, rate)) }}
{%- endmacro %}

{#  Two decimals of 18 digits: one digit more, and Spark would cut a place off the product.  #}
{% macro default__exact_product(amount, rate) -%}
    {{ segmentation.decimal_of(amount, 18, 4) }} * {{ segmentation.decimal_of(rate, 18, 8) }}
{%- endmacro %}

{#  Two decimals of 18 digits are multiplied in 64 bits there, and overflow from ten million on.  #}
{% macro duckdb__exact_product(amount, rate) -%}
    {{ segmentation.decimal_of(amount, 20, 4) }} * {{ segmentation.decimal_of(rate, 18, 8) }}
{%- endmacro %}

{% macro bigquery__exact_product(amount, rate) -%}
    cast({{ amount }} as bignumeric) * cast({{ rate }} as bignumeric)
{%- endmacro %}

{#
    The whole part of the quotient of two whole numbers that are not negative, a bigint. Engines
    disagree on 7 / 2. Example: whole_quotient('7', '2') is 3.
#}
{% macro whole_quotient(numerator, denominator) -%}
    cast((({{ numerator }}) - mod({{ numerator }}, {{ denominator }})) / ({{ denominator }}) as bigint)
{%- endmacro %}

{#
    The quotient of two whole numbers, rounded half away from zero to some decimal places: exact,
    where the engines' own division is sometimes binary and sometimes decimal. NULL when dividing by
    zero. Good for quotients of up to 13 digits. Arguments: numerator and denominator, whole-number
    expressions, the denominator not negative; places, 0 to 4. Returns decimal(18, places).
    Example: divide('1', '8', 2) is 0.13.
#}
{% macro divide(numerator, denominator, places) -%}
    {%- set twice_scaled -%}
        ({{ segmentation.decimal_of('abs(' ~ numerator ~ ')', 38, 0) }} * {{ 2 * 10 ** places }} + ({{ denominator }}))
    {%- endset -%}
    {%- set step = '(2 * ' ~ segmentation.decimal_of(denominator, 28, 0) ~ ')' -%}
    {%- set unit = '1' if places == 0 else '0.' ~ '0' * (places - 1) ~ '1' -%}
    {%- set quotient -%}
        case
            when ({{ denominator }}) > 0
                then (case when ({{ numerator }}) < 0 then -1 else 1 end)
                * {{ segmentation.decimal_of(
                    '(' ~ twice_scaled ~ ' - mod(' ~ twice_scaled ~ ', ' ~ step ~ ')) / ' ~ step, 18, 0
                ) }}
                * {{ segmentation.decimal_of(unit, 5, 4) }}
        end
    {%- endset -%}
    {{ segmentation.decimal_of(quotient, 18, places) }}
{%- endmacro %}

{#  An amount per piece, to the cent. Arguments: amount, decimal(18, 4); pieces, a whole number.  #}
{% macro amount_per(amount, pieces) -%}
    {{ segmentation.divide(
        segmentation.decimal_of(segmentation.decimal_of(amount, 32, 4) ~ ' * 10000', 28, 0),
        '10000 * cast(' ~ pieces ~ ' as bigint)',
        2
    ) }}
{%- endmacro %}

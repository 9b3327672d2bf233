{#
    A test of a primitive: the cases, each an SQL expression and what it must read as once cast to
    text, that come out otherwise. Arguments: cases, a list of (expression, text or none); none
    stands for NULL. Example: literal_cases([("whole_quotient...", "3")])
#}
{% macro literal_cases(cases) -%}
    with cases as (
        {%- for expression, expected in cases %}
        select
            {{ loop.index }} as case_number,
            cast({{ expression }} as {{ segmentation.portable_type('string') }}) as actual,
            {{ segmentation.null_of('string') if expected is none else segmentation.text_literal(expected) }} as expected
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    )

    select
        case_number,
        actual,
        expected
    from cases
    where coalesce(actual, '(null)') <> coalesce(expected, '(null)')
{%- endmacro %}

{#
    One row per as_of_date and percentage that an audience asks for: the value from which on (top)
    or up to which (bottom) a buyer is in. Key: as_of_date, cut_number. Some buyer has the value:
    fewer than so many percent of the buyers are beyond it, and equal values are in together.
#}
{%- set cut_points = segmentation.audience_plan().cut_points %}
{%- set fields = cut_points | map(attribute='field') | unique | list %}
with profiles as (
    select * from {{ ref('int_customer_profiles') }}
),

buyers as (
    select
        {%- for field in fields %}
        {{ segmentation.decimal_of(field, 28, 8) }} as value_{{ loop.index }},
        {%- endfor %}
        as_of_date
    from profiles
    where order_count > 0
),

counted as (
    {%- for field in fields %}
    select
        as_of_date,
        {{ segmentation.text_literal(field) }} as field,
        value_{{ loop.index }} as field_value,
        count(*) as customer_count
    from buyers
    where value_{{ loop.index }} is not null
    group by as_of_date, value_{{ loop.index }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        as_of_date,
        {{ segmentation.null_of('string') }} as field,
        {{ segmentation.null_of('decimal(28, 8)') }} as field_value,
        0 as customer_count
    from buyers
    where as_of_date is null
    {%- endfor %}
),

ranked as (
    select
        as_of_date,
        field,
        field_value,
        customer_count,
        cast(sum(customer_count) over (partition by as_of_date, field) as bigint)
            as customers_in_all,
        cast(
            sum(customer_count) over (partition by as_of_date, field order by field_value) as bigint
        ) as customers_up_to
    from counted
),

sided as (
    {%- for cut in cut_points %}
    {%- set beyond = (
        'customers_in_all - customers_up_to' if cut.side == 'top'
        else 'customers_up_to - customer_count'
    ) %}
    select
        as_of_date,
        {{ loop.index }} as cut_number,
        field,
        '{{ cut.side }}' as side,
        {{ segmentation.decimal_of(cut.percent, 7, 4) }} as percentage,
        {{ segmentation.decimal_of(
            ('min' if cut.side == 'top' else 'max') ~ '(field_value)', 28, 8
        ) }} as cut_value
    from ranked
    where
        field = {{ segmentation.text_literal(cut.field) }}
        and ({{ beyond }}) * 100
        < customers_in_all * {{ segmentation.decimal_of(cut.percent, 7, 4) }}
    group by as_of_date, field
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        as_of_date,
        0 as cut_number,
        field,
        {{ segmentation.null_of('string') }} as side,
        {{ segmentation.null_of('decimal(7, 4)') }} as percentage,
        field_value as cut_value
    from ranked
    {%- endfor %}
),

final as (
    select
        as_of_date,
        cut_number,
        field,
        side,
        percentage,
        cut_value
    from sided
)

select * from final

{#
    One row per customer and as_of_date with its activity. Key: customer_number, as_of_date.
    The first line of the rule that holds decides, so that new and active never overlap; it is the
    macro activity_rule, which the explanations apply too.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

aged as (
    select
        customer_number,
        as_of_date,
        order_count,
        recency_days,
        tenure_days,
        {{ segmentation.days_between('registered_date', 'as_of_date') }} as registered_days
    from metrics
),

final as (
    select
        customer_number,
        as_of_date,
        {{ segmentation.activity_rule(
            'order_count', 'recency_days', 'tenure_days', 'registered_days'
        ) }} as segment_id
    from aged
)

select * from final

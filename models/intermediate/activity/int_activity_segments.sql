{#
    One row per customer and as_of_date with its activity. Key: customer_number, as_of_date.
    The first line of the case that holds decides, so that new and active never overlap.
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
        case
            when order_count = 0 then 'prospect'
            when
                order_count = 1
                and (
                    tenure_days <= {{ var('activity_new_days') }}
                    or registered_days <= {{ var('activity_new_days') }}
                )
                then 'new'
            when recency_days <= {{ var('activity_active_days') }} then 'active'
            when recency_days <= {{ var('activity_lost_days') }} then 'dormant'
            else 'lost'
        end as segment_id
    from aged
)

select * from final

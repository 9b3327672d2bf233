-- Which acquisition channels bring customers who come back, not just customers?
with channel_performance as (
    select * from {{ ref('channel_performance') }}
),

final as (
    select
        channel_id,
        label_en,
        label_zh,
        customer_count,
        conversion_share,
        retention_share,
        net_revenue,
        {{ segmentation.amount_per('net_revenue', 'customer_count') }} as revenue_per_customer_won
    from channel_performance
    where channel_kind = 'acquisition' and customer_count > 0
)

select * from final
order by retention_share desc, channel_id

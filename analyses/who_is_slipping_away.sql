-- Which of the best customers have missed an order they would normally have placed by now?
-- Best: champions and loyal customers by RFM. Slipping: silent for twice their own rhythm.
with customers as (
    select * from {{ ref('customers') }}
),

final as (
    select
        customer_id,
        rfm_segment,
        lifecycle_segment,
        order_count,
        net_revenue,
        recency_days,
        rhythm_days,
        overdue_ratio
    from customers
    where
        rfm_segment in ('champions', 'loyal_customers')
        and lifecycle_segment in ('declining', 'churned')
        and rhythm_source = 'own'
)

select * from final
order by net_revenue desc, customer_id

-- Are customers who buy in several channels worth more than the others with as many orders?
-- Compared within the same number of orders, as more orders alone make more channels likely.
with customers as (
    select * from {{ ref('customers') }}
),

banded as (
    select
        case
            when order_count <= 3 then '2-3'
            when order_count <= 7 then '4-7'
            else '8 and more'
        end as orders_placed,
        is_omnichannel,
        net_revenue,
        order_count
    from customers
    where order_count >= 2
),

final as (
    select
        orders_placed,
        is_omnichannel,
        count(*) as customers,
        {{ segmentation.amount_per('sum(net_revenue)', 'count(*)') }} as revenue_per_customer,
        {{ segmentation.amount_per('sum(net_revenue)', 'sum(order_count)') }} as average_order_value
    from banded
    group by orders_placed, is_omnichannel
)

select * from final
order by orders_placed, is_omnichannel

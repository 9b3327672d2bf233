-- How many days pass between the first and the second purchase, by acquisition channel?
-- A first order without a second one yet counts in one_time_buyers, not in the median.
with orders as (
    select * from {{ ref('orders') }}
),

customers as (
    select * from {{ ref('customers') }}
),

later_days as (
    select
        orders.customer_id,
        min(orders.order_date) as second_date
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    where orders.is_valid and orders.order_date > customers.first_order_date
    group by orders.customer_id
),

final as (
    select
        customers.acquisition_channel,
        count(*) as buyers,
        sum(case when later_days.customer_id is null then 1 else 0 end) as one_time_buyers,
        {{ segmentation.median(
            segmentation.days_between('customers.first_order_date', 'later_days.second_date')
        ) }} as median_days_to_second
    from customers
    left join later_days
        on customers.customer_id = later_days.customer_id
    where customers.order_count > 0
    group by customers.acquisition_channel
)

select * from final
order by buyers desc, acquisition_channel

{#
    One row per customer, as_of_date and purchase channel: valid orders known by then.
    Key: customer_number, as_of_date, purchase_channel. The one pass over all orders; everything per
    customer is summed up from here. first_touch packs time and rank of a marketing channel.
#}
with orders as (
    select * from {{ ref('int_orders') }}
),

order_channels as (
    select * from {{ ref('int_order_channels') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

final as (
    select
        orders.customer_number,
        as_of_dates.as_of_date,
        order_channels.purchase_channel,
        count(*) as order_count,
        {{ segmentation.decimal_of('sum(orders.gross_amount)', 28, 4) }} as gross_amount,
        {{ segmentation.decimal_of('sum(orders.paid_amount)', 28, 4) }} as paid_amount,
        min(orders.ordered_at) as first_ordered_at,
        min(orders.order_date) as first_order_date,
        max(orders.order_date) as last_order_date,
        max(orders.ordered_at) as last_ordered_at,
        min(
            case
                when order_channels.marketing_channel not in ('direct', 'unassigned')
                    then {{ segmentation.touch_position(
                        'orders.ordered_at', 'order_channels.marketing_channel_rank'
                    ) }}
            end
        ) as first_touch,
        max(case when order_channels.marketing_channel = 'direct' then 1 else 0 end)
            as direct_touches
    from orders
    inner join order_channels
        on orders.profile_number = order_channels.profile_number
    cross join as_of_dates
    where
        orders.is_valid
        and orders.customer_number is not null
        and orders.order_date < as_of_dates.as_of_date
    group by orders.customer_number, as_of_dates.as_of_date, order_channels.purchase_channel
)

select * from final

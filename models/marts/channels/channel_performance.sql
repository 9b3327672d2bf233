{#
    One row per as_of_date, kind and channel. Key: as_of_date, channel_kind, channel_id.
    acquisition: the customers a channel won and all they did since. purchase: the orders placed in
    a channel; refunds follow their order, and those that name no known order are in channel none.
#}
with channels as (
    select * from {{ ref('channels') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

acquisition_channels as (
    select * from {{ ref('int_acquisition_channels') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

channel_orders as (
    select * from {{ ref('int_customer_channel_orders') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

order_channels as (
    select * from {{ ref('int_order_channels') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

won as (
    select
        acquisition_channels.as_of_date,
        'acquisition' as channel_kind,
        acquisition_channels.segment_id as channel_id,
        count(*) as customer_count,
        sum(case when metrics.order_count > 0 then 1 else 0 end) as buyer_count,
        sum(case when metrics.order_count > 1 then 1 else 0 end) as repeat_buyer_count,
        sum(metrics.order_count) as order_count,
        sum(metrics.gross_revenue - metrics.discount_amount) as paid_revenue,
        sum(metrics.refund_amount) as refund_amount
    from acquisition_channels
    inner join metrics
        on
            acquisition_channels.customer_number = metrics.customer_number
            and acquisition_channels.as_of_date = metrics.as_of_date
    group by acquisition_channels.as_of_date, acquisition_channels.segment_id
),

bought as (
    select
        as_of_date,
        'purchase' as channel_kind,
        purchase_channel as channel_id,
        count(*) as buyer_count,
        sum(case when order_count > 1 then 1 else 0 end) as repeat_buyer_count,
        sum(order_count) as order_count,
        sum(paid_amount) as paid_revenue
    from channel_orders
    group by as_of_date, purchase_channel
),

refunded as (
    select
        as_of_dates.as_of_date,
        'purchase' as channel_kind,
        coalesce(refunds.purchase_channel, 'none') as channel_id,
        sum(refunds.refund_amount) as refund_amount
    from refunds
    inner join as_of_dates
        on refunds.refund_date < as_of_dates.as_of_date
    where refunds.is_counted and refunds.customer_number is not null
    group by as_of_dates.as_of_date, coalesce(refunds.purchase_channel, 'none')
),

unidentified as (
    select
        as_of_dates.as_of_date,
        'purchase' as channel_kind,
        order_channels.purchase_channel as channel_id,
        count(*) as order_count,
        sum(orders.paid_amount) as paid_revenue
    from orders
    inner join order_channels
        on orders.profile_number = order_channels.profile_number
    cross join as_of_dates
    where
        orders.is_valid
        and orders.customer_number is null
        and orders.order_date < as_of_dates.as_of_date
    group by as_of_dates.as_of_date, order_channels.purchase_channel
),

counted as (
    select
        as_of_dates.as_of_date,
        channels.channel_kind,
        channels.channel_id,
        channels.channel_rank,
        case
            when channels.channel_kind = 'purchase' and channels.channel_id = 'none'
                then 'Refunds without a known order'
            else channels.label_en
        end as label_en,
        case
            when channels.channel_kind = 'purchase' and channels.channel_id = 'none'
                then '未关联订单的退款'
            else channels.label_zh
        end as label_zh,
        case when channels.channel_kind = 'acquisition' then coalesce(won.customer_count, 0) end
            as customer_count,
        coalesce(won.buyer_count, bought.buyer_count, 0) as buyer_count,
        coalesce(won.repeat_buyer_count, bought.repeat_buyer_count, 0) as repeat_buyer_count,
        coalesce(won.order_count, bought.order_count, 0) as order_count,
        coalesce(won.paid_revenue, bought.paid_revenue, 0) as paid_revenue,
        coalesce(won.refund_amount, refunded.refund_amount, 0) as refund_amount,
        coalesce(unidentified.order_count, 0) as unidentified_order_count,
        coalesce(unidentified.paid_revenue, 0) as unidentified_revenue
    from as_of_dates
    cross join channels
    left join won
        on
            as_of_dates.as_of_date = won.as_of_date
            and channels.channel_kind = won.channel_kind
            and channels.channel_id = won.channel_id
    left join bought
        on
            as_of_dates.as_of_date = bought.as_of_date
            and channels.channel_kind = bought.channel_kind
            and channels.channel_id = bought.channel_id
    left join refunded
        on
            as_of_dates.as_of_date = refunded.as_of_date
            and channels.channel_kind = refunded.channel_kind
            and channels.channel_id = refunded.channel_id
    left join unidentified
        on
            as_of_dates.as_of_date = unidentified.as_of_date
            and channels.channel_kind = unidentified.channel_kind
            and channels.channel_id = unidentified.channel_id
),

final as (
    select
        as_of_date,
        channel_kind,
        channel_id,
        label_en,
        label_zh,
        cast(channel_rank as integer) as channel_rank,
        cast(customer_count as integer) as customer_count,
        cast(buyer_count as integer) as buyer_count,
        {{ segmentation.divide('buyer_count', 'customer_count', 4) }} as conversion_share,
        cast(repeat_buyer_count as integer) as repeat_buyer_count,
        {{ segmentation.divide('repeat_buyer_count', 'buyer_count', 4) }} as retention_share,
        cast(order_count as integer) as order_count,
        {{ segmentation.decimal_of('paid_revenue') }} as paid_revenue,
        {{ segmentation.decimal_of('refund_amount') }} as refund_amount,
        {{ segmentation.decimal_of('paid_revenue - refund_amount') }} as net_revenue,
        {{ segmentation.amount_per('paid_revenue - refund_amount', 'order_count') }}
            as average_order_value,
        cast(unidentified_order_count as integer) as unidentified_order_count,
        {{ segmentation.decimal_of('unidentified_revenue') }} as unidentified_revenue
    from counted
)

select * from final

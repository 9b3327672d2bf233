{#
    One row per customer and as_of_date: why it is in its purchase channel, and what would move it.
    Key: customer_number, as_of_date, segmentation_id. A further order is the latest, so the channel
    in second place overtakes as soon as it has as many orders and as much paid.
#}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

purchase_channels as (
    select * from {{ ref('int_purchase_channels') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        coalesce(purchase_channels.channel_count, 0) as channel_count,
        purchase_channels.segment_id as first_channel,
        purchase_channels.first_order_count,
        purchase_channels.first_paid_amount,
        purchase_channels.first_ordered_at,
        purchase_channels.second_channel,
        purchase_channels.second_order_count,
        purchase_channels.second_paid_amount,
        purchase_channels.second_ordered_at,
        purchase_channels.first_order_count - purchase_channels.second_order_count as orders_ahead
    from customers
    left join purchase_channels
        on
            customers.customer_number = purchase_channels.customer_number
            and customers.as_of_date = purchase_channels.as_of_date
),

needed as (
    select
        known.*,
        case when orders_ahead > 0 then orders_ahead else 1 end as orders_needed,
        case
            when orders_ahead > 0
                then {{ segmentation.cents_up('first_paid_amount - second_paid_amount') }}
        end as amount_ahead
    from known
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'purchase_channel' as segmentation_id,
        coalesce(first_channel, 'none') as segment_id,
        {{ segmentation.facts_object([
            ('channel_count', segmentation.text_of('channel_count')),
            ('first_channel', segmentation.json_text('first_channel')),
            ('first_order_count', segmentation.text_of('first_order_count')),
            ('first_paid_amount', segmentation.amount_text('first_paid_amount')),
            ('second_channel', segmentation.json_text('second_channel')),
            ('second_order_count', segmentation.text_of('second_order_count')),
            ('second_paid_amount', segmentation.amount_text('second_paid_amount')),
        ]) }} as facts,
        case
            when channel_count < 2
                then 'channel_count ' || {{ segmentation.text_of('channel_count') }}
            when orders_ahead > 0
                then
                    'first_order_count ' || {{ segmentation.text_of('first_order_count') }}
                    || ' > second_order_count ' || {{ segmentation.text_of('second_order_count') }}
            when first_paid_amount > second_paid_amount
                then
                    'first_paid_amount ' || {{ segmentation.amount_text('first_paid_amount') }}
                    || ' > second_paid_amount '
                    || {{ segmentation.amount_text('second_paid_amount') }}
            when first_ordered_at > second_ordered_at
                then
                    'first_ordered_at ' || {{ segmentation.sortable_time('first_ordered_at') }}
                    || ' > second_ordered_at '
                    || {{ segmentation.sortable_time('second_ordered_at') }}
            else 'first_channel ' || first_channel || ' < second_channel ' || second_channel
        end as decided_by,
        second_channel as nearest_segment_id,
        case when channel_count <> 1 then 'orders' end as change_kind,
        {{ segmentation.decimal_of('case when channel_count <> 1 then orders_needed end', 18, 2) }}
            as change_quantity,
        {{ segmentation.decimal_of(
            'case when amount_ahead > orders_needed * ' ~ cent ~ ' then amount_ahead end', 18, 2
        ) }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        second_channel as change_detail
    from needed
)

select * from final

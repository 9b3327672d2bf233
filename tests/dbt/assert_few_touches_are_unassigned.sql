{{ config(severity='warn') }}
-- Warns when more than one touch in twenty finds no rule. Usually a new campaign or a misspelt
-- source: look at int_touch_channels and add a rule to the seed channel_rules.
with touches as (
    select
        touch_channels.channel_id,
        count(*) as order_count
    from {{ ref('int_accepted_orders') }} as orders
    inner join {{ ref('int_touch_channels') }} as touch_channels
        on
            {{ segmentation.touch_handle(
                'orders.utm_source', 'orders.utm_medium', 'orders.utm_campaign'
            ) }} = touch_channels.touch_handle
    group by touch_channels.channel_id
)

select
    sum(case when channel_id = 'unassigned' then order_count else 0 end) as unassigned_orders,
    sum(order_count) as orders
from touches
having sum(case when channel_id = 'unassigned' then order_count else 0 end) * 20 > sum(order_count)

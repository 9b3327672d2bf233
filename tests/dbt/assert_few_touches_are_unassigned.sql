{{ config(severity='warn') }}
-- Warns when more than one touch in twenty finds no rule. Usually a new campaign or a misspelt
-- source: look at int_touch_channels and add a rule to the seed channel_rules.
with touches as (
    select
        order_channels.marketing_channel as channel_id,
        count(*) as order_count
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_order_channels') }} as order_channels
        on orders.profile_number = order_channels.profile_number
    group by order_channels.marketing_channel
)

select
    sum(case when channel_id = 'unassigned' then order_count else 0 end) as unassigned_orders,
    sum(order_count) as orders
from touches
having sum(case when channel_id = 'unassigned' then order_count else 0 end) * 20 > sum(order_count)

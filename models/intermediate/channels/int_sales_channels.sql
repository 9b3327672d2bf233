{#
    One row per distinct sales channel as written on orders, with its purchase channel from the
    seed sales_channel_map. Key: sales_channel ('' where the order names none).
#}
with order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

sales_channel_map as (
    select * from {{ ref('sales_channel_map') }}
),

written as (
    select distinct sales_channel
    from order_profiles
),

final as (
    select
        written.sales_channel,
        coalesce(sales_channel_map.channel_id, 'other') as channel_id
    from written
    left join sales_channel_map
        on lower(trim(written.sales_channel)) = sales_channel_map.sales_channel
)

select * from final

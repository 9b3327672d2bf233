{#
    One row per order profile with the channels its orders came through: where they were placed and
    what led to them. Key: profile_number.
#}
with order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

sales_channels as (
    select * from {{ ref('int_sales_channels') }}
),

touch_channels as (
    select * from {{ ref('int_touch_channels') }}
),

final as (
    select
        order_profiles.profile_number,
        sales_channels.channel_id as purchase_channel,
        touch_channels.channel_id as marketing_channel,
        touch_channels.channel_rank as marketing_channel_rank
    from order_profiles
    left join sales_channels
        on order_profiles.sales_channel = sales_channels.sales_channel
    left join touch_channels
        on
            order_profiles.utm_source = touch_channels.source_written
            and order_profiles.utm_medium = touch_channels.medium_written
            and order_profiles.utm_campaign = touch_channels.campaign_written
)

select * from final

{#
    One row per distinct source, medium and campaign found on orders and contacts, with the
    acquisition channel of the first rule that matches. Key: touch_handle. Rules and their order
    are the seed channel_rules; LIKE patterns on lower-cased text.
#}
with orders as (
    select * from {{ ref('int_accepted_orders') }}
),

contacts as (
    select * from {{ ref('int_contact_rows') }}
),

channel_rules as (
    select * from {{ ref('channel_rules') }}
),

channel_sources as (
    select * from {{ ref('channel_sources') }}
),

channels as (
    select * from {{ ref('channels') }}
    where channel_kind = 'acquisition'
),

written as (
    select distinct
        utm_source as source,
        utm_medium as medium,
        utm_campaign as campaign
    from orders
    union
    select distinct
        acquisition_source as source,
        acquisition_medium as medium,
        acquisition_campaign as campaign
    from contacts
),

normalised as (
    select
        {{ segmentation.touch_handle('source', 'medium', 'campaign') }} as touch_handle,
        coalesce(lower(trim(source)), '') as source,
        coalesce(lower(trim(medium)), '') as medium,
        coalesce(lower(trim(campaign)), '') as campaign
    from written
),

categorised as (
    select
        normalised.touch_handle,
        channel_sources.source_category,
        row_number() over (
            partition by normalised.touch_handle
            order by channel_sources.pattern_order
        ) as place
    from normalised
    inner join channel_sources
        on normalised.source like channel_sources.source_pattern
),

described as (
    select
        normalised.touch_handle,
        normalised.source,
        normalised.medium,
        normalised.campaign,
        coalesce(categorised.source_category, '') as source_category
    from normalised
    left join categorised
        on
            normalised.touch_handle = categorised.touch_handle
            and categorised.place = 1
),

matched as (
    select
        described.touch_handle,
        channel_rules.channel_id,
        row_number() over (
            partition by described.touch_handle
            order by channel_rules.rule_order
        ) as place
    from described
    inner join channel_rules
        on
            {{ segmentation.matches_pattern(
                'described.source', 'channel_rules.source_pattern'
            ) }}
            and {{ segmentation.matches_pattern(
                'described.medium', 'channel_rules.medium_pattern'
            ) }}
            and {{ segmentation.matches_pattern(
                'described.campaign', 'channel_rules.campaign_pattern'
            ) }}
            and (
                channel_rules.source_category is null
                or channel_rules.source_category = ''
                or described.source_category = channel_rules.source_category
            )
),

final as (
    select
        described.touch_handle,
        described.source,
        described.medium,
        described.campaign,
        coalesce(matched.channel_id, 'unassigned') as channel_id,
        channels.channel_rank
    from described
    left join matched
        on
            described.touch_handle = matched.touch_handle
            and matched.place = 1
    left join channels
        on coalesce(matched.channel_id, 'unassigned') = channels.channel_id
)

select * from final

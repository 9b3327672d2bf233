{#
    One row per distinct source, medium and campaign as written on orders and contacts ('' where
    missing), with the acquisition channel of the first rule that matches. Key: source_written,
    medium_written, campaign_written. Rules and their order are the seed channel_rules.
#}
with order_profiles as (
    select * from {{ ref('int_order_profiles') }}
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

touches as (
    select
        utm_source as source_written,
        utm_medium as medium_written,
        utm_campaign as campaign_written
    from order_profiles
    union all
    select
        coalesce(acquisition_source, '') as source_written,
        coalesce(acquisition_medium, '') as medium_written,
        coalesce(acquisition_campaign, '') as campaign_written
    from contacts
),

written as (
    select distinct
        source_written,
        medium_written,
        campaign_written
    from touches
),

normalised as (
    select
        source_written,
        medium_written,
        campaign_written,
        lower(trim(source_written)) as source,
        lower(trim(medium_written)) as medium,
        lower(trim(campaign_written)) as campaign
    from written
),

sources as (
    select distinct source
    from normalised
),

categorised as (
    select
        sources.source,
        channel_sources.source_category,
        row_number() over (
            partition by sources.source
            order by channel_sources.pattern_order
        ) as place
    from sources
    inner join channel_sources
        on sources.source like channel_sources.source_pattern
),

described as (
    select
        normalised.source_written,
        normalised.medium_written,
        normalised.campaign_written,
        normalised.source,
        normalised.medium,
        normalised.campaign,
        coalesce(categorised.source_category, '') as source_category
    from normalised
    left join categorised
        on
            normalised.source = categorised.source
            and categorised.place = 1
),

matched as (
    select
        described.source_written,
        described.medium_written,
        described.campaign_written,
        channel_rules.channel_id,
        row_number() over (
            partition by
                described.source_written, described.medium_written, described.campaign_written
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
        described.source_written,
        described.medium_written,
        described.campaign_written,
        described.source,
        described.medium,
        described.campaign,
        coalesce(matched.channel_id, 'unassigned') as channel_id,
        channels.channel_rank
    from described
    left join matched
        on
            described.source_written = matched.source_written
            and described.medium_written = matched.medium_written
            and described.campaign_written = matched.campaign_written
            and matched.place = 1
    left join channels
        on coalesce(matched.channel_id, 'unassigned') = channels.channel_id
)

select * from final

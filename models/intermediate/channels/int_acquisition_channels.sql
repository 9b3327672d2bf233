{#
    One row per customer and as_of_date with the channel that won it. Key: customer_number, as_of_date.
    The earliest touch that is neither direct nor unassigned; touches are contact records, with
    their acquisition fields, and valid orders, with their utm fields.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

channel_orders as (
    select * from {{ ref('int_customer_channel_orders') }}
),

contacts as (
    select * from {{ ref('int_contact_rows') }}
),

accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

touch_channels as (
    select * from {{ ref('int_touch_channels') }}
),

channels as (
    select * from {{ ref('channels') }}
    where channel_kind = 'acquisition'
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

described_contacts as (
    select
        'id:' || source_name || ':' || contact_id as account_key,
        created_at,
        created_date,
        coalesce(acquisition_source, '') as source_written,
        coalesce(acquisition_medium, '') as medium_written,
        coalesce(acquisition_campaign, '') as campaign_written
    from contacts
    where
        reject_reason is null
        and (
            acquisition_source is not null
            or acquisition_medium is not null
            or acquisition_campaign is not null
        )
),

contact_touches as (
    select
        accounts.customer_number,
        as_of_dates.as_of_date,
        min(
            case
                when touch_channels.channel_id not in ('direct', 'unassigned')
                    then {{ segmentation.touch_position(
                        'described_contacts.created_at', 'touch_channels.channel_rank'
                    ) }}
            end
        ) as first_touch,
        max(case when touch_channels.channel_id = 'direct' then 1 else 0 end) as direct_touches
    from described_contacts
    inner join accounts
        on described_contacts.account_key = accounts.account_key
    inner join touch_channels
        on
            described_contacts.source_written = touch_channels.source_written
            and described_contacts.medium_written = touch_channels.medium_written
            and described_contacts.campaign_written = touch_channels.campaign_written
    inner join as_of_dates
        on described_contacts.created_date < as_of_dates.as_of_date
    group by accounts.customer_number, as_of_dates.as_of_date
),

all_touches as (
    select
        customer_number,
        as_of_date,
        first_touch as contact_touch,
        {{ segmentation.null_of('bigint') }} as order_touch,
        direct_touches
    from contact_touches
    union all
    select
        customer_number,
        as_of_date,
        {{ segmentation.null_of('bigint') }} as contact_touch,
        first_touch as order_touch,
        direct_touches
    from channel_orders
),

customer_touches as (
    select
        customer_number,
        as_of_date,
        min(contact_touch) as contact_touch,
        min(order_touch) as order_touch,
        max(direct_touches) as direct_touches
    from all_touches
    group by customer_number, as_of_date
),

first_touches as (
    select
        customer_number,
        as_of_date,
        direct_touches,
        case
            when order_touch < contact_touch or contact_touch is null then order_touch
            else contact_touch
        end as first_touch,
        case
            when order_touch < contact_touch or contact_touch is null then 'order'
            else 'registration'
        end as touch_kind
    from customer_touches
),

final as (
    select
        customers.customer_number,
        customers.as_of_date,
        case
            when channels.channel_id is not null then channels.channel_id
            when first_touches.direct_touches = 1 then 'direct'
            else 'unassigned'
        end as segment_id,
        {{ segmentation.time_of_touch('first_touches.first_touch') }} as touched_at,
        case when channels.channel_id is not null then first_touches.touch_kind end as touch_kind,
        coalesce(first_touches.direct_touches = 1, false) as has_direct_touch
    from customers
    left join first_touches
        on
            customers.customer_number = first_touches.customer_number
            and customers.as_of_date = first_touches.as_of_date
    left join channels
        on {{ segmentation.rank_of_touch('first_touches.first_touch') }} = channels.channel_rank
)

select * from final

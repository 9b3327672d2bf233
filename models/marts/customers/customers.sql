{#
    One row per customer known at as_of_date: attributes, metrics and one column per segmentation.
    Key: customer_id. Holds no e-mail, phone or name; customers without an order are in it.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

rfm as (
    select * from {{ ref('int_rfm_segments') }}
),

lifecycle as (
    select * from {{ ref('int_lifecycle_segments') }}
),

activity as (
    select * from {{ ref('int_activity_segments') }}
),

acquisition_channels as (
    select * from {{ ref('int_acquisition_channels') }}
),

purchase_channels as (
    select * from {{ ref('int_purchase_channels') }}
),

final as (
    select
        customers.customer_id,
        customers.as_of_date,
        customers.first_seen_date,
        customers.registered_date,
        metrics.first_order_date,
        metrics.last_order_date,
        metrics.recency_days,
        metrics.tenure_days,
        metrics.order_count,
        metrics.gross_revenue,
        metrics.discount_amount,
        metrics.refund_amount,
        metrics.net_revenue,
        metrics.average_order_value,
        lifecycle.rhythm_days,
        lifecycle.rhythm_source,
        lifecycle.overdue_ratio,
        cast(rfm.r_score as integer) as r_score,
        cast(rfm.f_score as integer) as f_score,
        cast(rfm.m_score as integer) as m_score,
        rfm.segment_id as rfm_segment,
        lifecycle.segment_id as lifecycle_segment,
        activity.segment_id as activity_segment,
        acquisition_channels.segment_id as acquisition_channel,
        coalesce(purchase_channels.segment_id, 'none') as purchase_channel,
        purchase_channels.purchase_channel_share,
        purchase_channels.purchase_channel_entropy,
        coalesce(purchase_channels.is_omnichannel, false) as is_omnichannel,
        attributes.country,
        attributes.region,
        attributes.city,
        attributes.gender,
        attributes.occupation,
        attributes.industry,
        attributes.company_size,
        attributes.partner_type,
        attributes.tags,
        attributes.has_marketing_consent,
        coalesce(attributes.has_erased_record, false) as has_erased_record,
        cast(coalesce(attributes.contact_record_count, 0) as integer) as contact_record_count,
        cast(customers.account_count as integer) as account_count,
        customers.is_identity_flagged
    from customers
    inner join as_of_dates
        on customers.as_of_date = as_of_dates.as_of_date
    left join attributes
        on
            customers.customer_number = attributes.customer_number
            and customers.as_of_date = attributes.as_of_date
    left join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    left join rfm
        on
            customers.customer_number = rfm.customer_number
            and customers.as_of_date = rfm.as_of_date
    left join lifecycle
        on
            customers.customer_number = lifecycle.customer_number
            and customers.as_of_date = lifecycle.as_of_date
    left join activity
        on
            customers.customer_number = activity.customer_number
            and customers.as_of_date = activity.as_of_date
    left join acquisition_channels
        on
            customers.customer_number = acquisition_channels.customer_number
            and customers.as_of_date = acquisition_channels.as_of_date
    left join purchase_channels
        on
            customers.customer_number = purchase_channels.customer_number
            and customers.as_of_date = purchase_channels.as_of_date
)

select * from final

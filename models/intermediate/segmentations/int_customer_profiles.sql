{#
    One row per customer and as_of_date with everything that is known of it: attributes, metrics and
    one column per segmentation. Key: customer_number, as_of_date. What marts.customers shows of one
    day, audiences ask of every day.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

rfm as (
    select * from {{ ref('int_rfm_scores') }}
),

lifecycle as (
    select * from {{ ref('int_lifecycle_segments') }}
),

purchase_channels as (
    select * from {{ ref('int_purchase_channels') }}
),

habits as (
    select * from {{ ref('int_habit_segments') }}
),

final as (
    select
        customers.customer_number,
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
        lifecycle.median_gap_days,
        lifecycle.gap_variation,
        lifecycle.next_order_expected_date,
        cast(rfm.r_score as integer) as r_score,
        cast(rfm.f_score as integer) as f_score,
        cast(rfm.m_score as integer) as m_score,
        {%- for entry in segmentation.registered_segmentations() %}
        customer_segments.{{ entry.column }},
        {%- endfor %}
        purchase_channels.purchase_channel_share,
        purchase_channels.purchase_channel_entropy,
        coalesce(purchase_channels.is_omnichannel, false) as is_omnichannel,
        habits.preferred_time_share,
        habits.preferred_weekday_share,
        habits.preferred_season_share,
        habits.discounted_order_share,
        habits.discount_depth,
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
    left join attributes
        on
            customers.customer_number = attributes.customer_number
            and customers.as_of_date = attributes.as_of_date
    left join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    left join customer_segments
        on
            customers.customer_number = customer_segments.customer_number
            and customers.as_of_date = customer_segments.as_of_date
    left join rfm
        on
            customers.customer_number = rfm.customer_number
            and customers.as_of_date = rfm.as_of_date
    left join lifecycle
        on
            customers.customer_number = lifecycle.customer_number
            and customers.as_of_date = lifecycle.as_of_date
    left join purchase_channels
        on
            customers.customer_number = purchase_channels.customer_number
            and customers.as_of_date = purchase_channels.as_of_date
    left join habits
        on
            customers.customer_number = habits.customer_number
            and customers.as_of_date = habits.as_of_date
)

select * from final

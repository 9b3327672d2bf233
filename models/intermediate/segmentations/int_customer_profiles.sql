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

value_tiers as (
    select * from {{ ref('int_value_tiers') }}
),

pareto as (
    select * from {{ ref('int_pareto_segments') }}
),

vip_levels as (
    select * from {{ ref('int_vip_levels') }}
),

churn as (
    select * from {{ ref('int_churn_risk') }}
),

category_preferences as (
    select * from {{ ref('int_category_preferences') }}
),

profit_tiers as (
    select * from {{ ref('int_profit_tiers') }}
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
        cast(value_tiers.year_order_count as integer) as year_order_count,
        value_tiers.year_net_revenue,
        value_tiers.spend_grade,
        value_tiers.frequency_grade,
        pareto.cumulative_revenue_share,
        vip_levels.vip_score,
        churn.churn_reason_count,
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
        category_preferences.category_preference_share,
        coalesce(category_preferences.category_count, 0) as category_count,
        profit_tiers.gross_profit,
        profit_tiers.gross_margin_share,
        profit_tiers.line_revenue_share,
        profit_tiers.costed_revenue_share,
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
    left join value_tiers
        on
            customers.customer_number = value_tiers.customer_number
            and customers.as_of_date = value_tiers.as_of_date
    left join pareto
        on
            customers.customer_number = pareto.customer_number
            and customers.as_of_date = pareto.as_of_date
    left join vip_levels
        on
            customers.customer_number = vip_levels.customer_number
            and customers.as_of_date = vip_levels.as_of_date
    left join churn
        on
            customers.customer_number = churn.customer_number
            and customers.as_of_date = churn.as_of_date
    left join category_preferences
        on
            customers.customer_number = category_preferences.customer_number
            and customers.as_of_date = category_preferences.as_of_date
    left join profit_tiers
        on
            customers.customer_number = profit_tiers.customer_number
            and customers.as_of_date = profit_tiers.as_of_date
)

select * from final

{#
    One row per customer known at as_of_date: attributes, metrics and one column per segmentation.
    Key: customer_id. Holds no e-mail, phone or name; customers without an order are in it.
#}
with profiles as (
    select * from {{ ref('int_customer_profiles') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

final as (
    select
        profiles.customer_id,
        profiles.as_of_date,
        profiles.first_seen_date,
        profiles.registered_date,
        profiles.first_order_date,
        profiles.last_order_date,
        profiles.recency_days,
        profiles.tenure_days,
        profiles.order_count,
        profiles.gross_revenue,
        profiles.discount_amount,
        profiles.refund_amount,
        profiles.net_revenue,
        profiles.average_order_value,
        profiles.rhythm_days,
        profiles.rhythm_source,
        profiles.overdue_ratio,
        profiles.median_gap_days,
        profiles.gap_variation,
        profiles.next_order_expected_date,
        profiles.r_score,
        profiles.f_score,
        profiles.m_score,
        profiles.year_order_count,
        profiles.year_net_revenue,
        profiles.spend_grade,
        profiles.frequency_grade,
        profiles.cumulative_revenue_share,
        profiles.vip_score,
        profiles.churn_reason_count,
        {%- for entry in segmentation.registered_segmentations() %}
        profiles.{{ entry.column }},
        {%- endfor %}
        profiles.purchase_channel_share,
        profiles.purchase_channel_entropy,
        profiles.is_omnichannel,
        profiles.preferred_time_share,
        profiles.preferred_weekday_share,
        profiles.preferred_season_share,
        profiles.discounted_order_share,
        profiles.discount_depth,
        profiles.category_preference_share,
        profiles.category_count,
        profiles.gross_profit,
        profiles.gross_margin_share,
        profiles.line_revenue_share,
        profiles.costed_revenue_share,
        profiles.country,
        profiles.region,
        profiles.city,
        profiles.gender,
        profiles.occupation,
        profiles.industry,
        profiles.company_size,
        profiles.partner_type,
        profiles.tags,
        profiles.has_marketing_consent,
        profiles.has_erased_record,
        profiles.contact_record_count,
        profiles.account_count,
        profiles.is_identity_flagged
    from profiles
    inner join as_of_dates
        on profiles.as_of_date = as_of_dates.as_of_date
)

select * from final

{#
    One row per raw order row, judged: its business day and hour, its rate and the first reason that
    makes it unusable, if any. Not unique yet. A view: each reader computes only the columns it takes.
    Exactly midnight is how a source writes a day without a time, so it has no hour.
#}
with orders as (
    select * from {{ ref('int_input_orders') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

localised as (
    select
        nullif(trim(source_name), '') as source_name,
        source_precedence,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(contact_id), '') as contact_id,
        nullif(email, '') as email,
        nullif(phone, '') as phone,
        nullif(country, '') as country,
        ordered_at,
        {{ segmentation.to_business_time('ordered_at') }} as local_ordered_at,
        status,
        is_test,
        gross_amount,
        discount_amount,
        currency,
        sales_channel,
        utm_source,
        utm_medium,
        utm_campaign,
        updated_at,
        raw_values
    from orders
),

dated as (
    select
        localised.*,
        cast(local_ordered_at as date) as order_date
    from localised
),

rated as (
    select
        dated.*,
        case
            when dated.currency = '{{ var("reporting_currency") }}'
                then {{ segmentation.decimal_of('1', 18, 8) }}
            else rates.rate
        end as rate
    from dated
    left join rates
        on
            dated.currency = rates.currency
            and dated.order_date = rates.rate_date
),

final as (
    select
        source_name,
        source_precedence,
        order_id,
        contact_id,
        email,
        phone,
        country,
        ordered_at,
        order_date,
        case
            when local_ordered_at > cast(order_date as {{ dbt.type_timestamp() }})
                then cast(extract(hour from local_ordered_at) as integer)
        end as order_hour,
        status,
        is_test,
        gross_amount,
        discount_amount,
        currency,
        rate,
        sales_channel,
        utm_source,
        utm_medium,
        utm_campaign,
        updated_at,
        raw_values,
        case
            when source_name is null then 'missing_source_name'
            when order_id is null then 'missing_order_id'
            when ordered_at is null then 'ordered_at_unreadable'
            when order_date > {{ segmentation.last_known_day() }} then 'ordered_in_future'
            when gross_amount is null or discount_amount is null then 'amount_unreadable'
            when gross_amount < 0 or discount_amount < 0 or discount_amount > gross_amount
                then 'amount_negative'
            when rate is null then 'currency_unknown'
        end as reject_reason
    from rated
)

select * from final

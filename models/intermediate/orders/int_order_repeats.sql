{#
    One row per usable row of an order that stands more than once in its source.
    Key: source_name, order_id, version_number; version 1 is the one that counts: the newest
    updated_at, then the source named first. Full copies are alike, so it doesn't matter which.
#}
with orders as (
    select * from {{ ref('int_input_orders') }}
),

order_rows as (
    select * from {{ ref('int_order_rows') }}
),

repeated_keys as (
    select
        trim(source_name) as source_name,
        trim(order_id) as order_id
    from orders
    where order_id is not null
    group by trim(source_name), trim(order_id)
    having count(*) > 1
),

numbered as (
    select
        order_rows.*,
        row_number() over (
            partition by order_rows.source_name, order_rows.order_id
            order by
                {{ segmentation.updated_or_never('order_rows.updated_at') }} desc,
                order_rows.source_precedence,
                coalesce(order_rows.raw_values, '') desc,
                coalesce(order_rows.email, '') desc,
                coalesce(order_rows.phone, '') desc,
                coalesce(order_rows.contact_id, '') desc
        ) as version_number
    from order_rows
    inner join repeated_keys
        on
            order_rows.source_name = repeated_keys.source_name
            and order_rows.order_id = repeated_keys.order_id
    where order_rows.reject_reason is null
),

final as (
    select
        source_name,
        order_id,
        version_number,
        contact_id,
        email,
        phone,
        country,
        ordered_at,
        order_date,
        order_hour,
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
        raw_values
    from numbered
)

select * from final

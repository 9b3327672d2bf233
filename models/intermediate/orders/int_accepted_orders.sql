{#
    One row per accepted order: usable and the newest version of its key.
    Key: source_name, order_id. A view, so that each reader computes only the columns it takes.
#}
with order_rows as (
    select * from {{ ref('int_order_rows') }}
),

repeats as (
    select * from {{ ref('int_order_repeats') }}
),

repeated_keys as (
    select
        source_name,
        order_id
    from repeats
    where version_number = 1
),

unrepeated as (
    select order_rows.*
    from order_rows
    left join repeated_keys
        on
            order_rows.source_name = repeated_keys.source_name
            and order_rows.order_id = repeated_keys.order_id
    where
        order_rows.reject_reason is null
        and repeated_keys.order_id is null
),

accepted as (
    select
        source_name,
        order_id,
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
        utm_campaign
    from unrepeated
    union all
    select
        source_name,
        order_id,
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
        utm_campaign
    from repeats
    where version_number = 1
),

final as (
    select
        source_name,
        order_id,
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
        utm_campaign
    from accepted
)

select * from final

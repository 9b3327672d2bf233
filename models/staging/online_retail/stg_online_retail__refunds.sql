{#
    One row per cancellation invoice (its number begins with C), key refund_id. The publisher does
    not say which order is cancelled, so order_id is empty and the refund counts on its own day.
#}
with lines as (
    select * from {{ ref('stg_online_retail__lines') }}
),

countries as (
    select * from {{ ref('online_retail_countries') }}
),

cancellations as (
    select
        invoice,
        min(contact_id) as contact_id,
        min(country_name) as country_name,
        min(invoiced_at) as refunded_at,
        max(invoiced_at) as last_line_at,
        count(*) as line_count,
        {{ segmentation.decimal_of('-sum(line_amount)') }} as refund_amount
    from lines
    where line_kind = 'cancellation'
    group by invoice
),

described as (
    select
        *,
        {{ segmentation.raw_values([
            'invoice', 'contact_id', 'country_name', 'refunded_at', 'line_count',
            'refund_amount',
        ]) }} as raw_values
    from cancellations
),

final as (
    select
        'online_retail' as source_name,
        described.invoice as refund_id,
        {{ segmentation.null_of('string') }} as order_id,
        described.contact_id,
        {{ segmentation.null_of('string') }} as email,
        {{ segmentation.null_of('string') }} as phone,
        countries.country_code as country,
        described.refunded_at,
        described.refund_amount,
        'GBP' as currency,
        described.last_line_at as updated_at,
        described.raw_values
    from described
    left join countries on described.country_name = countries.country_name
)

select * from final

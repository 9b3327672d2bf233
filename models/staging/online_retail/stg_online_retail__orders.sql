{#
    One row per invoice that sells something, key order_id. Its free lines belong to it; an invoice
    of free lines only is no order (see rejected_rows). Amounts are sums of quantity x price, not
    rounded: 18 lines cost a tenth of a penny.
#}
with lines as (
    select * from {{ ref('stg_online_retail__lines') }}
),

countries as (
    select * from {{ ref('online_retail_countries') }}
),

invoices as (
    select
        invoice,
        min(contact_id) as contact_id,
        min(country_name) as country_name,
        min(invoiced_at) as ordered_at,
        max(invoiced_at) as last_line_at,
        count(*) as line_count,
        {{ segmentation.decimal_of('sum(line_amount)') }} as gross_amount
    from lines
    where line_kind in ('sale', 'free')
    group by invoice
    having {{ segmentation.any_true("line_kind = 'sale'") }}
),

described as (
    select
        *,
        {{ segmentation.raw_values([
            'invoice', 'contact_id', 'country_name', 'ordered_at', 'line_count',
            'gross_amount',
        ]) }} as raw_values
    from invoices
),

final as (
    select
        'online_retail' as source_name,
        described.invoice as order_id,
        described.contact_id,
        {{ segmentation.null_of('string') }} as email,
        {{ segmentation.null_of('string') }} as phone,
        countries.country_code as country,
        described.ordered_at,
        'completed' as status,
        false as is_test,
        described.gross_amount,
        {{ segmentation.decimal_of('0') }} as discount_amount,
        'GBP' as currency,
        'web' as sales_channel,
        {{ segmentation.null_of('string') }} as utm_source,
        {{ segmentation.null_of('string') }} as utm_medium,
        {{ segmentation.null_of('string') }} as utm_campaign,
        described.last_line_at as updated_at,
        described.raw_values
    from described
    left join countries on described.country_name = countries.country_name
)

select * from final

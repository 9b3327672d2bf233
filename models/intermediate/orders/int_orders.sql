{#
    One row per accepted order, with its customer, channels and money in the reporting currency.
    Key: order_key. Gross and paid are converted, the discount is what lies between.
    Refunds are not in here, they have a date of their own.
#}
with orders as (
    select * from {{ ref('int_accepted_orders') }}
),

handles as (
    select * from {{ ref('int_identity_handles') }}
),

touch_channels as (
    select * from {{ ref('int_touch_channels') }}
),

sales_channels as (
    select * from {{ ref('int_sales_channels') }}
),

converted as (
    select
        source_name,
        order_id,
        party_handle,
        ordered_at,
        order_date,
        lower(trim(status)) as status,
        coalesce(is_test, false) as is_test,
        currency,
        rate,
        gross_amount as source_gross_amount,
        {{ segmentation.to_reporting_currency('gross_amount', 'currency', 'rate') }}
            as gross_amount,
        {{ segmentation.to_reporting_currency(
            'gross_amount - discount_amount', 'currency', 'rate'
        ) }} as paid_amount,
        coalesce(sales_channel, '') as sales_channel,
        {{ segmentation.touch_handle('utm_source', 'utm_medium', 'utm_campaign') }} as touch_handle
    from orders
),

judged as (
    select
        converted.*,
        case
            when is_test then 'test'
            when
                status in (
                    {%- for status in (var('valid_order_statuses') or []) -%}
                    '{{ status | replace("'", "''") }}'{{ ', ' if not loop.last }}
                    {%- endfor -%}
                )
                then case when paid_amount > 0 then 'valid' else 'zero_amount' end
            else 'status'
        end as validity
    from converted
),

final as (
    select
        judged.source_name || ':' || judged.order_id as order_key,
        judged.source_name,
        judged.order_id,
        handles.customer_number,
        judged.ordered_at,
        judged.order_date,
        judged.status,
        judged.validity,
        judged.validity = 'valid' as is_valid,
        judged.currency,
        judged.rate,
        judged.source_gross_amount,
        judged.gross_amount,
        cast(judged.gross_amount - judged.paid_amount as numeric(18, 4)) as discount_amount,
        judged.paid_amount,
        sales_channels.channel_id as purchase_channel,
        touch_channels.channel_id as marketing_channel,
        touch_channels.channel_rank as marketing_channel_rank
    from judged
    left join handles
        on judged.party_handle = handles.party_handle
    left join sales_channels
        on judged.sales_channel = sales_channels.sales_channel
    left join touch_channels
        on judged.touch_handle = touch_channels.touch_handle
)

select * from final

{#
    One row per distinct combination of what describes an order: source, status, test mark,
    currency, sales channel and campaign fields, as written. Key: profile_number. Orders carry the
    number; what the words mean is worked out here once, not once per order. Rejected rows have
    profiles too: it costs less than telling them apart.
#}
with orders as (
    select * from {{ ref('int_input_orders') }}
),

written as (
    select distinct
        trim(source_name) as source_name,
        currency,
        coalesce(status, '') as status_written,
        coalesce(is_test, false) as is_test,
        coalesce(sales_channel, '') as sales_channel,
        coalesce(utm_source, '') as utm_source,
        coalesce(utm_medium, '') as utm_medium,
        coalesce(utm_campaign, '') as utm_campaign
    from orders
    where source_name is not null and currency is not null
),

final as (
    select
        cast(
            row_number() over (
                order by
                    {%- for column in [
                        'source_name', 'currency', 'status_written', 'sales_channel', 'utm_source',
                        'utm_medium', 'utm_campaign',
                    ] %}
                    {{ segmentation.byte_order(column) }},
                    {%- endfor %}
                    is_test
            ) as integer
        ) as profile_number,
        source_name,
        currency,
        status_written,
        lower(trim(status_written)) as status,
        is_test,
        sales_channel,
        utm_source,
        utm_medium,
        utm_campaign,
        case
            when is_test then 'test'
            when
                lower(trim(status_written)) in (
                    {%- for status in var('valid_order_statuses') -%}
                    {{ segmentation.text_literal(status) }}{{ ', ' if not loop.last }}
                    {%- endfor -%}
                )
                then 'valid'
            else 'status'
        end as validity
    from written
)

select * from final

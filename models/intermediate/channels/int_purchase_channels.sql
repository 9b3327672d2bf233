{#
    One row per buyer and as_of_date with the channel it mostly buys in. Key: customer_number,
    as_of_date. Most orders, then most paid, then latest order, then name. Entropy is 0 for one
    channel and ln(n) for n channels used equally. What the first and the second place have explains
    why they are not the other way round.
#}
with channel_orders as (
    select * from {{ ref('int_customer_channel_orders') }}
),

ranked as (
    select
        customer_number,
        as_of_date,
        purchase_channel,
        order_count,
        paid_amount,
        last_ordered_at,
        sum(order_count) over (partition by customer_number, as_of_date) as all_orders,
        count(*) over (partition by customer_number, as_of_date) as channel_count,
        row_number() over (
            partition by customer_number, as_of_date
            order by
                order_count desc,
                paid_amount desc,
                last_ordered_at desc,
                {{ segmentation.byte_order('purchase_channel') }}
        ) as place
    from channel_orders
),

shared as (
    select
        customer_number,
        as_of_date,
        purchase_channel,
        place,
        channel_count,
        order_count,
        paid_amount,
        last_ordered_at,
        all_orders,
        cast(order_count as {{ dbt.type_float() }}) / all_orders as order_share
    from ranked
),

final as (
    select
        customer_number,
        as_of_date,
        max(case when place = 1 then purchase_channel end) as segment_id,
        {{ segmentation.divide(
            'max(case when place = 1 then order_count end)', 'max(all_orders)', 4
        ) }} as purchase_channel_share,
        {{ segmentation.decimal_of(
            segmentation.decimal_of('sum(-order_share * ln(order_share))', 18, 9), 9, 4
        ) }}
            as purchase_channel_entropy,
        max(channel_count) > 1 as is_omnichannel,
        {%- for name, place in [('first', 1), ('second', 2)] %}
        max(case when place = {{ place }} then order_count end) as {{ name }}_order_count,
        {{ segmentation.decimal_of(
            'max(case when place = ' ~ place ~ ' then paid_amount end)', 28, 4
        ) }} as {{ name }}_paid_amount,
        max(case when place = {{ place }} then last_ordered_at end) as {{ name }}_ordered_at,
        {%- endfor %}
        max(case when place = 2 then purchase_channel end) as second_channel,
        max(channel_count) as channel_count
    from shared
    group by customer_number, as_of_date
)

select * from final

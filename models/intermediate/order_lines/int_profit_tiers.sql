{#
    One row per customer and as_of_date with its gross profit and the tier of it. Key:
    customer_number, as_of_date. Profit is over lines of known cost, and is only told where they are
    enough of what the customer paid. Money given back takes its part of the profit with it.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

customer_categories as (
    select * from {{ ref('int_customer_categories') }}
),

totals as (
    select
        customer_number,
        as_of_date,
        sum(net_amount) as line_amount,
        sum(costed_amount) as costed_amount,
        sum(cost_amount) as cost_amount
    from customer_categories
    group by customer_number, as_of_date
),

joined as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        metrics.order_count,
        metrics.gross_revenue - metrics.discount_amount as paid_revenue,
        case
            when metrics.gross_revenue - metrics.discount_amount > metrics.refund_amount
                then metrics.gross_revenue - metrics.discount_amount - metrics.refund_amount
            else {{ segmentation.decimal_of('0') }}
        end as kept_revenue,
        coalesce(totals.line_amount, 0) as line_amount,
        coalesce(totals.costed_amount, 0) as costed_amount,
        totals.cost_amount
    from metrics
    left join totals
        on
            metrics.customer_number = totals.customer_number
            and metrics.as_of_date = totals.as_of_date
),

measured as (
    select
        customer_number,
        as_of_date,
        order_count,
        paid_revenue,
        kept_revenue,
        line_amount,
        costed_amount,
        costed_amount - cost_amount as sales_profit,
        coalesce(
            order_count > 0
            and cost_amount is not null
            and costed_amount
            >= {{ segmentation.decimal_of(var('profit_min_cost_share'), 9, 4) }}
            * {{ segmentation.decimal_of('paid_revenue', 28, 4) }},
            false
        ) as is_known
    from joined
),

told as (
    select
        customer_number,
        as_of_date,
        order_count,
        is_known,
        {%- set gross_profit = segmentation.scaled_amount(
            'sales_profit', 'kept_revenue', 'paid_revenue'
        ) %}
        {{ segmentation.decimal_of('case when is_known then ' ~ gross_profit ~ ' end') }}
            as gross_profit,
        {%- for name, condition, part, whole in [
            ('gross_margin_share', 'is_known', 'sales_profit', 'costed_amount'),
            ('line_revenue_share', 'order_count > 0', 'line_amount', 'paid_revenue'),
            ('costed_revenue_share', 'order_count > 0', 'costed_amount', 'paid_revenue'),
        ] %}
        {{ segmentation.divide(
            segmentation.decimal_of(
                'case when ' ~ condition ~ ' then ' ~ part ~ ' end * 10000', 28, 0
            ),
            segmentation.decimal_of(whole ~ ' * 10000', 28, 0),
            4
        ) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from measured
),

final as (
    select
        customer_number,
        as_of_date,
        case
            when order_count = 0 then 'none'
            when not is_known then 'unknown'
            when gross_profit >= {{ segmentation.decimal_of(var('profit_high_amount')) }}
                then 'high'
            when gross_profit >= {{ segmentation.decimal_of(var('profit_mid_amount')) }} then 'mid'
            when gross_profit >= 0 then 'low'
            else 'loss'
        end as segment_id,
        gross_profit,
        gross_margin_share,
        line_revenue_share,
        costed_revenue_share
    from told
)

select * from final

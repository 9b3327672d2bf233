{#
    One row per as_of_date and distinct positive net revenue of a customer, with what the customers
    above it, at it and in all hold, and the share of the revenue that they are in. Key: as_of_date,
    net_revenue. Customers with equal revenue are one row, so no order of rows can part them.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

counted as (
    select
        as_of_date,
        net_revenue,
        count(*) as customer_count,
        {{ segmentation.decimal_of('sum(net_revenue)', 28, 4) }} as value_revenue
    from metrics
    where order_count > 0 and net_revenue > 0
    group by as_of_date, net_revenue
),

summed as (
    select
        as_of_date,
        net_revenue,
        customer_count,
        value_revenue,
        sum(customer_count) over (
            partition by as_of_date
            order by net_revenue desc
            rows between unbounded preceding and current row
        ) as customers_down_to,
        {{ segmentation.decimal_of(
            'sum(value_revenue) over (
                partition by as_of_date
                order by net_revenue desc
                rows between unbounded preceding and current row
            )',
            28,
            4
        ) }} as revenue_down_to,
        sum(customer_count) over (partition by as_of_date) as customers_in_all,
        {{ segmentation.decimal_of('sum(value_revenue) over (partition by as_of_date)', 28, 4) }}
            as revenue_in_all
    from counted
),

final as (
    select
        as_of_date,
        net_revenue,
        customer_count,
        value_revenue,
        cast(customers_down_to - customer_count as bigint) as customers_above,
        cast(customers_in_all as bigint) as customers_in_all,
        {{ segmentation.decimal_of('revenue_down_to - value_revenue', 28, 4) }} as revenue_above,
        revenue_in_all,
        {{ segmentation.divide(
            segmentation.decimal_of('revenue_down_to * 10000', 28, 0),
            segmentation.decimal_of('revenue_in_all * 10000', 28, 0),
            4
        ) }} as cumulative_revenue_share,
        case
            when
                revenue_down_to - value_revenue
                < {{ segmentation.decimal_of(var('pareto_head_share'), 5, 4) }} * revenue_in_all
                then 'head'
            when
                revenue_down_to - value_revenue
                < (
                    {{ segmentation.decimal_of(var('pareto_head_share'), 5, 4) }}
                    + {{ segmentation.decimal_of(var('pareto_torso_share'), 5, 4) }}
                ) * revenue_in_all
                then 'torso'
            else 'tail'
        end as segment_id
    from summed
)

select * from final

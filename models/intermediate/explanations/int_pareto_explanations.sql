{#
    One row per customer and as_of_date: why it is in its part of the revenue. Key: customer_number,
    as_of_date, segmentation_id. Which revenue leads to the next part depends on everybody above, so
    only the way out of none is said (docs/decisions/explanations.md).
#}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

segments as (
    select * from {{ ref('int_pareto_segments') }}
),

pareto_values as (
    select * from {{ ref('int_pareto_values') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.order_count,
        metrics.net_revenue,
        segments.cumulative_revenue_share,
        segments.segment_id,
        pareto_values.revenue_above,
        pareto_values.revenue_in_all,
        case
            when segments.segment_id = 'none'
                then {{ segmentation.cents_up(
                    segmentation.decimal_of('0.0001', 5, 4) ~ ' - metrics.net_revenue'
                ) }}
        end as amount_short
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.as_of_date = segments.as_of_date
    left join pareto_values
        on
            segments.segment_id <> 'none'
            and metrics.as_of_date = pareto_values.as_of_date
            and metrics.net_revenue = pareto_values.net_revenue
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'pareto' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('net_revenue', segmentation.amount_text('net_revenue')),
            ('cumulative_revenue_share', segmentation.decimal_text('cumulative_revenue_share', 4)),
            ('revenue_above', segmentation.amount_text('revenue_above')),
            ('revenue_in_all', segmentation.amount_text('revenue_in_all')),
        ]) }} as facts,
        case
            when order_count = 0 then 'order_count 0'
            when segment_id = 'none'
                then 'net_revenue ' || {{ segmentation.amount_text('net_revenue') }} || ' <= 0'
            else
                'revenue_above ' || {{ segmentation.amount_text('revenue_above') }}
                || case segment_id
                    when 'head' then ' < pareto_head_share {{ var("pareto_head_share") }}'
                    when 'torso'
                        then
                            ' < (pareto_head_share {{ var("pareto_head_share") }}'
                            || ' + pareto_torso_share {{ var("pareto_torso_share") }})'
                    else
                        ' >= (pareto_head_share {{ var("pareto_head_share") }}'
                        || ' + pareto_torso_share {{ var("pareto_torso_share") }})'
                end
                || ' * revenue_in_all ' || {{ segmentation.amount_text('revenue_in_all') }}
        end as decided_by,
        {{ segmentation.null_of('string') }} as nearest_segment_id,
        case when segment_id = 'none' then 'orders' end as change_kind,
        {{ segmentation.decimal_of("case when segment_id = 'none' then 1 end", 18, 2) }}
            as change_quantity,
        {{ segmentation.decimal_of(
            'case when amount_short > ' ~ cent ~ ' then amount_short end', 18, 2
        ) }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from known
)

select * from final

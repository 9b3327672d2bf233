{#
    One row per customer and as_of_date with the part of the revenue it stands in: head, torso, tail,
    or none without positive net revenue. Key: customer_number, as_of_date. Looked up by the revenue
    itself, so that equal customers are always in the same part.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

pareto_values as (
    select * from {{ ref('int_pareto_values') }}
),

final as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        pareto_values.cumulative_revenue_share,
        coalesce(pareto_values.segment_id, 'none') as segment_id
    from metrics
    left join pareto_values
        on
            metrics.as_of_date = pareto_values.as_of_date
            and metrics.net_revenue = pareto_values.net_revenue
            and metrics.order_count > 0
)

select * from final

{#
    One row per as_of_date, metric and distinct value among the buyers, with how many buyers have
    it and how many have it or less. Key: as_of_date, metric, metric_value. The whole input of the
    cut points: order statistics of equal values never depend on row order.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

buyers as (
    select * from metrics
    where order_count > 0
),

counted as (
    {%- for metric, column in [
        ('recency', 'recency_days'), ('frequency', 'order_count'), ('monetary', 'net_revenue'),
    ] %}
    select
        as_of_date,
        '{{ metric }}' as metric,
        {{ segmentation.decimal_of(column) }} as metric_value,
        count(*) as customer_count
    from buyers
    group by as_of_date, {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        as_of_date,
        metric,
        metric_value,
        customer_count,
        sum(customer_count) over (
            partition by as_of_date, metric
            order by metric_value
            rows between unbounded preceding and current row
        ) as customers_up_to,
        sum(customer_count) over (partition by as_of_date, metric) as customers_in_all
    from counted
)

select * from final

-- The parts of marts.revenue_concentration are the segments of pareto: the same customers and the
-- same money, added up on another way.
with segment_totals as (
    select
        as_of_date,
        sum(case when segment_id = 'head' then customer_count else 0 end) as head_customer_count,
        sum(case when segment_id = 'torso' then customer_count else 0 end) as torso_customer_count,
        sum(case when segment_id = 'tail' then customer_count else 0 end) as tail_customer_count,
        sum(case when segment_id <> 'none' then net_revenue else 0 end) as net_revenue
    from {{ ref('segment_summary') }}
    where segmentation_id = 'pareto'
    group by as_of_date
)

select
    concentration.as_of_date,
    concentration.net_revenue,
    segment_totals.net_revenue as segment_net_revenue
from {{ ref('revenue_concentration') }} as concentration
left join segment_totals
    on concentration.as_of_date = segment_totals.as_of_date
where
    coalesce(segment_totals.net_revenue, -1) <> concentration.net_revenue
    or segment_totals.head_customer_count <> concentration.head_customer_count
    or segment_totals.torso_customer_count <> concentration.torso_customer_count
    or segment_totals.tail_customer_count <> concentration.tail_customer_count

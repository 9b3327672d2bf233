-- How much of the revenue comes from the best tenth, fifth and half of the buyers?
with customers as (
    select * from {{ ref('customers') }}
),

ranked as (
    select
        net_revenue,
        row_number() over (order by net_revenue desc, customer_id) as place,
        count(*) over () as buyer_count,
        sum(net_revenue) over () as all_revenue
    from customers
    where order_count > 0
),

shares as (
    {%- for percent in [1, 5, 10, 20, 50, 100] %}
    select {{ percent }} as top_percent
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

final as (
    select
        shares.top_percent,
        count(*) as customers,
        sum(ranked.net_revenue) as net_revenue,
        sum(ranked.net_revenue) / max(ranked.all_revenue) as revenue_share
    from shares
    inner join ranked
        on ranked.place * 100 <= shares.top_percent * ranked.buyer_count
    group by shares.top_percent
)

select * from final
order by top_percent

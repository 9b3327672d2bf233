{#
    One row per as_of_date: how unequally the net revenue is spread over the customers who brought any.
    Key: as_of_date. Exact, from distinct values: equal customers share their ranks, and a top share
    that ends among equal customers takes as much of them as it needs.
#}
with as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

pareto_values as (
    select * from {{ ref('int_pareto_values') }}
),

weighted as (
    select
        as_of_date,
        segment_id,
        customer_count,
        value_revenue,
        net_revenue,
        {%- for percent in [1, 5, 10, 20] %}
        case
            when customers_in_all * {{ percent }} <= customers_above * 100 then 0
            when customers_in_all * {{ percent }} >= (customers_above + customer_count) * 100
                then customer_count * 100
            else customers_in_all * {{ percent }} - customers_above * 100
        end as top_{{ percent }}_hundredths,
        {%- endfor %}
        customers_in_all - 2 * customers_above - customer_count as rank_weight
    from pareto_values
),

summed as (
    select
        as_of_date,
        {{ segmentation.decimal_of('sum(value_revenue)', 28, 4) }} as net_revenue,
        sum(
            {{ segmentation.decimal_of('value_revenue', 22, 4) }}
            * {{ segmentation.decimal_of('rank_weight', 12, 0) }}
        ) as ranked_revenue,
        {%- for percent in [1, 5, 10, 20] %}
        sum(
            {{ segmentation.decimal_of('net_revenue', 18, 4) }}
            * {{ segmentation.decimal_of('top_' ~ percent ~ '_hundredths', 14, 0) }}
        ) as top_{{ percent }}_revenue,
        {%- endfor %}
        sum(case when segment_id = 'head' then customer_count else 0 end) as head_customer_count,
        sum(case when segment_id = 'torso' then customer_count else 0 end) as torso_customer_count,
        sum(case when segment_id = 'tail' then customer_count else 0 end) as tail_customer_count,
        sum(customer_count) as buyer_count
    from weighted
    group by as_of_date
),

final as (
    select
        as_of_dates.as_of_date,
        cast(coalesce(summed.buyer_count, 0) as integer) as buyer_count,
        {{ segmentation.decimal_of('coalesce(summed.net_revenue, 0)') }} as net_revenue,
        {{ segmentation.divide(
            segmentation.decimal_of('summed.ranked_revenue * 10000', 38, 0),
            segmentation.decimal_of('summed.net_revenue * 10000', 28, 0) ~ ' * '
            ~ segmentation.decimal_of('summed.buyer_count', 10, 0),
            4
        ) }} as gini,
        {%- for percent in [1, 5, 10, 20] %}
        {{ segmentation.divide(
            segmentation.decimal_of('summed.top_' ~ percent ~ '_revenue * 10000', 38, 0),
            segmentation.decimal_of('summed.net_revenue * 1000000', 28, 0),
            4
        ) }} as top_{{ percent }}_percent_revenue_share,
        {%- endfor %}
        cast(coalesce(summed.head_customer_count, 0) as integer) as head_customer_count,
        cast(coalesce(summed.torso_customer_count, 0) as integer) as torso_customer_count,
        cast(coalesce(summed.tail_customer_count, 0) as integer) as tail_customer_count,
        {{ segmentation.divide('summed.head_customer_count', 'summed.buyer_count', 4) }}
            as head_customer_share
    from as_of_dates
    left join summed
        on as_of_dates.as_of_date = summed.as_of_date
)

select * from final

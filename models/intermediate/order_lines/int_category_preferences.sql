{#
    One row per customer and as_of_date with the category most was paid for. Key: customer_number,
    as_of_date. Equal amounts go to the category in more orders, then of the latest order, then to
    the first name. Orders are counted only where amounts tie: counting them all costs far more.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

customer_categories as (
    select * from {{ ref('int_customer_categories') }}
),

product_categories as (
    select * from {{ ref('int_product_categories') }}
),

order_lines as (
    select * from {{ ref('int_order_lines') }}
),

names as (
    select distinct
        category_number,
        category
    from product_categories
),

totals as (
    select
        customer_number,
        as_of_date,
        count(category_number) as category_count,
        sum(net_amount) as net_amount,
        max(case when category_number is not null then net_amount end) as best_amount
    from customer_categories
    group by customer_number, as_of_date
),

leaders as (
    select
        customer_categories.customer_number,
        customer_categories.as_of_date,
        customer_categories.category_number,
        customer_categories.last_ordered_at,
        count(*) over (
            partition by customer_categories.customer_number, customer_categories.as_of_date
        ) as leader_count
    from customer_categories
    inner join totals
        on
            customer_categories.customer_number = totals.customer_number
            and customer_categories.as_of_date = totals.as_of_date
            and customer_categories.net_amount = totals.best_amount
    where customer_categories.category_number is not null
),

contested as (
    select
        customer_number,
        as_of_date,
        category_number
    from leaders
    where leader_count > 1
),

contested_orders as (
    select distinct
        contested.customer_number,
        contested.as_of_date,
        contested.category_number,
        order_lines.profile_number,
        order_lines.order_id
    from contested
    inner join order_lines
        on
            contested.customer_number = order_lines.customer_number
            and contested.category_number = order_lines.category_number
    where
        order_lines.is_valid
        and order_lines.order_date < contested.as_of_date
),

order_counts as (
    select
        customer_number,
        as_of_date,
        category_number,
        count(*) as order_count
    from contested_orders
    group by customer_number, as_of_date, category_number
),

ranked as (
    select
        leaders.customer_number,
        leaders.as_of_date,
        leaders.category_number,
        row_number() over (
            partition by leaders.customer_number, leaders.as_of_date
            order by
                coalesce(order_counts.order_count, 0) desc,
                leaders.last_ordered_at desc,
                leaders.category_number
        ) as place
    from leaders
    left join order_counts
        on
            leaders.customer_number = order_counts.customer_number
            and leaders.as_of_date = order_counts.as_of_date
            and leaders.category_number = order_counts.category_number
),

preferred as (
    select
        ranked.customer_number,
        ranked.as_of_date,
        names.category
    from ranked
    inner join names
        on ranked.category_number = names.category_number
    where ranked.place = 1
),

final as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        case
            when metrics.order_count = 0 then 'none'
            when preferred.category is null then 'unknown'
            else preferred.category
        end as segment_id,
        {{ segmentation.divide(
            segmentation.decimal_of('totals.best_amount * 10000', 28, 0),
            segmentation.decimal_of('totals.net_amount * 10000', 28, 0),
            4
        ) }} as category_preference_share,
        cast(coalesce(totals.category_count, 0) as integer) as category_count
    from metrics
    left join totals
        on
            metrics.customer_number = totals.customer_number
            and metrics.as_of_date = totals.as_of_date
    left join preferred
        on
            metrics.customer_number = preferred.customer_number
            and metrics.as_of_date = preferred.as_of_date
)

select * from final

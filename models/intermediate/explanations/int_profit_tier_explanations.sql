{#
    One row per customer and as_of_date: why it is in its profit tier, and what would move it. Key:
    customer_number, as_of_date, segmentation_id. Said is the gross profit that is short of the next
    tier. A refund takes its share of every profit to come, so where there was one nothing is said.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

profit_tiers as (
    select * from {{ ref('int_profit_tiers') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.order_count,
        metrics.refund_amount,
        profit_tiers.segment_id,
        profit_tiers.gross_profit,
        profit_tiers.gross_margin_share,
        profit_tiers.costed_revenue_share
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join profit_tiers
        on
            customers.customer_number = profit_tiers.customer_number
            and customers.as_of_date = profit_tiers.as_of_date
),

stepped as (
    select
        known.*,
        case
            when refund_amount <> 0 or gross_profit is null then null
            when segment_id = 'loss' then 'low'
            when segment_id = 'low' then 'mid'
            when segment_id = 'mid' then 'high'
        end as next_segment_id
    from known
),

needed as (
    select
        stepped.*,
        case next_segment_id
            when 'low' then {{ segmentation.cents_up('-gross_profit') }}
            {%- for tier in ['mid', 'high'] %}
            when '{{ tier }}'
                then {{ segmentation.cents_up(
                    segmentation.decimal_of(var('profit_' ~ tier ~ '_amount')) ~ ' - gross_profit'
                ) }}
            {%- endfor %}
        end as profit_short
    from stepped
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'profit_tier' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('gross_profit', segmentation.amount_text('gross_profit')),
            ('gross_margin_share', segmentation.decimal_text('gross_margin_share', 4)),
            ('costed_revenue_share', segmentation.decimal_text('costed_revenue_share', 4)),
        ]) }} as facts,
        case segment_id
            when 'none' then 'order_count 0'
            when 'unknown'
                then
                    'costed_revenue_share '
                    || coalesce({{ segmentation.decimal_text('costed_revenue_share', 4) }}, 'null')
                    || ', profit_min_cost_share {{ var("profit_min_cost_share") }}'
            else
                'gross_profit '
                || coalesce({{ segmentation.amount_text('gross_profit') }}, 'null')
                || case segment_id
                    {%- for tier in ['high', 'mid'] %}
                    {%- set var_name = 'profit_' ~ tier ~ '_amount' %}
                    when '{{ tier }}' then ' >= {{ var_name }} {{ var(var_name) }}'
                    {%- endfor %}
                    when 'low' then ' < profit_mid_amount {{ var("profit_mid_amount") }}'
                    else case when gross_profit < 0 then ' < 0' else '' end
                end
        end as decided_by,
        next_segment_id as nearest_segment_id,
        case
            when segment_id = 'none' then 'orders'
            when next_segment_id is not null then 'profit'
        end as change_kind,
        {{ segmentation.decimal_of(
            "case when segment_id = 'none' then 1 else profit_short end", 18, 2
        ) }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from needed
)

select * from final

{#
    One row per customer and as_of_date: why it is in its churn risk, and what would move it. Key:
    customer_number, as_of_date, segmentation_id. The fewest orders, then the least money, after which
    the reasons that are left give another risk, until the windows have moved on; else the day from
    which silence does.
#}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
{%- set min_previous_orders = var('churn_min_previous_orders') %}
{%- set high_reasons = var('churn_high_reasons') %}
{%- set falling_share = var('churn_falling_share') %}
{%- set reasons = ['overdue', 'falling_frequency', 'falling_spend'] %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

rhythms as (
    select * from {{ ref('int_purchase_rhythm') }}
),

order_windows as (
    select * from {{ ref('int_order_windows') }}
),

churn_reasons as (
    select * from {{ ref('int_churn_reasons') }}
),

churn_risks as (
    select * from {{ ref('int_churn_risk') }}
),

window_changes as (
    select * from {{ ref('int_window_changes') }}
),

reason_columns as (
    select
        customers.customer_id,
        customers.customer_number,
        {%- for reason in reasons %}
        max(case when churn_reasons.reason_id = '{{ reason }}' then churn_reasons.severity end)
            as {{ reason }}_severity,
        {%- endfor %}
        customers.as_of_date
    from customers
    inner join churn_reasons
        on
            customers.customer_number = churn_reasons.customer_number
            and customers.as_of_date = churn_reasons.as_of_date
    group by customers.customer_id, customers.customer_number, customers.as_of_date
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.order_count,
        metrics.recency_days,
        metrics.last_order_date,
        coalesce(rhythms.purchase_day_count, 0) as purchase_day_count,
        case when rhythms.rhythm_source = 'own' then rhythms.rhythm_days end as rhythm_days,
        coalesce(order_windows.recent_order_count, 0) as recent_order_count,
        coalesce(order_windows.previous_order_count, 0) as previous_order_count,
        {%- for window in ['recent', 'previous'] %}
        {{ segmentation.decimal_of('coalesce(order_windows.' ~ window ~ '_net_revenue, 0)') }}
            as {{ window }}_net_revenue,
        {%- endfor %}
        {%- for reason in reasons %}
        reason_columns.{{ reason }}_severity,
        {%- endfor %}
        churn_risks.churn_reason_count,
        churn_risks.segment_id
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join churn_risks
        on
            customers.customer_number = churn_risks.customer_number
            and customers.as_of_date = churn_risks.as_of_date
    left join rhythms
        on
            customers.customer_number = rhythms.customer_number
            and customers.as_of_date = rhythms.as_of_date
    left join order_windows
        on
            customers.customer_number = order_windows.customer_number
            and customers.as_of_date = order_windows.as_of_date
    left join reason_columns
        on
            customers.customer_id = reason_columns.customer_id
            and customers.customer_number = reason_columns.customer_number
            and customers.as_of_date = reason_columns.as_of_date
),

waits as (
    select
        known.*,
        {%- for name, ratio in [
            ('overdue', 'churn_overdue_ratio'), ('gone', 'lifecycle_churned_ratio'),
        ] %}
        {{ segmentation.add_days(
            'last_order_date',
            'cast(floor(' ~ segmentation.decimal_of(var(ratio), 9, 4)
            ~ ' * rhythm_days) as integer) + 1',
        ) }} as {{ name }}_date,
        {%- endfor %}
        {{ segmentation.add_days('as_of_date', 1) }} as tomorrow,
        purchase_day_count >= {{ var('lifecycle_min_gaps') }} as has_own_rhythm_next
    from known
),

eras as (
    select
        waits.*,
        window_changes.window_date,
        lead(window_changes.window_date) over (
            partition by waits.customer_id, waits.customer_number, waits.as_of_date
            order by window_changes.window_date
        ) as next_window_date,
        window_changes.recent_order_count as recent_orders,
        window_changes.previous_order_count as previous_orders,
        window_changes.recent_net_revenue as recent_revenue,
        window_changes.previous_net_revenue as previous_revenue
    from waits
    inner join window_changes
        on
            waits.customer_id = window_changes.customer_id
            and waits.customer_number = window_changes.customer_number
            and waits.as_of_date = window_changes.as_of_date
),

-- cross joins with these, not unions: some engines work a step out again for each of its readers
numbers as (
    {%- for number in range(1, 4) %}
    select {{ number }} as number
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{# Silence is told on the days, too, on which the customer becomes overdue and churned. #}
days as (
    select
        eras.*,
        numbers.number,
        case numbers.number
            when 1 then eras.window_date
            when 2 then eras.overdue_date
            else eras.gone_date
        end as seen_date
    from eras
    cross join numbers
),

severities as (
    select
        days.*,
        case
            when seen_date >= gone_date then 2
            when seen_date >= overdue_date then 1
            else 0
        end as silent_overdue,
        {{ segmentation.falling_severity('recent_orders', 'previous_orders', 'previous_orders') }}
            as silent_frequency,
        {{ segmentation.falling_severity('recent_revenue', 'previous_revenue', 'previous_orders') }}
            as silent_spend
    from days
    where
        number = 1
        or (
            seen_date > window_date
            and (seen_date < next_window_date or next_window_date is null)
        )
),

silences as (
    select
        severities.*,
        {{ segmentation.churn_rule(
            'order_count',
            '(case when silent_overdue > 0 then 1 else 0 end'
            ' + case when silent_frequency > 0 then 1 else 0 end'
            ' + case when silent_spend > 0 then 1 else 0 end)',
            'greatest(silent_overdue, silent_frequency, silent_spend)',
            'rhythm_days is not null or previous_orders >= ' ~ min_previous_orders,
        ) }} as silent_segment_id
    from severities
),

tomorrows as (
    select
        customer_id,
        customer_number,
        as_of_date,
        segment_id,
        order_count,
        has_own_rhythm_next,
        recent_orders,
        previous_orders,
        recent_revenue,
        previous_revenue,
        cast(ceil({{ segmentation.least_left('previous_orders') }}) as integer) - recent_orders
            as orders_short,
        {{ segmentation.cents_up(
            segmentation.decimal_of('0.0001', 5, 4) ~ ' - recent_revenue'
        ) }} as amount_above_nothing,
        {{ segmentation.cents_up(
            segmentation.least_left('previous_revenue') ~ ' - recent_revenue'
        ) }} as amount_short
    from silences
    where
        seen_date = tomorrow
        and silent_segment_id = segment_id
),

tried_orders as (
    select
        tomorrows.*,
        case numbers.number when 1 then 1 else tomorrows.orders_short end as orders_needed
    from tomorrows
    cross join numbers
    where
        numbers.number = 1
        or (numbers.number = 2 and tomorrows.orders_short > 1)
),

offered as (
    select
        tried_orders.*,
        numbers.number,
        tried_orders.orders_needed * {{ cent }} as least_amount,
        case numbers.number
            when 2 then tried_orders.amount_above_nothing
            when 3 then tried_orders.amount_short
        end as offered_amount
    from tried_orders
    cross join numbers
),

tried_amounts as (
    select
        offered.*,
        {{ segmentation.decimal_of('coalesce(offered_amount, least_amount)', 18, 2) }}
            as amount_needed
    from offered
    where
        number = 1
        or offered_amount > least_amount
),

{%- set after_orders = {
    'frequency': segmentation.falling_severity(
        'recent_orders + orders_needed', 'previous_orders', 'previous_orders'
    ),
    'spend': segmentation.falling_severity(
        'recent_revenue + amount_needed', 'previous_revenue', 'previous_orders'
    ),
} %}
{%- set moved_rule = segmentation.churn_rule(
    'order_count + orders_needed',
    '(case when moved_frequency > 0 then 1 else 0 end'
    ' + case when moved_spend > 0 then 1 else 0 end)',
    'greatest(moved_frequency, moved_spend)',
    'has_own_rhythm_next or previous_orders >= ' ~ min_previous_orders,
) %}

tried as (
    select
        tried_amounts.*,
        {{ after_orders['frequency'] }} as moved_frequency,
        {{ after_orders['spend'] }} as moved_spend
    from tried_amounts
),

led as (
    select
        tried.*,
        {{ moved_rule }} as reached_segment_id
    from tried
),

ranked as (
    select
        customer_id,
        customer_number,
        as_of_date,
        orders_needed,
        amount_needed,
        reached_segment_id,
        row_number() over (
            partition by customer_id, customer_number, as_of_date
            order by orders_needed, amount_needed
        ) as place
    from led
    where reached_segment_id <> segment_id
),

nearest as (
    select
        customer_id,
        customer_number,
        as_of_date,
        orders_needed,
        amount_needed,
        reached_segment_id
    from ranked
    where place = 1
),

lapses as (
    select
        silences.*,
        nearest.orders_needed,
        nearest.amount_needed,
        nearest.reached_segment_id
    from silences
    left join nearest
        on
            silences.customer_id = nearest.customer_id
            and silences.customer_number = nearest.customer_number
            and silences.as_of_date = nearest.as_of_date
),

lapse_severities as (
    select
        lapses.*,
        {{ after_orders['frequency'] }} as moved_frequency,
        {{ after_orders['spend'] }} as moved_spend
    from lapses
),

moved as (
    select
        lapse_severities.*,
        {{ moved_rule }} as moved_segment_id
    from lapse_severities
),

turns as (
    select
        customer_id,
        customer_number,
        as_of_date,
        max(reached_segment_id) as reached_segment_id,
        max(orders_needed) as orders_needed,
        max(amount_needed) as amount_needed,
        min(case when moved_segment_id <> reached_segment_id then seen_date end) as lapse_date,
        min(case when silent_segment_id <> segment_id then seen_date end) as silence_date,
        min(
            case
                when silent_segment_id <> segment_id
                    then {{ segmentation.day_text('seen_date') }} || ' ' || silent_segment_id
            end
        ) as silence_text
    from moved
    group by customer_id, customer_number, as_of_date
),

final as (
    select
        known.customer_id,
        known.customer_number,
        known.as_of_date,
        'churn_risk' as segmentation_id,
        known.segment_id,
        {{ segmentation.facts_object([
            ('churn_reason_count', segmentation.text_of('known.churn_reason_count')),
            ('recency_days', segmentation.text_of('known.recency_days')),
            ('rhythm_days', segmentation.decimal_text('known.rhythm_days', 1)),
            ('recent_order_count', segmentation.text_of('known.recent_order_count')),
            ('previous_order_count', segmentation.text_of('known.previous_order_count')),
            ('recent_net_revenue', segmentation.amount_text('known.recent_net_revenue')),
            ('previous_net_revenue', segmentation.amount_text('known.previous_net_revenue')),
        ]) }} as facts,
        case
            when known.order_count = 0 then 'order_count 0'
            when known.churn_reason_count > 0
                then
                    substring(
                        case known.overdue_severity
                            {%- for severity, var_name in [
                                (1, 'churn_overdue_ratio'), (2, 'lifecycle_churned_ratio'),
                            ] %}
                            when {{ severity }}
                                then
                                    ', recency_days '
                                    || {{ segmentation.text_of('known.recency_days') }}
                                    || ' > {{ var_name }} {{ var(var_name) }} * rhythm_days '
                                    || {{ segmentation.decimal_text('known.rhythm_days', 1) }}
                            {%- endfor %}
                            else ''
                        end
                        {%- for reason, measure, text in [
                            ('falling_frequency', 'order_count', segmentation.text_of),
                            ('falling_spend', 'net_revenue', segmentation.amount_text),
                        ] %}
                        || case
                            when known.{{ reason }}_severity > 0
                                then
                                    ', recent_{{ measure }} '
                                    || {{ text('known.recent_' ~ measure) }}
                                    || ' < (1 - churn_falling_share {{ falling_share }})'
                                    || ' * previous_{{ measure }} '
                                    || {{ text('known.previous_' ~ measure) }}
                                    || case known.{{ reason }}_severity
                                        when 2
                                            then
                                                ', recent_{{ measure }} '
                                                || {{ text('known.recent_' ~ measure) }}
                                                || ' <= 0'
                                        else ''
                                    end
                            else ''
                        end
                        {%- endfor %}
                        || case
                            when
                                known.churn_reason_count >= {{ high_reasons }}
                                {%- for reason in reasons %}
                                and coalesce(known.{{ reason }}_severity, 0) < 2
                                {%- endfor %}
                                then
                                    ', churn_reason_count '
                                    || {{ segmentation.text_of('known.churn_reason_count') }}
                                    || ' >= churn_high_reasons {{ high_reasons }}'
                            else ''
                        end,
                        3
                    )
            else
                'churn_reason_count 0, rhythm_days '
                || coalesce({{ segmentation.decimal_text('known.rhythm_days', 1) }}, 'null')
                || ', previous_order_count '
                || {{ segmentation.text_of('known.previous_order_count') }}
                || case
                    when known.previous_order_count >= {{ min_previous_orders }} then ' >= '
                    else ' < '
                end
                || 'churn_min_previous_orders {{ min_previous_orders }}'
        end as decided_by,
        coalesce(turns.reached_segment_id, substring(turns.silence_text, 12))
            as nearest_segment_id,
        case
            when turns.reached_segment_id is not null then 'orders'
            when turns.silence_date is not null then 'wait'
        end as change_kind,
        {{ segmentation.decimal_of(
            'case when turns.reached_segment_id is not null then turns.orders_needed else '
            ~ segmentation.days_between('known.as_of_date', 'turns.silence_date') ~ ' end',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.decimal_of(
            'case when turns.amount_needed > turns.orders_needed * ' ~ cent
            ~ ' then turns.amount_needed end',
            18,
            2
        ) }} as change_amount,
        case
            when turns.reached_segment_id is null then turns.silence_date
            else {{ segmentation.add_days('turns.lapse_date', -2) }}
        end as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from known
    inner join turns
        on
            known.customer_id = turns.customer_id
            and known.customer_number = turns.customer_number
            and known.as_of_date = turns.as_of_date
)

select * from final

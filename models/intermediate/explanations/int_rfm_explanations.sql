{#
    One row per customer and as_of_date: why it is in its RFM segment, and what would move it.
    Key: customer_number, as_of_date, segmentation_id. The cell of the fewest orders, then of the
    least money, that the map gives another name; where no order leads to one, the silence.
    At the cut points of the day: those that are fitted move with everybody.
#}
{%- set scores = range(1, 6) %}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

segments as (
    select * from {{ ref('int_rfm_segments') }}
),

neighbours as (
    select * from {{ ref('int_rfm_neighbours') }}
),

segment_map as (
    select * from {{ ref('rfm_segment_map') }}
    where preset = '{{ var("rfm_preset") }}'
),

staler_segments as (
    select
        {%- for score in range(1, 5) %}
        max(case when r_score = {{ score }} then segment_id end) as segment_at_{{ score }},
        {%- endfor %}
        f_score,
        m_score
    from segment_map
    group by f_score, m_score
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.last_order_date,
        metrics.recency_days,
        metrics.order_count,
        metrics.net_revenue,
        segments.r_score,
        segments.f_score,
        segments.m_score,
        segments.segment_id
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.as_of_date = segments.as_of_date
),

stepped as (
    select
        known.*,
        {%- for level in scores %}
        {%- if level == 1 %}
        1 as orders_to_1,
        {{ cent }} as amount_to_1,
        {%- else %}
        case
            when neighbours.orders_from_{{ level }} > known.order_count + 1
                then neighbours.orders_from_{{ level }} - known.order_count
            else 1
        end as orders_to_{{ level }},
        {{ segmentation.cents_up('neighbours.amount_from_' ~ level ~ ' - known.net_revenue') }}
            as amount_to_{{ level }},
        neighbours.orders_from_{{ level }},
        neighbours.amount_from_{{ level }},
        neighbours.days_to_{{ level - 1 }},
        {%- endif %}
        {%- for money in scores %}
        neighbours.segment_{{ level }}{{ money }},
        {%- endfor %}
        {%- endfor %}
        {%- for score in range(1, 5) %}
        staler_segments.segment_at_{{ score }},
        {%- endfor %}
        neighbours.r_score as next_r_score
    from known
    left join neighbours
        on known.as_of_date = neighbours.as_of_date
    left join staler_segments
        on
            known.f_score = staler_segments.f_score
            and known.m_score = staler_segments.m_score
),

found as (
    select
        stepped.*,
        case
            {%- for frequency in scores %}
            {%- for money in scores %}
            when
                segment_{{ frequency }}{{ money }} <> segment_id
                {%- if frequency < 5 %}
                and order_count + orders_to_{{ frequency }} < orders_from_{{ frequency + 1 }}
                {%- endif %}
                {%- if money < 5 %}
                and net_revenue + amount_to_{{ money }} < amount_from_{{ money + 1 }}
                and net_revenue + orders_to_{{ frequency }} * {{ cent }}
                < amount_from_{{ money + 1 }}
                {%- endif %}
                then {{ 10 * frequency + money }}
            {%- endfor %}
            {%- endfor %}
        end as cell,
        case
            {%- for score in range(4, 0, -1) %}
            when
                r_score > {{ score }}
                and segment_at_{{ score }} <> segment_id
                {%- if score > 1 %}
                and days_to_{{ score }} < days_to_{{ score - 1 }}
                {%- endif %}
                then {{ score }}
            {%- endfor %}
        end as staler_score
    from stepped
),

reached as (
    select
        found.*,
        case cell
            {%- for frequency in scores %}
            {%- for money in scores %}
            when {{ 10 * frequency + money }} then segment_{{ frequency }}{{ money }}
            {%- endfor %}
            {%- endfor %}
        end as reached_segment_id,
        case {{ segmentation.whole_quotient('cell', 10) }}
            {%- for frequency in scores %}
            when {{ frequency }} then orders_to_{{ frequency }}
            {%- endfor %}
        end as orders_needed,
        case mod(cell, 10)
            {%- for money in scores %}
            when {{ money }} then amount_to_{{ money }}
            {%- endfor %}
        end as amount_needed,
        case staler_score
            {%- for score in range(1, 5) %}
            when {{ score }} then segment_at_{{ score }}
            {%- endfor %}
        end as waited_segment_id,
        case staler_score
            {%- for score in range(1, 5) %}
            when {{ score }} then days_to_{{ score }}
            {%- endfor %}
        end as silent_days
    from found
),

chosen as (
    select
        reached.*,
        amount_needed > orders_needed * {{ cent }} as is_amount_needed,
        case
            when
                orders_needed = 1
                and r_score = next_r_score
                and {{ segmentation.whole_quotient('cell', 10) }} = f_score
                and amount_needed > {{ cent }}
                then 'amount'
            when reached_segment_id is not null then 'orders'
            when waited_segment_id is not null then 'wait'
        end as change_kind
    from reached
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'rfm' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('recency_days', segmentation.text_of('recency_days')),
            ('order_count', segmentation.text_of('order_count')),
            ('net_revenue', segmentation.amount_text('net_revenue')),
            ('r_score', segmentation.text_of('r_score')),
            ('f_score', segmentation.text_of('f_score')),
            ('m_score', segmentation.text_of('m_score')),
        ]) }} as facts,
        case
            when r_score is null then 'order_count 0'
            else
                'R ' || {{ segmentation.text_of('r_score') }}
                || ', F ' || {{ segmentation.text_of('f_score') }}
                || ', M ' || {{ segmentation.text_of('m_score') }}
        end as decided_by,
        coalesce(reached_segment_id, waited_segment_id) as nearest_segment_id,
        change_kind,
        {{ segmentation.decimal_of(
            "case change_kind when 'amount' then amount_needed when 'orders' then orders_needed"
            ' else silent_days - recency_days end',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.decimal_of(
            "case when change_kind = 'orders' and is_amount_needed then amount_needed end", 18, 2
        ) }} as change_amount,
        case
            when change_kind = 'wait'
                then {{ segmentation.add_days('last_order_date', 'silent_days') }}
        end as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from chosen
)

select * from final

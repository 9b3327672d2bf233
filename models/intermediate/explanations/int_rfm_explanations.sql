{#
    One row per customer, as_of_date and segmentation by R, F and M: why it is in its RFM segment and
    at its VIP level, what would move it. Key: customer_number, as_of_date, segmentation_id. The cell of
    the fewest orders, then of the least money, that has another name; where no order leads to one,
    the silence. At the cut points and means of the day: those that are fitted move with everybody.
#}
{%- set scores = range(1, 6) %}
{%- set is_by_mean = var('rfm_preset') == 'rfm_8' %}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

rfm_segments as (
    select * from {{ ref('int_rfm_segments') }}
),

vip_levels as (
    select * from {{ ref('int_vip_levels') }}
),

vip_cells as (
    select * from {{ ref('int_vip_cells') }}
),

neighbours as (
    select * from {{ ref('int_rfm_neighbours') }}
),

cells as (
    select * from {{ ref('int_rfm_cells') }}
),

staler_segments as (
    select
        segmentation_id,
        {%- for score in range(1, 5) %}
        max(case when r_cell = {{ score }} then segment_id end) as segment_at_{{ score }},
        {%- endfor %}
        f_cell,
        m_cell
    from cells
    group by segmentation_id, f_cell, m_cell
),

segments as (
    select
        customer_number,
        as_of_date,
        'rfm' as segmentation_id,
        r_score,
        f_score,
        m_score,
        {{ segmentation.null_of('decimal(5, 2)') }} as vip_score,
        {{ segmentation.null_of('decimal(5, 2)') }} as min_score,
        segment_id
    from rfm_segments
    union all
    select
        rfm_segments.customer_number,
        rfm_segments.as_of_date,
        'vip_level' as segmentation_id,
        rfm_segments.r_score,
        rfm_segments.f_score,
        rfm_segments.m_score,
        vip_levels.vip_score,
        vip_cells.min_score,
        vip_levels.segment_id
    from rfm_segments
    inner join vip_levels
        on
            rfm_segments.customer_number = vip_levels.customer_number
            and rfm_segments.as_of_date = vip_levels.as_of_date
    left join vip_cells
        on
            rfm_segments.r_score = vip_cells.r_score
            and rfm_segments.f_score = vip_cells.f_score
            and rfm_segments.m_score = vip_cells.m_score
),

measured as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        segments.segmentation_id,
        metrics.last_order_date,
        metrics.recency_days,
        metrics.order_count,
        metrics.net_revenue,
        segments.r_score,
        segments.f_score,
        segments.m_score,
        segments.vip_score,
        segments.min_score,
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

known as (
    select
        measured.*,
        neighbours.recency_mean,
        neighbours.frequency_mean,
        neighbours.monetary_mean,
        {%- for cell, score, is_high in [
            ('r_cell', 'r_score', 'measured.recency_days < neighbours.recency_mean'),
            ('f_cell', 'f_score', 'measured.order_count > neighbours.frequency_mean'),
            ('m_cell', 'm_score', 'measured.net_revenue > neighbours.monetary_mean'),
        ] %}
        case
            when neighbours.recency_mean is null then measured.{{ score }}
            when {{ is_high }} then 2
            else 1
        end as {{ cell }},
        {%- endfor %}
        {%- for level in range(2, 6) %}
        neighbours.orders_from_{{ level }},
        neighbours.amount_from_{{ level }},
        neighbours.days_to_{{ level - 1 }},
        {%- endfor %}
        {%- for frequency in scores %}
        {%- for money in scores %}
        neighbours.segment_{{ frequency }}{{ money }},
        {%- endfor %}
        {%- endfor %}
        {{ segmentation.null_of('bigint') }} as orders_from_6,
        {{ segmentation.null_of('decimal(18, 4)') }} as amount_from_6,
        neighbours.r_cell as next_r_cell
    from measured
    left join neighbours
        on
            measured.as_of_date = neighbours.as_of_date
            and measured.segmentation_id = neighbours.segmentation_id
),

stepped as (
    select
        known.*,
        {%- for level in range(2, 6) %}
        case
            when known.orders_from_{{ level }} > known.order_count + 1
                then known.orders_from_{{ level }} - known.order_count
            else 1
        end as orders_to_{{ level }},
        {{ segmentation.cents_up('known.amount_from_' ~ level ~ ' - known.net_revenue') }}
            as amount_to_{{ level }},
        {%- endfor %}
        {%- for score in range(1, 5) %}
        staler_segments.segment_at_{{ score }},
        {%- endfor %}
        1 as orders_to_1,
        {{ cent }} as amount_to_1
    from known
    left join staler_segments
        on
            known.segmentation_id = staler_segments.segmentation_id
            and known.f_cell = staler_segments.f_cell
            and known.m_cell = staler_segments.m_cell
),

found as (
    select
        stepped.*,
        case
            {%- for frequency in scores %}
            {%- for money in scores %}
            when
                segment_{{ frequency }}{{ money }} <> segment_id
                and coalesce(
                    order_count + orders_to_{{ frequency }} < orders_from_{{ frequency + 1 }}, true
                )
                and coalesce(
                    net_revenue + amount_to_{{ money }} < amount_from_{{ money + 1 }}
                    and net_revenue + orders_to_{{ frequency }} * {{ cent }}
                    < amount_from_{{ money + 1 }},
                    true
                )
                then {{ 10 * frequency + money }}
            {%- endfor %}
            {%- endfor %}
        end as cell,
        case
            {%- for score in range(4, 0, -1) %}
            when
                r_cell > {{ score }}
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
                and r_cell = next_r_cell
                and {{ segmentation.whole_quotient('cell', 10) }} = f_cell
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
        segmentation_id,
        segment_id,
        {%- set values = [
            ('recency_days', segmentation.text_of('recency_days')),
            ('order_count', segmentation.text_of('order_count')),
            ('net_revenue', segmentation.amount_text('net_revenue')),
        ] %}
        {%- set scored = values + [
            ('r_score', segmentation.text_of('r_score')),
            ('f_score', segmentation.text_of('f_score')),
            ('m_score', segmentation.text_of('m_score')),
        ] %}
        {%- set averaged = values + [
            ('recency_mean', segmentation.decimal_text('recency_mean', 4)),
            ('frequency_mean', segmentation.decimal_text('frequency_mean', 4)),
            ('monetary_mean', segmentation.decimal_text('monetary_mean', 4)),
        ] %}
        case segmentation_id
            when 'vip_level'
                then
                    {{ segmentation.facts_object(scored + [
                        ('vip_score', segmentation.decimal_text('vip_score', 2)),
                    ]) }}
            else {{ segmentation.facts_object(averaged if is_by_mean else scored) }}
        end as facts,
        case
            when r_score is null then 'order_count 0'
            {%- if is_by_mean %}
            when segmentation_id = 'rfm'
                then
                    'recency_days ' || {{ segmentation.text_of('recency_days') }}
                    || case r_cell when 2 then ' < ' else ' >= ' end
                    || 'recency_mean ' || {{ segmentation.decimal_text('recency_mean', 4) }}
                    || ', order_count ' || {{ segmentation.text_of('order_count') }}
                    || case f_cell when 2 then ' > ' else ' <= ' end
                    || 'frequency_mean ' || {{ segmentation.decimal_text('frequency_mean', 4) }}
                    || ', net_revenue ' || {{ segmentation.amount_text('net_revenue') }}
                    || case m_cell when 2 then ' > ' else ' <= ' end
                    || 'monetary_mean ' || {{ segmentation.decimal_text('monetary_mean', 4) }}
            {%- endif %}
            else
                'R ' || {{ segmentation.text_of('r_score') }}
                || ', F ' || {{ segmentation.text_of('f_score') }}
                || ', M ' || {{ segmentation.text_of('m_score') }}
                || case
                    when segmentation_id = 'vip_level'
                        then
                            ', vip_score ' || {{ segmentation.decimal_text('vip_score', 2) }}
                            || ' >= min_score ' || {{ segmentation.decimal_text('min_score', 2) }}
                    else ''
                end
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

{#
    One row per customer and as_of_date with its RFM segment. Key: customer_number, as_of_date.
    The segment is looked up in a seed, one row for each cell of the preset: the 125 of the scores,
    or in rfm_8 the eight of above or below the mean; who has no valid order is a prospect.
#}
{#- Both ways are known whatever the preset, so that unit tests find each one's inputs. #}
-- depends_on: {{ ref('int_customer_metrics') }}
-- depends_on: {{ ref('int_rfm_means') }}
-- depends_on: {{ ref('rfm_segment_map') }}
-- depends_on: {{ ref('rfm_8_segment_map') }}
{%- set is_by_mean = var('rfm_preset') == 'rfm_8' %}
{%- set axis = 'level' if is_by_mean else 'score' %}
with scores as (
    select * from {{ ref('int_rfm_scores') }}
),

segment_map as (
    select * from {{ ref('rfm_8_segment_map') if is_by_mean else ref('rfm_segment_map') }}
    where preset = '{{ var("rfm_preset") }}'
),
{% if is_by_mean %}
metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

means as (
    select * from {{ ref('int_rfm_means') }}
),

mean_columns as (
    select
        as_of_date,
        {%- for metric in ['recency', 'frequency', 'monetary'] %}
        max(case when metric = '{{ metric }}' then total_value end) as {{ metric }}_total,
        {%- endfor %}
        max(customer_count) as buyer_count
    from means
    group by as_of_date
),

cells as (
    select
        scores.customer_number,
        scores.as_of_date,
        scores.r_score,
        scores.f_score,
        scores.m_score,
        {%- for metric, column, sign, cell in [
            ('recency', 'recency_days', '<', 'r_cell'),
            ('frequency', 'order_count', '>', 'f_cell'),
            ('monetary', 'net_revenue', '>', 'm_cell'),
        ] %}
        case
            when metrics.order_count = 0 then null
            when
                {{ segmentation.decimal_of('metrics.' ~ column, 28, 4) }}
                * {{ segmentation.decimal_of('mean_columns.buyer_count', 10, 0) }}
                {{ sign }} mean_columns.{{ metric }}_total
                then 2
            else 1
        end as {{ cell }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from scores
    inner join metrics
        on
            scores.customer_number = metrics.customer_number
            and scores.as_of_date = metrics.as_of_date
    left join mean_columns
        on scores.as_of_date = mean_columns.as_of_date
),
{% else %}
cells as (
    select
        customer_number,
        as_of_date,
        r_score,
        f_score,
        m_score,
        r_score as r_cell,
        f_score as f_cell,
        m_score as m_cell
    from scores
),
{% endif %}
final as (
    select
        cells.customer_number,
        cells.as_of_date,
        cells.r_score,
        cells.f_score,
        cells.m_score,
        case
            when cells.r_cell is null then 'prospect'
            else segment_map.segment_id
        end as segment_id
    from cells
    left join segment_map
        on
            cells.r_cell = segment_map.r_{{ axis }}
            and cells.f_cell = segment_map.f_{{ axis }}
            and cells.m_cell = segment_map.m_{{ axis }}
)

select * from final

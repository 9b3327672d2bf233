{#
    One row per customer and as_of_date with its RFM segment. Key: customer_number, as_of_date.
    The segment is looked up in the seed rfm_segment_map, one row for each of the 125 cells of the
    preset; who has no valid order is a prospect.
#}
with scores as (
    select * from {{ ref('int_rfm_scores') }}
),

segment_map as (
    select * from {{ ref('rfm_segment_map') }}
    where preset = '{{ var("rfm_preset") }}'
),

final as (
    select
        scores.customer_number,
        scores.as_of_date,
        scores.r_score,
        scores.f_score,
        scores.m_score,
        case
            when scores.r_score is null then 'prospect'
            else segment_map.segment_id
        end as segment_id
    from scores
    left join segment_map
        on
            scores.r_score = segment_map.r_score
            and scores.f_score = segment_map.f_score
            and scores.m_score = segment_map.m_score
)

select * from final

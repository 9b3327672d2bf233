{#
    One row per customer and as_of_date with its composite score, 0 to 100, and its VIP level. Key:
    customer_number, as_of_date. Both are looked up by the cell of R, F and M. Without scores there is
    no level.
#}
with scores as (
    select * from {{ ref('int_rfm_scores') }}
),

vip_cells as (
    select * from {{ ref('int_vip_cells') }}
),

final as (
    select
        scores.customer_number,
        scores.as_of_date,
        vip_cells.vip_score,
        case
            when scores.r_score is null then 'none'
            else vip_cells.level_id
        end as segment_id
    from scores
    left join vip_cells
        on
            scores.r_score = vip_cells.r_score
            and scores.f_score = vip_cells.f_score
            and scores.m_score = vip_cells.m_score
)

select * from final

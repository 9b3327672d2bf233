{#
    One row per cell of R, F and M with its composite score, 0 to 100, and the VIP level of the band
    it is in. Key: r_score, f_score, m_score. The score depends on the cell alone, so it is worked
    out for the 125 cells and looked up. Bands begin at zero, which a test of the seed sees to.
#}
{%- set weights = segmentation.vip_weights() %}
{%- set points = [] %}
{%- for column, weight in weights.items() %}
{%- do points.append('(' ~ column ~ ' - 1) * ' ~ weight) %}
{%- endfor %}
with levels as (
    select * from {{ ref('vip_levels') }}
),

score_values as (
    {%- for score in range(1, 6) %}
    select cast({{ score }} as bigint) as score
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

cells as (
    select
        r_values.score as r_score,
        f_values.score as f_score,
        m_values.score as m_score
    from score_values as r_values
    cross join score_values as f_values
    cross join score_values as m_values
),

scored_cells as (
    select
        r_score,
        f_score,
        m_score,
        {{ segmentation.decimal_of(segmentation.divide(
            '25 * (' ~ points | join(' + ') ~ ')', weights.values() | sum, 2
        ), 5, 2) }} as vip_score
    from cells
),

bands as (
    select
        level_id,
        min_score,
        lead(min_score) over (order by min_score, level_id) as next_min_score
    from levels
),

final as (
    select
        scored_cells.r_score,
        scored_cells.f_score,
        scored_cells.m_score,
        scored_cells.vip_score,
        bands.level_id,
        bands.min_score
    from scored_cells
    inner join bands
        on
            scored_cells.vip_score >= bands.min_score
            and (bands.next_min_score is null or scored_cells.vip_score < bands.next_min_score)
)

select * from final

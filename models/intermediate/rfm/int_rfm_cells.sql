{#
    One row per cell of R, F and M in each segmentation that is read off one: the map of rfm_preset and
    the VIP levels. Key: segmentation_id, r_cell, f_cell, m_cell. A cell is of scores from 1 to 5, or
    under rfm_8 of levels, 1 below the mean and 2 above it.
#}
{#- Both maps are known whatever the preset, so that unit tests find each one's inputs. #}
-- depends_on: {{ ref('rfm_segment_map') }}
-- depends_on: {{ ref('rfm_8_segment_map') }}
{%- set is_by_mean = var('rfm_preset') == 'rfm_8' %}
{%- set axis = 'level' if is_by_mean else 'score' %}
with segment_map as (
    select * from {{ ref('rfm_8_segment_map') if is_by_mean else ref('rfm_segment_map') }}
    where preset = '{{ var("rfm_preset") }}'
),

vip_cells as (
    select * from {{ ref('int_vip_cells') }}
),

final as (
    select
        'rfm' as segmentation_id,
        cast(r_{{ axis }} as bigint) as r_cell,
        cast(f_{{ axis }} as bigint) as f_cell,
        cast(m_{{ axis }} as bigint) as m_cell,
        segment_id
    from segment_map
    union all
    select
        'vip_level' as segmentation_id,
        r_score as r_cell,
        f_score as f_cell,
        m_score as m_cell,
        level_id as segment_id
    from vip_cells
)

select * from final

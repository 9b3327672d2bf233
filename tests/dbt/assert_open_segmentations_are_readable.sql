{{ config(severity='warn') }}
-- Warns when an open segmentation, whose segments are what the data holds, has more of them than
-- the var open_segments_max: bring writings together in the seed profile_value_map.
select
    segmentation_id,
    count(*) as segment_count
from {{ ref('segments') }}
where
    {%- for entry in segmentation.registered_segmentations() if entry.is_open %}
    segmentation_id = '{{ entry.id }}' or
    {%- endfor %}
    segmentation_id = '(no other)'
group by segmentation_id
having count(*) > {{ var('open_segments_max') }}

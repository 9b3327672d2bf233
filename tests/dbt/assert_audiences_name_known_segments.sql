-- Every segment and channel that the rule of an audience names is one that exists. A misspelt one
-- would never match, or with `not` always. Segmentations that are open are left out: their segments
-- are whatever the data holds, and may come tomorrow.
with named as (
    {%- for name in segmentation.audience_segment_names() %}
    select
        {{ segmentation.text_literal(name.audience) }} as audience_id,
        {{ segmentation.text_literal(name.segmentation) }} as segmentation_id,
        {{ segmentation.text_literal(name.segment) }} as segment_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ segmentation.null_of('string') }} as audience_id,
        {{ segmentation.null_of('string') }} as segmentation_id,
        {{ segmentation.null_of('string') }} as segment_id
    {%- endfor %}
),

known as (
    select
        segmentation_id,
        segment_id
    from {{ ref('segments') }}
    union all
    select
        channel_kind || '_channel' as segmentation_id,
        channel_id as segment_id
    from {{ ref('channels') }}
)

select distinct
    named.audience_id,
    named.segmentation_id,
    named.segment_id
from named
left join known
    on
        named.segmentation_id = known.segmentation_id
        and named.segment_id = known.segment_id
where named.segment_id is not null and known.segment_id is null

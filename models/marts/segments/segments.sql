{#
    One row per segment of every segmentation, audiences included: what it is called in both
    languages, what it means and what to do about it. Key: segmentation_id, segment_id. The place to
    join labels from. Where a segmentation is open, what the data holds beyond the labels is named by
    its own value, on whichever day of the build it is found.
#}
{%- set registered = segmentation.registered_segmentations() %}
{%- set open_segmentations = registered | selectattr('is_open') | list %}
with segmentations as (
    select * from {{ ref('int_segmentations') }}
),

segment_labels as (
    select * from {{ ref('segment_labels') }}
),

channels as (
    select * from {{ ref('channels') }}
),

customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

audiences as (
    select * from {{ ref('int_audiences') }}
),

chosen_labels as (
    select
        segment_labels.segmentation_id,
        segment_labels.segment_id,
        segment_labels.segment_rank,
        segment_labels.label_en,
        segment_labels.label_zh,
        segment_labels.definition_en,
        segment_labels.definition_zh,
        segment_labels.persona_en,
        segment_labels.persona_zh,
        segment_labels.next_action_en,
        segment_labels.next_action_zh,
        segment_labels.contact_channel,
        segment_labels.cool_down_days,
        segment_labels.owner,
        true as is_labelled
    from segment_labels
    inner join segmentations
        on
            segment_labels.segmentation_id = segmentations.segmentation_id
            and segment_labels.preset = segmentations.preset
    union all
    select
        channel_kind || '_channel' as segmentation_id,
        channel_id as segment_id,
        channel_rank as segment_rank,
        label_en,
        label_zh,
        definition_en,
        definition_zh,
        persona_en,
        persona_zh,
        next_action_en,
        next_action_zh,
        contact_channel,
        cool_down_days,
        owner,
        true as is_labelled
    from channels
),

found as (
    {%- for entry in open_segmentations %}
    select distinct
        '{{ entry.id }}' as segmentation_id,
        {{ entry.column }} as segment_id
    from customer_segments
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ segmentation.null_of('string') }} as segmentation_id,
        {{ segmentation.null_of('string') }} as segment_id
    from customer_segments
    where customer_number is null
    {%- endfor %}
),

unlabelled as (
    select
        found.segmentation_id,
        found.segment_id
    from found
    left join chosen_labels
        on
            found.segmentation_id = chosen_labels.segmentation_id
            and found.segment_id = chosen_labels.segment_id
    where chosen_labels.segment_id is null and found.segment_id is not null
),

all_labels as (
    select * from chosen_labels
    union all
    select
        segmentation_id,
        segment_id,
        1000 as segment_rank,
        segment_id as label_en,
        segment_id as label_zh,
        'Recorded as "' || segment_id || '".' as definition_en,
        '原始记录为“' || segment_id || '”。' as definition_zh,
        {{ segmentation.null_of('string') }} as persona_en,
        {{ segmentation.null_of('string') }} as persona_zh,
        {{ segmentation.null_of('string') }} as next_action_en,
        {{ segmentation.null_of('string') }} as next_action_zh,
        {{ segmentation.null_of('string') }} as contact_channel,
        {{ segmentation.null_of('integer') }} as cool_down_days,
        {{ segmentation.null_of('string') }} as owner,
        false as is_labelled
    from unlabelled
    union all
    select
        'audience' as segmentation_id,
        audience_id as segment_id,
        audience_rank as segment_rank,
        label_en,
        label_zh,
        description_en as definition_en,
        description_zh as definition_zh,
        {{ segmentation.null_of('string') }} as persona_en,
        {{ segmentation.null_of('string') }} as persona_zh,
        next_action_en,
        next_action_zh,
        contact_channel,
        cool_down_days,
        owner,
        true as is_labelled
    from audiences
),

{% set steps = segmentation.var_value_steps() -%}
{% for values in steps -%}
filled_{{ loop.index }} as (
    select
        segmentation_id,
        segment_id,
        {{ segmentation.with_values('definition_en', values) }} as definition_en,
        {{ segmentation.with_values('definition_zh', values) }} as definition_zh
    from {{ 'all_labels' if loop.first else 'filled_' ~ loop.index0 }}
),

{% endfor -%}
final as (
    select
        all_labels.segmentation_id,
        all_labels.segment_id,
        segmentations.kind,
        segmentations.label_en as segmentation_label_en,
        segmentations.label_zh as segmentation_label_zh,
        segmentations.column_name,
        cast(segmentations.segmentation_rank as integer) as segmentation_rank,
        cast(all_labels.segment_rank as integer) as segment_rank,
        all_labels.is_labelled,
        all_labels.label_en,
        all_labels.label_zh,
        filled.definition_en,
        filled.definition_zh,
        all_labels.persona_en,
        all_labels.persona_zh,
        all_labels.next_action_en,
        all_labels.next_action_zh,
        all_labels.contact_channel,
        cast(all_labels.cool_down_days as integer) as cool_down_days,
        coalesce(all_labels.owner, segmentations.owner) as owner,
        {{ segmentation.date_literal(segmentation.as_of_date()) }} as as_of_date
    from all_labels
    inner join filled_{{ steps | length }} as filled
        on
            all_labels.segmentation_id = filled.segmentation_id
            and all_labels.segment_id = filled.segment_id
    inner join segmentations
        on all_labels.segmentation_id = segmentations.segmentation_id
)

select * from final

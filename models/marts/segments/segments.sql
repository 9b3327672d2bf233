{#
    One row per segment of every segmentation: what it is called in both languages, what it means
    and what to do about it. Key: segmentation_id, segment_id. The place to join labels from.
#}
with segmentations as (
    select * from {{ ref('segmentations') }}
),

segment_labels as (
    select * from {{ ref('segment_labels') }}
),

channels as (
    select * from {{ ref('channels') }}
),

chosen_labels as (
    select
        segmentation_id,
        segment_id,
        segment_rank,
        label_en,
        label_zh,
        definition_en,
        definition_zh,
        next_action_en,
        next_action_zh,
        owner
    from segment_labels
    where preset in ('default', '{{ var("rfm_preset") }}')
    union all
    select
        channel_kind || '_channel' as segmentation_id,
        channel_id as segment_id,
        channel_rank as segment_rank,
        label_en,
        label_zh,
        definition_en,
        definition_zh,
        {{ segmentation.null_of('string') }} as next_action_en,
        {{ segmentation.null_of('string') }} as next_action_zh,
        {{ segmentation.null_of('string') }} as owner
    from channels
),

final as (
    select
        chosen_labels.segmentation_id,
        chosen_labels.segment_id,
        segmentations.label_en as segmentation_label_en,
        segmentations.label_zh as segmentation_label_zh,
        segmentations.column_name,
        cast(chosen_labels.segment_rank as integer) as segment_rank,
        chosen_labels.label_en,
        chosen_labels.label_zh,
        {{ segmentation.with_var_values('chosen_labels.definition_en') }} as definition_en,
        {{ segmentation.with_var_values('chosen_labels.definition_zh') }} as definition_zh,
        chosen_labels.next_action_en,
        chosen_labels.next_action_zh,
        coalesce(chosen_labels.owner, segmentations.owner) as owner,
        {{ segmentation.date_literal(segmentation.as_of_date()) }} as as_of_date
    from chosen_labels
    inner join segmentations
        on chosen_labels.segmentation_id = segmentations.segmentation_id
)

select * from final

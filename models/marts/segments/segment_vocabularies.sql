{#
    One row per vocabulary and segment: what other people's words for the same thing are.
    Key: segmentation_id, vocabulary_id, segment_id. Each vocabulary has one word for every segment,
    so that a join on one vocabulary_id never loses a customer nor counts one twice.
#}
with vocabularies as (
    select * from {{ ref('lifecycle_vocabularies') }}
),

segmentations as (
    select * from {{ ref('int_segmentations') }}
),

final as (
    select
        segmentations.segmentation_id,
        vocabularies.vocabulary_id,
        vocabularies.segment_id,
        vocabularies.vocabulary_label_en,
        vocabularies.vocabulary_label_zh,
        cast(vocabularies.label_rank as integer) as label_rank,
        vocabularies.label_en,
        vocabularies.label_zh,
        vocabularies.is_added,
        {{ segmentation.date_literal(segmentation.as_of_date()) }} as as_of_date
    from vocabularies
    inner join segmentations
        on segmentations.segmentation_id = 'lifecycle'
)

select * from final

-- A text of tags is taken apart up to a number of parts: one with more is no list of tags, or lacks
-- the rest of them in customer_tags.
with texts as (
    select distinct {{ segmentation.evenly_divided('tags') }} as parts
    from {{ ref('int_customer_attributes') }}
    where tags is not null
)

select {{ segmentation.part_count('parts') }} as tag_count
from texts
where {{ segmentation.part_count('parts') }} > {{ segmentation.most_tags() }}

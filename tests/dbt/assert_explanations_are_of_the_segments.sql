-- Every customer has one explanation of every segmentation, at every as_of_date, and it explains
-- the segment that the customer is in. Audiences are no segmentations: their rules speak for
-- themselves.
with assignments as (
    select * from {{ ref('int_segment_assignments') }}
    where segmentation_id <> 'audience'
),

explanations as (
    select * from {{ ref('int_segment_explanations') }}
)

select
    coalesce(assignments.customer_number, explanations.customer_number) as customer_number,
    coalesce(assignments.as_of_date, explanations.as_of_date) as as_of_date,
    coalesce(assignments.segmentation_id, explanations.segmentation_id) as segmentation_id,
    assignments.segment_id,
    explanations.segment_id as explained_segment_id
from assignments
full outer join explanations
    on
        assignments.customer_number = explanations.customer_number
        and assignments.as_of_date = explanations.as_of_date
        and assignments.segmentation_id = explanations.segmentation_id
where
    assignments.segment_id is null
    or coalesce(explanations.segment_id, '') <> assignments.segment_id

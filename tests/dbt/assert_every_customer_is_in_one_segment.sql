-- Promise 1: a partition puts every customer in exactly one segment, at every as_of_date, and the
-- segment is one that marts.segments knows.
with segmentations as (
    select segmentation_id
    from {{ ref('int_segmentations') }}
    where kind = 'partition'
),

expected as (
    select
        customers.customer_number,
        customers.as_of_date,
        segmentations.segmentation_id
    from {{ ref('int_customers') }} as customers
    cross join segmentations
),

counted as (
    select
        assignments.customer_number,
        assignments.as_of_date,
        assignments.segmentation_id,
        count(*) as assignment_count,
        count(segments.segment_id) as known_segment_count
    from {{ ref('int_segment_assignments') }} as assignments
    left join {{ ref('segments') }} as segments
        on
            assignments.segmentation_id = segments.segmentation_id
            and assignments.segment_id = segments.segment_id
    group by assignments.customer_number, assignments.as_of_date, assignments.segmentation_id
)

select
    expected.customer_number,
    expected.as_of_date,
    expected.segmentation_id,
    coalesce(counted.assignment_count, 0) as assignment_count,
    coalesce(counted.known_segment_count, 0) as known_segment_count
from expected
left join counted
    on
        expected.customer_number = counted.customer_number
        and expected.as_of_date = counted.as_of_date
        and expected.segmentation_id = counted.segmentation_id
where
    coalesce(counted.assignment_count, 0) <> 1
    or coalesce(counted.known_segment_count, 0) <> 1

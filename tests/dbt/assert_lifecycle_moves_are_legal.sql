-- Where a build holds two days in a row, every customer's lifecycle stage moved as the rules allow.
-- Days further apart say nothing: in enough days nearly every stage leads to nearly every other.
with as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

stages as (
    select * from {{ ref('int_lifecycle_segments') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

transitions as (
    select * from {{ ref('lifecycle_transitions') }}
),

pairs as (
    select
        earlier.as_of_date as day_before,
        later.as_of_date
    from as_of_dates as earlier
    inner join as_of_dates as later
        on later.as_of_date = {{ segmentation.add_days('earlier.as_of_date', 1) }}
),

moves as (
    select
        stages_after.customer_number,
        stages_after.as_of_date,
        coalesce(stages_before.segment_id, 'not_yet_known') as from_segment,
        stages_after.segment_id as to_segment,
        case when metrics.recency_days = 1 then 'order' else 'time' end as cause,
        coalesce(
            stages_after.rhythm_source <> 'own'
            and stages_after.rhythm_days <> stages_before.rhythm_days,
            false
        ) as has_new_population_rhythm
    from pairs
    inner join stages as stages_after
        on pairs.as_of_date = stages_after.as_of_date
    inner join metrics
        on
            stages_after.customer_number = metrics.customer_number
            and stages_after.as_of_date = metrics.as_of_date
    left join stages as stages_before
        on
            stages_after.customer_number = stages_before.customer_number
            and pairs.day_before = stages_before.as_of_date
)

select
    moves.customer_number,
    moves.as_of_date,
    moves.from_segment,
    moves.to_segment,
    moves.cause,
    moves.has_new_population_rhythm
from moves
left join transitions
    on
        moves.from_segment = transitions.from_segment
        and moves.to_segment = transitions.to_segment
        and moves.cause = transitions.cause
where
    transitions.cause is null
    or (transitions.is_by_population and not moves.has_new_population_rhythm)

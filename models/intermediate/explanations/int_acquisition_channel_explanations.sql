{#
    One row per customer and as_of_date: why it is in its acquisition channel, what would move it.
    Key: customer_number, as_of_date, segmentation_id. A channel that a touch named stays; without
    one, the first touch that names a channel decides, and which that is nobody knows.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

acquisitions as (
    select * from {{ ref('int_acquisition_channels') }}
),

dated as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        acquisitions.segment_id,
        acquisitions.touch_kind,
        acquisitions.has_direct_touch,
        {{ segmentation.business_date('acquisitions.touched_at') }} as touch_date
    from customers
    inner join acquisitions
        on
            customers.customer_number = acquisitions.customer_number
            and customers.as_of_date = acquisitions.as_of_date
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'acquisition_channel' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('touch_channel', 'case when touch_kind is not null then '
                ~ segmentation.json_text('segment_id') ~ ' end'),
            ('touch_kind', segmentation.json_text('touch_kind')),
            ('touch_date', segmentation.json_text(segmentation.day_text('touch_date'))),
            ('has_direct_touch', segmentation.truth_text('has_direct_touch')),
        ]) }} as facts,
        case
            when touch_kind is not null
                then
                    'touch_channel ' || segment_id || ', touch_kind ' || touch_kind
                    || ', touch_date ' || {{ segmentation.day_text('touch_date') }}
            else
                'touch_channel null, has_direct_touch '
                || {{ segmentation.truth_text('has_direct_touch') }}
        end as decided_by,
        {{ segmentation.null_of('string') }} as nearest_segment_id,
        case when touch_kind is null then 'attribute' end as change_kind,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        case when touch_kind is null then 'touch_channel' end as change_detail
    from dated
)

select * from final

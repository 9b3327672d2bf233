{#
    One row per customer, as_of_date and segment that the customer is in: the columns of
    int_customer_segments one below the other, and the audiences, of which a customer is in any
    number. Key: customer_number, as_of_date, segmentation_id, segment_id.
#}
{%- set segmentations = segmentation.registered_segmentations() %}
with customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

audience_members as (
    select * from {{ ref('int_audience_members') }}
),

final as (
    {%- for entry in segmentations %}
    select
        customer_number,
        as_of_date,
        '{{ entry.id }}' as segmentation_id,
        {{ entry.column }} as segment_id
    from customer_segments
    union all
    {%- endfor %}
    select
        customer_number,
        as_of_date,
        'audience' as segmentation_id,
        audience_id as segment_id
    from audience_members
)

select * from final

{#
    One row per customer, as_of_date and segmentation with the segment it is in: the columns of
    int_customer_segments one below the other. Key: customer_number, as_of_date, segmentation_id.
#}
{%- set segmentations = segmentation.registered_segmentations() %}
with customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

final as (
    {%- for entry in segmentations %}
    select
        customer_number,
        as_of_date,
        '{{ entry.id }}' as segmentation_id,
        {{ entry.column }} as segment_id
    from customer_segments
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final

{#
    One row per customer, as_of_date and segmentation with the segment it is in.
    Key: customer_number, as_of_date, segmentation_id. Every partition of the registry is one branch; a
    new segmentation is one more.
#}
{%- set partitions = {
    'rfm': 'int_rfm_segments',
    'lifecycle': 'int_lifecycle_segments',
    'activity': 'int_activity_segments',
    'acquisition_channel': 'int_acquisition_channels',
} %}
with customers as (
    select * from {{ ref('int_customers') }}
),

{% for segmentation_id, model in partitions.items() -%}
{{ segmentation_id }} as (
    select * from {{ ref(model) }}
),

{% endfor -%}
purchase_channel as (
    select * from {{ ref('int_purchase_channels') }}
),

assignments as (
    {%- for segmentation_id in partitions %}
    select
        customer_number,
        as_of_date,
        '{{ segmentation_id }}' as segmentation_id,
        segment_id
    from {{ segmentation_id }}
    union all
    {%- endfor %}
    select
        customers.customer_number,
        customers.as_of_date,
        'purchase_channel' as segmentation_id,
        coalesce(purchase_channel.segment_id, 'none') as segment_id
    from customers
    left join purchase_channel
        on
            customers.customer_number = purchase_channel.customer_number
            and customers.as_of_date = purchase_channel.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        segmentation_id,
        segment_id
    from assignments
)

select * from final

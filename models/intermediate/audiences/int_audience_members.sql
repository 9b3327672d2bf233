{#
    One row per customer, as_of_date and audience that the customer is in: the true columns of
    int_audience_matches, one below the other. Key: customer_number, as_of_date, audience_id.
#}
with matches as (
    select * from {{ ref('int_audience_matches') }}
),

final as (
    {%- for id in segmentation.audience_plan().ids %}
    select
        customer_number,
        as_of_date,
        '{{ id }}' as audience_id
    from matches
    where in_{{ id }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        customer_number,
        as_of_date,
        {{ segmentation.null_of('string') }} as audience_id
    from matches
    where customer_number is null
    {%- endfor %}
)

select * from final

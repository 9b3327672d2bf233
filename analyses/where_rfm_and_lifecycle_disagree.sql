-- How do the RFM segments spread over the lifecycle stages? RFM ranks customers against each
-- other, the lifecycle measures each one against its own rhythm; the corners are worth a look.
with customers as (
    select * from {{ ref('customers') }}
),

segments as (
    select * from {{ ref('segments') }}
    where segmentation_id = 'rfm'
),

final as (
    select
        segments.segment_rank,
        segments.label_en,
        {%- for stage in [
            'onboarding', 'growing', 'mature', 'loyal', 'reactivated', 'declining', 'churned',
        ] %}
        sum(case when customers.lifecycle_segment = '{{ stage }}' then 1 else 0 end) as {{ stage }},
        {%- endfor %}
        count(*) as customers
    from customers
    inner join segments
        on customers.rfm_segment = segments.segment_id
    where customers.order_count > 0
    group by segments.segment_rank, segments.label_en
)

select * from final
order by segment_rank

-- How many customers are in 潜在期, 成长期, 成熟期 and 衰退期, and what are they worth? The same stages
-- in other people's words: any other vocabulary_id of segment_vocabularies does as well.
with customers as (
    select * from {{ ref('customers') }}
),

words as (
    select * from {{ ref('segment_vocabularies') }}
    where segmentation_id = 'lifecycle' and vocabulary_id = 'rise_and_decline'
),

final as (
    select
        words.label_rank,
        words.label_en,
        words.label_zh,
        count(*) as customers,
        sum(customers.net_revenue) as net_revenue
    from customers
    inner join words
        on customers.lifecycle_segment = words.segment_id
    group by words.label_rank, words.label_en, words.label_zh
)

select * from final
order by label_rank

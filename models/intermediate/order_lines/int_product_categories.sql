{#
    One row per category as sources write it, with the number that all writings of it share.
    Key: category_written. Lines carry the number. What the project itself calls none or unknown is
    no category.
#}
with order_lines as (
    select * from {{ ref('int_input_order_lines') }}
),

written as (
    select distinct category as category_written
    from order_lines
    where category is not null
),

cleaned as (
    select
        category_written,
        {{ segmentation.byte_order(
            segmentation.lower_case(segmentation.clean_text('category_written'))
        ) }} as category
    from written
),

final as (
    select
        category_written,
        category,
        cast(
            dense_rank() over (order by {{ segmentation.byte_order('category') }}) as integer
        ) as category_number
    from cleaned
    where category not in ('none', 'unknown')
)

select * from final

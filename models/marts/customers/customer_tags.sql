{#
    One row per customer and tag at as_of_date. Key: customer_id, tag_name. Tags are what sources
    hang on a customer by hand: a customer may have none or many, so they are no segmentation.
#}
with customer_tags as (
    select * from {{ ref('int_customer_tags') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

final as (
    select
        customers.customer_id,
        customer_tags.as_of_date,
        customer_tags.tag_name
    from customer_tags
    inner join as_of_dates
        on customer_tags.as_of_date = as_of_dates.as_of_date
    inner join customers
        on
            customer_tags.customer_number = customers.customer_number
            and customer_tags.as_of_date = customers.as_of_date
)

select * from final

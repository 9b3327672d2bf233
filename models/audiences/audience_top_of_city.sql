{#
    One row per as_of_date and customer among the three biggest buyers of a city, equal ones
    together. Key: customer_id, as_of_date. A rank within a group is more than a rule can say: an
    audience takes it in with {model: audience_top_of_city}.
#}
with profiles as (
    select * from {{ ref('int_customer_profiles') }}
),

ranked as (
    select
        customer_id,
        as_of_date,
        rank() over (
            partition by as_of_date, city
            order by net_revenue desc
        ) as place
    from profiles
    where city is not null and order_count > 0
),

final as (
    select
        customer_id,
        as_of_date
    from ranked
    where place <= 3
)

select * from final

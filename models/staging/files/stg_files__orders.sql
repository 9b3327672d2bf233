{#
    One row per order of a file in contract shape, key source_name + order_id. Nothing is read or
    mended here: the file says what it means, and a column that is missing or of another type stops
    the run.
#}
with orders as (
    select * from {{ source('files', 'orders') }}
),

final as (
    select
        cast(source_name as {{ dbt.type_string() }}) as source_name,
        cast(order_id as {{ dbt.type_string() }}) as order_id,
        cast(contact_id as {{ dbt.type_string() }}) as contact_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(phone as {{ dbt.type_string() }}) as phone,
        cast(country as {{ dbt.type_string() }}) as country,
        cast(ordered_at as {{ dbt.type_timestamp() }}) as ordered_at,
        cast(status as {{ dbt.type_string() }}) as status,
        cast(is_test as boolean) as is_test,
        cast(gross_amount as numeric(18, 4)) as gross_amount,
        cast(discount_amount as numeric(18, 4)) as discount_amount,
        cast(currency as {{ dbt.type_string() }}) as currency,
        cast(sales_channel as {{ dbt.type_string() }}) as sales_channel,
        cast(utm_source as {{ dbt.type_string() }}) as utm_source,
        cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
        cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from orders
)

select * from final

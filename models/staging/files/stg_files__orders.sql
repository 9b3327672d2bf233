{#
    One row per order of a file in contract shape, key source_name + order_id. A column that is
    missing stops the run. In Parquet so does one of another type; text of a CSV file that cannot be
    read becomes NULL, and the row is rejected with its reason.
#}
with orders as (
    select * from {{ segmentation.file_or_table(
        source('files', 'orders'), env_var('SEGMENTATION_FILES', 'data/files') ~ '/orders.parquet'
    ) }}
),

final as (
    select
        cast(source_name as {{ dbt.type_string() }}) as source_name,
        cast(order_id as {{ dbt.type_string() }}) as order_id,
        cast(contact_id as {{ dbt.type_string() }}) as contact_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(phone as {{ dbt.type_string() }}) as phone,
        cast(country as {{ dbt.type_string() }}) as country,
        {{ segmentation.file_value('ordered_at', 'timestamp') }} as ordered_at,
        cast(status as {{ dbt.type_string() }}) as status,
        cast(is_test as boolean) as is_test,
        {{ segmentation.file_value('gross_amount', 'decimal(18, 4)') }} as gross_amount,
        {{ segmentation.file_value('discount_amount', 'decimal(18, 4)') }} as discount_amount,
        cast(currency as {{ dbt.type_string() }}) as currency,
        cast(sales_channel as {{ dbt.type_string() }}) as sales_channel,
        cast(utm_source as {{ dbt.type_string() }}) as utm_source,
        cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
        cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
        {{ segmentation.file_value('updated_at', 'timestamp') }} as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from orders
)

select * from final

{#
    One row per order line of a file in contract shape, key source_name + order_id + line_id. A
    column that is missing stops the run. In Parquet so does one of another type; text of a CSV file
    that cannot be read becomes NULL, and the row is rejected with its reason.
#}
with order_lines as (
    select * from {{ segmentation.file_or_table(
        source('files', 'order_lines'),
        env_var('SEGMENTATION_FILES', 'data/files') ~ '/order_lines.parquet'
    ) }}
),

final as (
    select
        cast(source_name as {{ dbt.type_string() }}) as source_name,
        cast(order_id as {{ dbt.type_string() }}) as order_id,
        cast(line_id as {{ dbt.type_string() }}) as line_id,
        cast(product_id as {{ dbt.type_string() }}) as product_id,
        cast(product_name as {{ dbt.type_string() }}) as product_name,
        cast(category as {{ dbt.type_string() }}) as category,
        {{ segmentation.file_value('quantity', 'decimal(18, 4)') }} as quantity,
        {{ segmentation.file_value('unit_price', 'decimal(18, 4)') }} as unit_price,
        {{ segmentation.file_value('unit_cost', 'decimal(18, 4)') }} as unit_cost,
        cast(currency as {{ dbt.type_string() }}) as currency,
        {{ segmentation.file_value('updated_at', 'timestamp') }} as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from order_lines
)

select * from final

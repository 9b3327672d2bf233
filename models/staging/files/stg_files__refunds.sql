{#
    One row per refund of a file in contract shape, key source_name + refund_id. A column that is
    missing stops the run. In Parquet so does one of another type; text of a CSV file that cannot be
    read becomes NULL, and the row is rejected with its reason.
#}
with refunds as (
    select * from {{ segmentation.file_or_table(
        source('files', 'refunds'), env_var('SEGMENTATION_FILES', 'data/files') ~ '/refunds.parquet'
    ) }}
),

final as (
    select
        cast(source_name as {{ dbt.type_string() }}) as source_name,
        cast(refund_id as {{ dbt.type_string() }}) as refund_id,
        cast(order_id as {{ dbt.type_string() }}) as order_id,
        cast(contact_id as {{ dbt.type_string() }}) as contact_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(phone as {{ dbt.type_string() }}) as phone,
        cast(country as {{ dbt.type_string() }}) as country,
        {{ segmentation.file_value('refunded_at', 'timestamp') }} as refunded_at,
        {{ segmentation.file_value('refund_amount', 'decimal(18, 4)') }} as refund_amount,
        cast(currency as {{ dbt.type_string() }}) as currency,
        {{ segmentation.file_value('updated_at', 'timestamp') }} as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from refunds
)

select * from final

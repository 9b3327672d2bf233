{#
    One row per refund of a file in contract shape, key source_name + refund_id. Nothing is read or
    mended here: the file says what it means, and a column that is missing or of another type stops
    the run.
#}
with refunds as (
    select * from {{ source('files', 'refunds') }}
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
        cast(refunded_at as {{ dbt.type_timestamp() }}) as refunded_at,
        cast(refund_amount as numeric(18, 4)) as refund_amount,
        cast(currency as {{ dbt.type_string() }}) as currency,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from refunds
)

select * from final

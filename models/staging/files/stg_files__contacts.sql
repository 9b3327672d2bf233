{#
    One row per contact record of a file in contract shape, key source_name + contact_id. A
    column that is missing stops the run. In Parquet so does one of another type; text of a CSV file
    that cannot be read becomes NULL, and the row is rejected with its reason.
#}
with contacts as (
    select * from {{ segmentation.file_or_table(
        source('files', 'contacts'), env_var('SEGMENTATION_FILES', 'data/files') ~ '/contacts.parquet'
    ) }}
),

final as (
    select
        cast(source_name as {{ dbt.type_string() }}) as source_name,
        cast(contact_id as {{ dbt.type_string() }}) as contact_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(phone as {{ dbt.type_string() }}) as phone,
        {{ segmentation.file_value('created_at', 'timestamp') }} as created_at,
        cast(acquisition_source as {{ dbt.type_string() }}) as acquisition_source,
        cast(acquisition_medium as {{ dbt.type_string() }}) as acquisition_medium,
        cast(acquisition_campaign as {{ dbt.type_string() }}) as acquisition_campaign,
        {{ segmentation.file_value('birth_date', 'date') }} as birth_date,
        cast(gender as {{ dbt.type_string() }}) as gender,
        cast(occupation as {{ dbt.type_string() }}) as occupation,
        cast(country as {{ dbt.type_string() }}) as country,
        cast(region as {{ dbt.type_string() }}) as region,
        cast(city as {{ dbt.type_string() }}) as city,
        cast(company as {{ dbt.type_string() }}) as company,
        cast(industry as {{ dbt.type_string() }}) as industry,
        cast(company_size as {{ dbt.type_string() }}) as company_size,
        cast(partner_type as {{ dbt.type_string() }}) as partner_type,
        cast(tags as {{ dbt.type_string() }}) as tags,
        cast(has_marketing_consent as boolean) as has_marketing_consent,
        {{ segmentation.file_value('erased_at', 'timestamp') }} as erased_at,
        {{ segmentation.file_value('updated_at', 'timestamp') }} as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from contacts
)

select * from final

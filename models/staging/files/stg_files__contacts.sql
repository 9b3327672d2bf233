{#
    One row per contact record of a file in contract shape, key source_name + contact_id. Nothing
    is read or mended here: the file says what it means, and a column that is missing or of another
    type stops the run.
#}
with contacts as (
    select * from {{ source('files', 'contacts') }}
),

final as (
    select
        cast(source_name as {{ dbt.type_string() }}) as source_name,
        cast(contact_id as {{ dbt.type_string() }}) as contact_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(phone as {{ dbt.type_string() }}) as phone,
        cast(created_at as {{ dbt.type_timestamp() }}) as created_at,
        cast(acquisition_source as {{ dbt.type_string() }}) as acquisition_source,
        cast(acquisition_medium as {{ dbt.type_string() }}) as acquisition_medium,
        cast(acquisition_campaign as {{ dbt.type_string() }}) as acquisition_campaign,
        cast(birth_date as date) as birth_date,
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
        cast(erased_at as {{ dbt.type_timestamp() }}) as erased_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(raw_values as {{ dbt.type_string() }}) as raw_values
    from contacts
)

select * from final

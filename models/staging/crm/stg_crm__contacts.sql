{#
    One row per exported row of CRM leads and contacts; key: none, a record comes again with each
    update. The CRM writes the wall clock of head office in Shanghai and country names; here they
    become UTC and ISO codes. An unknown country name is NULL, and readable in raw_values.
#}
{%- set head_office_zone = 'Asia/Shanghai' -%}
{%- set country_codes = {
    'China': 'CN',
    'France': 'FR',
    'Germany': 'DE',
    'Hong Kong': 'HK',
    'Japan': 'JP',
    'United Kingdom': 'GB',
    'United States': 'US',
} -%}
with raw_contacts as (
    select * from {{ ref('crm_contacts') }}
),

timed as (
    select
        raw_contacts.*,
        {{ safe_timestamp('created') }} as created_local,
        {{ safe_timestamp('modified') }} as modified_local,
        {{ safe_timestamp('erased_on') }} as erased_local
    from raw_contacts
),

final as (
    select
        'crm' as source_name,
        {{ clean_text('contact_no') }} as contact_id,
        {{ clean_text('email') }} as email,
        {{ clean_text('mobile') }} as phone,
        {{ to_utc('created_local', head_office_zone) }} as created_at,
        {{ clean_text('lead_source') }} as acquisition_source,
        {{ clean_text('lead_medium') }} as acquisition_medium,
        {{ clean_text('lead_campaign') }} as acquisition_campaign,
        {{ safe_date('birth_date') }} as birth_date,
        case {{ clean_text('gender') }}
            when 'F' then 'female'
            when 'M' then 'male'
            else {{ null_of('string') }}
        end as gender,
        {{ clean_text('occupation') }} as occupation,
        case {{ clean_text('country') }}
            {%- for country_name, country_code in country_codes.items() %}
            when '{{ country_name }}' then '{{ country_code }}'
            {%- endfor %}
            else {{ null_of('string') }}
        end as country,
        {{ clean_text('province') }} as region,
        {{ clean_text('city') }} as city,
        {{ clean_text('company') }} as company,
        {{ clean_text('industry') }} as industry,
        {{ clean_text('company_size') }} as company_size,
        {{ clean_text('partner_type') }} as partner_type,
        {{ clean_text('tags') }} as tags,
        case {{ clean_text('consent') }}
            when 'Y' then true
            when 'N' then false
            else {{ null_of('boolean') }}
        end as has_marketing_consent,
        {{ to_utc('erased_local', head_office_zone) }} as erased_at,
        {{ to_utc('modified_local', head_office_zone) }} as updated_at,
        {{ raw_values(
            [
                'contact_no', 'kind', 'created', 'modified', 'lead_source', 'lead_medium',
                'lead_campaign', 'gender', 'occupation', 'country', 'province', 'city', 'company',
                'industry', 'company_size', 'partner_type', 'tags', 'consent', 'erased_on',
                'planted',
            ],
            personal=['full_name', 'email', 'mobile', 'birth_date'],
        ) }} as raw_values
    from timed
)

select * from final

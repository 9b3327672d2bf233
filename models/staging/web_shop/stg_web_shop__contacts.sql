{#
    One row per exported row of web shop accounts; key: none, an account comes again with each
    update. The UTM fields of the sign-up are how the account was acquired; the shop knows no
    demographics beyond a city.
#}
with raw_customers as (
    select * from {{ ref('web_shop_customers') }}
),

final as (
    select
        'web_shop' as source_name,
        {{ clean_text('customer_no') }} as contact_id,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ safe_timestamp('registered_at') }} as created_at,
        {{ clean_text('signup_utm_source') }} as acquisition_source,
        {{ clean_text('signup_utm_medium') }} as acquisition_medium,
        {{ clean_text('signup_utm_campaign') }} as acquisition_campaign,
        {{ null_of('date') }} as birth_date,
        {{ null_of('string') }} as gender,
        {{ null_of('string') }} as occupation,
        {{ clean_text('country_code') }} as country,
        {{ null_of('string') }} as region,
        {{ clean_text('city') }} as city,
        {{ null_of('string') }} as company,
        {{ null_of('string') }} as industry,
        {{ null_of('string') }} as company_size,
        {{ null_of('string') }} as partner_type,
        {{ null_of('string') }} as tags,
        case {{ clean_text('newsletter') }}
            when '1' then true
            when '0' then false
            else {{ null_of('boolean') }}
        end as has_marketing_consent,
        {{ null_of('timestamp') }} as erased_at,
        {{ safe_timestamp('updated_at') }} as updated_at,
        {{ raw_values(
            [
                'customer_no', 'country_code', 'city', 'registered_at', 'signup_utm_source',
                'signup_utm_medium', 'signup_utm_campaign', 'newsletter', 'updated_at', 'planted',
            ],
            personal=['name', 'email', 'phone'],
        ) }} as raw_values
    from raw_customers
)

select * from final

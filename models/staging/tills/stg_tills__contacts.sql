{#
    One row per exported row of loyalty cards; key: none, a card comes again with each update.
    Tills write the wall clock of the store that handed out the card, and gender in its language.
    The card was won in the store: source `store`, medium `offline`.
#}
with raw_members as (
    select * from {{ ref('till_members') }}
),

timed as (
    select
        raw_members.*,
        {{ safe_timestamp('joined_at') }} as joined_local,
        {{ safe_timestamp('changed_at') }} as changed_local
    from raw_members
),

final as (
    select
        'tills' as source_name,
        {{ clean_text('member_no') }} as contact_id,
        {{ null_of('string') }} as email,
        {{ clean_text('phone') }} as phone,
        case home_store
            when 'LDN1' then {{ to_utc('joined_local', 'Europe/London') }}
            else {{ to_utc('joined_local', 'Asia/Shanghai') }}
        end as created_at,
        'store' as acquisition_source,
        'offline' as acquisition_medium,
        {{ null_of('string') }} as acquisition_campaign,
        {{ null_of('date') }} as birth_date,
        case
            when {{ clean_text('gender') }} in ('女', 'F') then 'female'
            when {{ clean_text('gender') }} in ('男', 'M') then 'male'
            else {{ null_of('string') }}
        end as gender,
        {{ null_of('string') }} as occupation,
        case home_store when 'LDN1' then 'GB' else 'CN' end as country,
        {{ null_of('string') }} as region,
        {{ null_of('string') }} as city,
        {{ null_of('string') }} as company,
        {{ null_of('string') }} as industry,
        {{ null_of('string') }} as company_size,
        {{ null_of('string') }} as partner_type,
        {{ null_of('string') }} as tags,
        {{ null_of('boolean') }} as has_marketing_consent,
        {{ null_of('timestamp') }} as erased_at,
        case home_store
            when 'LDN1' then {{ to_utc('changed_local', 'Europe/London') }}
            else {{ to_utc('changed_local', 'Asia/Shanghai') }}
        end as updated_at,
        {{ raw_values(
            ['member_no', 'gender', 'home_store', 'joined_at', 'changed_at', 'planted'],
            personal=['phone', 'name'],
        ) }} as raw_values
    from timed
)

select * from final

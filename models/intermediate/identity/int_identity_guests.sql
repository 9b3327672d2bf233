{#
    One row per distinct e-mail, phone and country as written ('' where missing) on orders and
    refunds without contact id, with the customer they identify. Key: email, phone, country.
#}
with records as (
    select * from {{ ref('int_identity_resolved_records') }}
),

accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

guests as (
    select distinct
        coalesce(email, '') as email,
        coalesce(phone, '') as phone,
        coalesce(country, '') as country,
        account_key
    from records
    where contact_id is null
),

final as (
    select
        guests.email,
        guests.phone,
        guests.country,
        accounts.customer_number
    from guests
    inner join accounts
        on guests.account_key = accounts.account_key
)

select * from final

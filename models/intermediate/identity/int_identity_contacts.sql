{#
    One row per contact id of a source, from contact records, orders or refunds, with its customer.
    Key: source_name, contact_id. How orders with a contact id find their customer.
#}
with records as (
    select * from {{ ref('int_identity_resolved_records') }}
),

accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

contact_ids as (
    select distinct
        source_name,
        contact_id,
        account_key
    from records
    where contact_id is not null
),

final as (
    select
        contact_ids.source_name,
        contact_ids.contact_id,
        accounts.customer_number
    from contact_ids
    inner join accounts
        on contact_ids.account_key = accounts.account_key
)

select * from final

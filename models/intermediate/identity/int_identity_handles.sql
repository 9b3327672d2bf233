{#
    One row per party handle (see the macro party_handle) with the customer it belongs to, if
    any. Key: party_handle. Orders and refunds find their customer by one join on this.
#}
with records as (
    select * from {{ ref('int_identity_resolved_records') }}
),

accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

handles as (
    select
        party_handle,
        min(account_key) as account_key
    from records
    where record_kind <> 'contact' and account_key is not null
    group by party_handle
),

final as (
    select
        handles.party_handle,
        accounts.customer_number
    from handles
    inner join accounts
        on handles.account_key = accounts.account_key
)

select * from final

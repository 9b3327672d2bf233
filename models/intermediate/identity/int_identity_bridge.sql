{#
    One row per source record with the customer it became part of and why. Key: bridge_key.
    Contact records are listed one by one, orders and refunds by the distinct details on them:
    first_record_key is the earliest of those orders.
    It is how a merge is audited and argued with.
#}
with records as (
    select * from {{ ref('int_identity_resolved_records') }}
),

links as (
    select * from {{ ref('int_identity_links') }}
),

accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

link_kinds as (
    select
        account_key,
        max(case when is_shared and identifier_key like 'email:%' then 1 else 0 end) as by_email,
        max(case when is_shared and identifier_key like 'phone:%' then 1 else 0 end) as by_phone,
        max(case when is_over_cap then 1 else 0 end) as over_cap
    from links
    group by account_key
),

final as (
    select distinct
        records.record_kind || '|' || records.source_name || '|'
        || coalesce(records.contact_id, '') || '|' || records.first_record_key || '|'
        || coalesce(records.email_key, '') || '|' || coalesce(records.phone_key, '') || '|'
        || coalesce(records.email_verdict, '') || '|' || coalesce(records.phone_verdict, '')
            as bridge_key,
        records.record_kind,
        records.source_name,
        records.contact_id,
        records.first_record_key,
        records.account_key,
        records.email_verdict,
        records.phone_verdict,
        accounts.customer_id,
        case
            when records.account_key is null then 'unidentified'
            when accounts.is_flagged then 'too_many_identifiers'
            when accounts.account_count = 1 and link_kinds.over_cap = 1 then 'identifier_over_cap'
            when accounts.account_count = 1 then 'own_account'
            when link_kinds.by_email = 1 and link_kinds.by_phone = 1 then 'shared_email_and_phone'
            when link_kinds.by_email = 1 then 'shared_email'
            else 'shared_phone'
        end as link_reason
    from records
    left join accounts
        on records.account_key = accounts.account_key
    left join link_kinds
        on records.account_key = link_kinds.account_key
)

select * from final

{#
    One row per account with its customer. Key: account_key. customer_id hashes the key of the
    earliest source record among the customer's accounts (a contact id, or the first order of a
    guest), never an e-mail or phone: it survives full rebuilds, row order and any record added later.
    customer_number stands for it within this build. Components over the cap are left apart.
#}
with records as (
    select * from {{ ref('int_identity_resolved_records') }}
),

links as (
    select * from {{ ref('int_identity_links') }}
),

labels as (
    select * from {{ ref('int_identity_labels') }}
),

accounts as (
    select
        account_key,
        min(first_seen_at) as first_seen_at,
        min({{ segmentation.sortable_time('first_seen_at') }} || '|' || first_record_key)
            as first_record,
        max(case when contact_id is not null then 1 else 0 end) as contact_id_count
    from records
    where account_key is not null
    group by account_key
),

component_accounts as (
    select
        labels.label,
        count(*) as account_count,
        sum(accounts.contact_id_count) as contact_id_count
    from labels
    inner join accounts
        on labels.account_key = accounts.account_key
    group by labels.label
),

component_identifiers as (
    select
        labels.label,
        count(distinct links.identifier_key) as identifier_count
    from labels
    inner join links
        on labels.account_key = links.account_key
    where not links.is_over_cap
    group by labels.label
),

oversized as (
    select component_accounts.label
    from component_accounts
    inner join component_identifiers
        on component_accounts.label = component_identifiers.label
    where
        component_accounts.contact_id_count + component_identifiers.identifier_count
        > {{ var('identity_max_identifiers_per_customer') }}
),

grouped as (
    select
        accounts.account_key,
        accounts.first_seen_at,
        accounts.first_record,
        case
            when oversized.label is not null then accounts.account_key
            else coalesce(labels.label, accounts.account_key)
        end as customer_key,
        oversized.label is not null as is_flagged
    from accounts
    left join labels
        on accounts.account_key = labels.account_key
    left join oversized
        on labels.label = oversized.label
),

customers as (
    select
        customer_key,
        min(first_record) as first_record,
        count(*) as account_count
    from grouped
    group by customer_key
),

named as (
    select
        customer_key,
        account_count,
        {{ dbt.hash(segmentation.behind_time('first_record')) }} as customer_id
    from customers
),

numbered as (
    select
        customer_key,
        account_count,
        customer_id,
        cast(row_number() over (order by customer_id) as integer) as customer_number
    from named
),

final as (
    select
        grouped.account_key,
        numbered.customer_id,
        numbered.customer_number,
        grouped.first_seen_at,
        grouped.is_flagged,
        numbered.account_count
    from grouped
    inner join numbered
        on grouped.customer_key = numbered.customer_key
)

select * from final

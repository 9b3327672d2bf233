{#
    One row per account and identifier (e-mail or phone in normal form) found on any of its
    records. Key: account_key, identifier_key. is_shared says that the identifier ties this
    account to others; an identifier on more accounts than the var allows ties nobody.
#}
with records as (
    select * from {{ ref('int_identity_resolved_records') }}
),

found as (
    select
        account_key,
        email_key as identifier_key
    from records
    where account_key is not null and email_key is not null
    union all
    select
        account_key,
        phone_key as identifier_key
    from records
    where account_key is not null and phone_key is not null
),

pairs as (
    select distinct
        account_key,
        identifier_key
    from found
),

identifiers as (
    select
        identifier_key,
        count(*) as account_count
    from pairs
    group by identifier_key
    having count(*) > 1
),

final as (
    select
        pairs.account_key,
        pairs.identifier_key,
        coalesce(identifiers.account_count, 1) as account_count,
        coalesce(identifiers.account_count, 1) > 1
        and identifiers.account_count
        <= {{ var('identity_max_accounts_per_identifier') }} as is_shared,
        coalesce(identifiers.account_count, 1)
        > {{ var('identity_max_accounts_per_identifier') }} as is_over_cap
    from pairs
    left join identifiers
        on pairs.identifier_key = identifiers.identifier_key
)

select * from final

{#
    One row per account that shares an identifier with another, with the least account it is known
    to be connected to after the first round. Key: account_key. Most components are done by then;
    int_identity_labels_2 to 4 go on with the rest only. The macro identity_label_rounds says what a
    round is; in this one every account is still its own label.
#}
with all_links as (
    select * from {{ ref('int_identity_links') }}
),

links as (
    select
        account_key,
        identifier_key
    from all_links
    where is_shared
),

least_accounts as (
    select
        identifier_key,
        min(account_key) as label
    from links
    group by identifier_key
),

hooked as (
    select
        links.account_key,
        min(least_accounts.label) as label
    from links
    inner join least_accounts
        on links.identifier_key = least_accounts.identifier_key
    group by links.account_key
),

pointed as (
    select
        hooked.account_key,
        named.label
    from hooked
    inner join hooked as named
        on hooked.label = named.account_key
),

final as (
    select
        account_key,
        label
    from pointed
)

select * from final

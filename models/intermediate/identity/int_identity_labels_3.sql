{#
    One row per account that shares an identifier with another, with the least account it is known
    to be connected to after 6 rounds. Key: account_key. Four such models make eight rounds,
    enough for any component of 256 accounts; assert_identity_has_converged proves it each run.
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

labels_0 as (
    select * from {{ ref('int_identity_labels_2') }}
),

{{ segmentation.identity_label_rounds(rounds=2) }}

final as (
    select
        account_key,
        label
    from labels_2
)

select * from final

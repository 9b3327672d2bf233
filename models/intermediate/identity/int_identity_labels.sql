{#
    One row per account that shares an identifier with another, with its component: the least
    account in it. Key: account_key. The label of the last models that still had to work on it.
    Eight rounds in all; assert_identity_has_converged proves that they were enough.
#}
with labels_1 as (
    select * from {{ ref('int_identity_labels_1') }}
),

labels_2 as (
    select * from {{ ref('int_identity_labels_2') }}
),

labels_3 as (
    select * from {{ ref('int_identity_labels_3') }}
),

labels_4 as (
    select * from {{ ref('int_identity_labels_4') }}
),

final as (
    select
        labels_1.account_key,
        coalesce(labels_4.label, labels_3.label, labels_2.label, labels_1.label) as label
    from labels_1
    left join labels_2
        on labels_1.account_key = labels_2.account_key
    left join labels_3
        on labels_1.account_key = labels_3.account_key
    left join labels_4
        on labels_1.account_key = labels_4.account_key
)

select * from final

{#
    One row per account whose component was not yet whole after 3 rounds, with its label after
    5. Key: account_key. A component is whole when every identifier in it has one label.
#}
with all_links as (
    select * from {{ ref('int_identity_links') }}
),

labels_before as (
    select * from {{ ref('int_identity_labels_2') }}
),

labelled_links as (
    select
        all_links.account_key,
        all_links.identifier_key,
        labels_before.label
    from all_links
    inner join labels_before
        on all_links.account_key = labels_before.account_key
    where all_links.is_shared
),

torn_identifiers as (
    select identifier_key
    from labelled_links
    group by identifier_key
    having min(label) <> max(label)
),

torn_labels as (
    select distinct labelled_links.label
    from labelled_links
    inner join torn_identifiers
        on labelled_links.identifier_key = torn_identifiers.identifier_key
),

links as (
    select
        labelled_links.account_key,
        labelled_links.identifier_key
    from labelled_links
    inner join torn_labels
        on labelled_links.label = torn_labels.label
),

labels_0 as (
    select
        labels_before.account_key,
        labels_before.label
    from labels_before
    inner join torn_labels
        on labels_before.label = torn_labels.label
),

{{ segmentation.identity_label_rounds(rounds=2) }}

final as (
    select
        account_key,
        label
    from labels_2
)

select * from final

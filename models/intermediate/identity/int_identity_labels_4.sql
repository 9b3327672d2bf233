{#
    One row per account whose component was not yet whole after 5 rounds, with its label after
    8. Key: account_key. A component is whole when every identifier in it has one label.
#}
with all_links as (
    select * from {{ ref('int_identity_links') }}
),

labels_before as (
    select * from {{ ref('int_identity_labels_3') }}
),

labelled_links as (
    select
        all_links.account_key,
        all_links.identifier_key,
        labels_before.label,
        min(labels_before.label) over (partition by all_links.identifier_key) as least_label,
        max(labels_before.label) over (partition by all_links.identifier_key) as greatest_label
    from all_links
    inner join labels_before
        on all_links.account_key = labels_before.account_key
    where all_links.is_shared
),

judged_links as (
    select
        account_key,
        identifier_key,
        label,
        max(case when least_label <> greatest_label then 1 else 0 end)
            over (partition by label) as is_torn
    from labelled_links
),

links as (
    select
        account_key,
        identifier_key,
        label
    from judged_links
    where is_torn = 1
),

labels_0 as (
    select distinct
        account_key,
        label
    from links
),

{{ segmentation.identity_label_rounds(rounds=3) }}

final as (
    select
        account_key,
        label
    from labels_3
)

select * from final

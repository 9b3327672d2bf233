{#
    One row per account that shares an identifier with another, with the least account it is known
    to be connected to after the first round. Key: account_key. Most components are done by then;
    int_identity_labels_2 to 4 go on with the rest only.
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
    select distinct
        account_key,
        account_key as label
    from links
),

{{ segmentation.identity_label_rounds(rounds=1) }}

final as (
    select
        account_key,
        label
    from labels_1
)

select * from final

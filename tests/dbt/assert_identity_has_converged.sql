-- Every account on a shared identifier carries the same label as the others on it. If one does
-- not, the components are larger than eight rounds can join: two groups would count as two
-- customers. Add a model int_identity_labels_5 like the three before it, and join it in
-- int_identity_labels.
select
    links.identifier_key,
    min(labels.label) as least_label,
    max(labels.label) as greatest_label
from {{ ref('int_identity_links') }} as links
inner join {{ ref('int_identity_labels') }} as labels
    on links.account_key = labels.account_key
where links.is_shared
group by links.identifier_key
having min(labels.label) <> max(labels.label)

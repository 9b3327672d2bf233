{{ config(severity='warn', enabled=var('input_preset', 'sample') in ['sample', 'own']) }}
-- Warns of customers on a list of audience_lists who aren't customers, or not any more: an id ends
-- when its customer is merged into an older one. Off where the shipped list can't fit the data.
select
    audience_lists.list_id,
    audience_lists.customer_id
from {{ ref('audience_lists') }} as audience_lists
left join {{ ref('customers') }} as customers
    on audience_lists.customer_id = customers.customer_id
where customers.customer_id is null

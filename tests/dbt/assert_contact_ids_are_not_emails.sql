-- customer_id is the hash of a contact id; the hash of an e-mail address can be guessed back, and
-- rejected records show the id as it is. A source that uses addresses as ids needs another id in
-- its staging model: a number of its own, or a salted hash.
select
    source_name,
    count(*) as contact_ids
from {{ ref('int_identity_contacts') }}
where contact_id like '%@%'
group by source_name

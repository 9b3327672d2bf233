{#
    One row per source record that says something about who someone is: every accepted contact
    record, and every distinct set of details on orders and refunds. Key: none of its own; the
    bridge numbers them. An account that was erased lends its e-mail and phone to nobody.
#}
with contacts as (
    select * from {{ ref('int_contact_rows') }}
),

parties as (
    select * from {{ ref('int_identity_parties') }}
),

accepted_contacts as (
    select * from contacts
    where reject_reason is null
),

erased_contacts as (
    select
        source_name,
        contact_id
    from accepted_contacts
    where is_erased
),

contact_records as (
    select
        'contact' as record_kind,
        source_name,
        contact_id,
        email,
        phone,
        country,
        created_at as first_seen_at,
        'contact:' || source_name || ':' || contact_id as first_record_key
    from accepted_contacts
),

party_records as (
    select
        parties.record_kind,
        parties.source_name,
        parties.contact_id,
        case when erased_contacts.contact_id is null then parties.email end as email,
        case when erased_contacts.contact_id is null then parties.phone end as phone,
        parties.country,
        parties.first_seen_at,
        coalesce(
            {{ segmentation.behind_time('parties.first_guest_record') }},
            'contact:' || parties.source_name || ':' || parties.contact_id
        ) as first_record_key
    from parties
    left join erased_contacts
        on
            parties.source_name = erased_contacts.source_name
            and parties.contact_id = erased_contacts.contact_id
),

final as (
    select
        record_kind,
        source_name,
        contact_id,
        email,
        phone,
        country,
        first_seen_at,
        first_record_key
    from contact_records
    union all
    select
        record_kind,
        source_name,
        contact_id,
        email,
        phone,
        country,
        first_seen_at,
        first_record_key
    from party_records
)

select * from final

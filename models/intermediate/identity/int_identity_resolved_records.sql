{#
    One row per record of int_identity_records, with its usable identifiers in normal form and its
    account: the contact id of its source, or, for a guest, the e-mail, or else the phone. Key: as
    int_identity_records. account_key is NULL when nothing on the record can identify anyone.
#}
with records as (
    select * from {{ ref('int_identity_records') }}
),

emails as (
    select * from {{ ref('int_identity_emails') }}
),

phones as (
    select * from {{ ref('int_identity_phones') }}
),

identified as (
    select
        records.record_kind,
        records.source_name,
        records.contact_id,
        records.email,
        records.phone,
        records.country,
        records.first_seen_at,
        records.first_record_key,
        case when emails.verdict = 'usable' then 'email:' || emails.email_normal end as email_key,
        case when phones.verdict = 'usable' then 'phone:' || phones.phone_normal end as phone_key,
        emails.verdict as email_verdict,
        phones.verdict as phone_verdict
    from records
    left join emails
        on records.email = emails.email
    left join phones
        on
            records.phone = phones.phone
            and coalesce(records.country, '') = coalesce(phones.country, '')
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
        first_record_key,
        email_key,
        phone_key,
        email_verdict,
        phone_verdict,
        case
            when contact_id is not null then 'id:' || source_name || ':' || contact_id
            else coalesce(email_key, phone_key)
        end as account_key
    from identified
)

select * from final

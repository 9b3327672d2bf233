{#
    One row per distinct set of contact details that orders or refunds carry, as written.
    Key: record_kind, source_name, contact_id, email, phone, country. Twenty million
    orders shrink here to what is worth normalising; first_record_key names the earliest of them.
#}
with orders as (
    select * from {{ ref('int_accepted_orders') }}
),

refunds as (
    select * from {{ ref('int_refund_rows') }}
),

order_parties as (
    select
        source_name,
        contact_id,
        email,
        phone,
        country,
        min(ordered_at) as first_seen_at,
        min(
            case
                when contact_id is null
                    then
                        {{ segmentation.sortable_time('ordered_at') }}
                        || '|order:' || source_name || ':' || order_id
            end
        ) as first_guest_record
    from orders
    where contact_id is not null or email is not null or phone is not null
    group by source_name, contact_id, email, phone, country
),

refund_parties as (
    select
        source_name,
        contact_id,
        email,
        phone,
        country,
        min(refunded_at) as first_seen_at,
        min(
            case
                when contact_id is null
                    then
                        {{ segmentation.sortable_time('refunded_at') }}
                        || '|refund:' || source_name || ':' || refund_id
            end
        ) as first_guest_record
    from refunds
    where
        reject_reason is null
        and (contact_id is not null or email is not null or phone is not null)
    group by source_name, contact_id, email, phone, country
),

parties as (
    select
        'order' as record_kind,
        order_parties.*
    from order_parties
    union all
    select
        'refund' as record_kind,
        refund_parties.*
    from refund_parties
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
        first_guest_record
    from parties
)

select * from final

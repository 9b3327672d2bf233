{#
    One row per customer and as_of_date on which the customer was known by any record.
    Key: customer_number, as_of_date; customer_id names the same customer across builds, the number
    is short and only good within one. Who belongs together is resolved over all records there are: it
    is a fact about the records, not about the day.
#}
with accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

contacts as (
    select * from {{ ref('int_contact_rows') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

registrations as (
    select
        'id:' || source_name || ':' || contact_id as account_key,
        created_date
    from contacts
    where reject_reason is null
),

customers as (
    select
        accounts.customer_number,
        accounts.customer_id,
        min({{ segmentation.business_date('accounts.first_seen_at') }}) as first_seen_date,
        min(registrations.created_date) as registered_date,
        count(*) as account_count,
        {{ segmentation.any_true('accounts.is_flagged') }} as is_identity_flagged
    from accounts
    left join registrations
        on accounts.account_key = registrations.account_key
    group by accounts.customer_number, accounts.customer_id
),

final as (
    select
        customers.customer_number,
        customers.customer_id,
        as_of_dates.as_of_date,
        customers.first_seen_date,
        case
            when customers.registered_date < as_of_dates.as_of_date then customers.registered_date
        end as registered_date,
        customers.account_count,
        customers.is_identity_flagged
    from customers
    cross join as_of_dates
    where customers.first_seen_date < as_of_dates.as_of_date
)

select * from final

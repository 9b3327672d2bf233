{#
    One row per audience and customer in it at as_of_date: what tools that send or advertise read.
    Key: audience_id, customer_id. Consent stands beside each row, and who may not be written to is
    in it all the same: the sender decides by has_marketing_consent.
#}
with members as (
    select * from {{ ref('int_audience_members') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

customers as (
    select * from {{ ref('int_customers') }}
),

attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

final as (
    select
        members.as_of_date,
        members.audience_id,
        customers.customer_id,
        attributes.has_marketing_consent,
        coalesce(attributes.has_erased_record, false) as has_erased_record
    from members
    inner join as_of_dates
        on members.as_of_date = as_of_dates.as_of_date
    inner join customers
        on
            members.customer_number = customers.customer_number
            and members.as_of_date = customers.as_of_date
    left join attributes
        on
            members.customer_number = attributes.customer_number
            and members.as_of_date = attributes.as_of_date
)

select * from final

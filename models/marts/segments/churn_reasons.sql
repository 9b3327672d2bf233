{#
    One row per customer, as_of_date and reason to expect that the customer leaves, with the facts that
    speak for it. Key: as_of_date, customer_id, reason_id. Who has no reason is not in it; the risk
    that the reasons add up to is churn_risk_segment of the customer.
#}
with reasons as (
    select * from {{ ref('int_churn_reasons') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

reason_labels as (
    select * from {{ ref('churn_reason_labels') }}
),

final as (
    select
        customers.customer_id,
        reasons.as_of_date,
        reasons.reason_id,
        reason_labels.label_en,
        reason_labels.label_zh,
        cast(reasons.severity as integer) as severity,
        reasons.measured_value,
        reasons.compared_value
    from reasons
    inner join customers
        on
            reasons.customer_number = customers.customer_number
            and reasons.as_of_date = customers.as_of_date
    left join reason_labels
        on reasons.reason_id = reason_labels.reason_id
)

select * from final

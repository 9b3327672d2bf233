{#
    One row per customer and as_of_date with refunds known by then that count against revenue.
    Key: customer_number, as_of_date.
#}
with refunds as (
    select * from {{ ref('int_refunds') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

final as (
    select
        refunds.customer_number,
        as_of_dates.as_of_date,
        count(*) as refund_count,
        {{ segmentation.decimal_of('sum(refunds.refund_amount)', 28, 4) }} as refund_amount
    from refunds
    cross join as_of_dates
    where
        refunds.is_counted
        and refunds.customer_number is not null
        and refunds.refund_date < as_of_dates.as_of_date
    group by refunds.customer_number, as_of_dates.as_of_date
)

select * from final

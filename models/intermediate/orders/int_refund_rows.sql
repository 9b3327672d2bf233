{#
    One row per raw refund row, judged: its business day and the first reason that makes it
    unusable, if any. Accepted refunds are unique by source_name and refund_id.
#}
with refunds as (
    select * from {{ ref('int_input_refunds') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

dated as (
    select
        nullif(trim(source_name), '') as source_name,
        source_precedence,
        nullif(trim(refund_id), '') as refund_id,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(contact_id), '') as contact_id,
        nullif(email, '') as email,
        nullif(phone, '') as phone,
        nullif(country, '') as country,
        refunded_at,
        {{ segmentation.business_date('refunded_at') }} as refund_date,
        refund_amount,
        currency,
        updated_at,
        raw_values
    from refunds
),

judged as (
    select
        dated.*,
        case
            when dated.currency = '{{ var("reporting_currency") }}'
                then {{ segmentation.decimal_of('1', 18, 8) }}
            else rates.rate
        end as rate,
        case
            when dated.source_name is null then 'missing_source_name'
            when dated.refund_id is null then 'missing_refund_id'
            when dated.refunded_at is null then 'refunded_at_unreadable'
            when dated.refund_date > {{ segmentation.last_known_day() }} then 'refunded_in_future'
            when dated.refund_amount is null then 'amount_unreadable'
            when dated.refund_amount <= 0 then 'amount_not_positive'
            when
                dated.currency is null
                or (dated.currency <> '{{ var("reporting_currency") }}' and rates.rate is null)
                then 'currency_unknown'
        end as row_reason
    from dated
    left join rates
        on
            dated.currency = rates.currency
            and dated.refund_date = rates.rate_date
),

versioned as (
    select
        judged.*,
        row_number() over (
            partition by source_name, refund_id, case when row_reason is null then 0 else 1 end
            order by
                {{ segmentation.updated_or_never('updated_at') }} desc,
                source_precedence,
                coalesce(raw_values, '') desc,
                coalesce(email, '') desc,
                coalesce(phone, '') desc
        ) as version_number
    from judged
),

final as (
    select
        source_name,
        refund_id,
        order_id,
        contact_id,
        email,
        phone,
        country,
        refunded_at,
        refund_date,
        refund_amount,
        currency,
        rate,
        raw_values,
        coalesce(row_reason, case when version_number > 1 then 'superseded' end) as reject_reason
    from versioned
)

select * from final

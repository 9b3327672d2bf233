{#
    One row per raw row that could not be used, with the reason. Key: source_name, entity,
    record_key, reason, raw_values, occurrence. Nothing is dropped silently: what is neither here
    nor accepted shows up as a difference in reconciliation. Personal fields are masked.
#}
with order_rows as (
    select * from {{ ref('int_order_rows') }}
),

order_repeats as (
    select * from {{ ref('int_order_repeats') }}
),

refund_rows as (
    select * from {{ ref('int_refund_rows') }}
),

order_line_rows as (
    select * from {{ ref('int_order_line_rows') }}
),

order_line_repeats as (
    select * from {{ ref('int_order_line_repeats') }}
),

contact_rows as (
    select * from {{ ref('int_contact_rows') }}
),

rejected_rows as (
    select * from {{ ref('int_input_rejected_rows') }}
),

rejected as (
    select
        source_name,
        'orders' as entity,
        order_id as record_key,
        reject_reason as reason,
        gross_amount as amount,
        currency,
        raw_values
    from order_rows
    where reject_reason is not null
    union all
    select
        source_name,
        'orders' as entity,
        order_id as record_key,
        'superseded' as reason,
        gross_amount as amount,
        currency,
        raw_values
    from order_repeats
    where version_number > 1
    union all
    select
        source_name,
        'refunds' as entity,
        refund_id as record_key,
        reject_reason as reason,
        refund_amount as amount,
        currency,
        raw_values
    from refund_rows
    where reject_reason is not null
    union all
    select
        source_name,
        'order_lines' as entity,
        coalesce(order_id || '/' || line_id, order_id) as record_key,
        reject_reason as reason,
        line_amount as amount,
        currency,
        raw_values
    from order_line_rows
    where reject_reason is not null
    union all
    select
        source_name,
        'order_lines' as entity,
        order_id || '/' || line_id as record_key,
        'superseded' as reason,
        line_amount as amount,
        currency,
        raw_values
    from order_line_repeats
    where version_number > 1
    union all
    select
        source_name,
        'contacts' as entity,
        contact_id as record_key,
        reject_reason as reason,
        {{ segmentation.null_of('decimal(18, 4)') }} as amount,
        {{ segmentation.null_of('string') }} as currency,
        raw_values
    from contact_rows
    where reject_reason is not null
    union all
    select
        source_name,
        entity,
        record_key,
        reason,
        amount,
        currency,
        raw_values
    from rejected_rows
),

final as (
    select
        coalesce(source_name, 'no source') as source_name,
        entity,
        record_key,
        reason,
        {{ segmentation.decimal_of('amount') }} as amount,
        currency,
        coalesce(raw_values, '{}') as raw_values,
        cast(
            row_number() over (
                partition by source_name, entity, record_key, reason, raw_values
                order by
                    {{ segmentation.nulls_last('amount') }},
                    {{ segmentation.nulls_last('currency') }}
            ) as integer
        ) as occurrence,
        {{ segmentation.date_literal(segmentation.as_of_date()) }} as as_of_date
    from rejected
)

select * from final

{#
    One row per as_of_date and check, with both sides of the equation. Key: as_of_date, check_name,
    scope. Raw rows and money against accepted and rejected, orders against customers, customers
    against segments: every difference is zero, to the cent, or the build fails.
#}
with input_orders as (
    select * from {{ ref('int_input_orders') }}
),

input_refunds as (
    select * from {{ ref('int_input_refunds') }}
),

input_order_lines as (
    select * from {{ ref('int_input_order_lines') }}
),

input_contacts as (
    select * from {{ ref('int_input_contacts') }}
),

input_rejected_rows as (
    select * from {{ ref('int_input_rejected_rows') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

order_lines as (
    select * from {{ ref('int_order_lines') }}
),

contact_rows as (
    select * from {{ ref('int_contact_rows') }}
),

rejected_records as (
    select * from {{ ref('rejected_records') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

segment_summary as (
    select * from {{ ref('segment_summary') }}
),

channel_performance as (
    select * from {{ ref('channel_performance') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

raw_parts as (
    select
        'orders' as entity,
        coalesce(nullif(trim(source_name), ''), 'no source')
        || ' ' || coalesce(currency, 'no currency') as scope,
        count(*) as row_count,
        coalesce(sum(gross_amount), 0) as amount
    from input_orders
    group by source_name, currency
    union all
    select
        'refunds' as entity,
        coalesce(nullif(trim(source_name), ''), 'no source')
        || ' ' || coalesce(currency, 'no currency') as scope,
        count(*) as row_count,
        coalesce(sum(refund_amount), 0) as amount
    from input_refunds
    group by source_name, currency
    union all
    select
        'order_lines' as entity,
        coalesce(nullif(trim(source_name), ''), 'no source')
        || ' ' || coalesce(currency, 'no currency') as scope,
        count(*) as row_count,
        coalesce(sum({{ segmentation.line_amount('quantity', 'unit_price') }}), 0) as amount
    from input_order_lines
    group by source_name, currency
    union all
    select
        'contacts' as entity,
        coalesce(nullif(trim(source_name), ''), 'no source') as scope,
        count(*) as row_count,
        0 as amount
    from input_contacts
    group by source_name
    union all
    select
        entity,
        case
            when entity = 'contacts' then coalesce(nullif(trim(source_name), ''), 'no source')
            else
                coalesce(nullif(trim(source_name), ''), 'no source')
                || ' ' || coalesce(currency, 'no currency')
        end as scope,
        count(*) as row_count,
        coalesce(sum(amount), 0) as amount
    from input_rejected_rows
    where entity in ('orders', 'refunds', 'order_lines', 'contacts')
    group by entity, source_name, currency
),

raw_totals as (
    select
        entity,
        scope,
        sum(row_count) as row_count,
        sum(amount) as amount
    from raw_parts
    group by entity, scope
),

usable_totals as (
    select
        'orders' as entity,
        order_profiles.source_name || ' ' || order_profiles.currency as scope,
        count(*) as row_count,
        sum(orders.source_gross_amount) as amount
    from orders
    inner join order_profiles
        on orders.profile_number = order_profiles.profile_number
    group by order_profiles.source_name, order_profiles.currency
    union all
    select
        'refunds' as entity,
        coalesce(nullif(trim(source_name), ''), 'no source')
        || ' ' || coalesce(currency, 'no currency') as scope,
        count(*) as row_count,
        sum(source_refund_amount) as amount
    from refunds
    group by source_name, currency
    union all
    select
        'order_lines' as entity,
        order_profiles.source_name || ' ' || order_profiles.currency as scope,
        count(*) as row_count,
        sum(order_lines.source_amount) as amount
    from order_lines
    inner join order_profiles
        on order_lines.profile_number = order_profiles.profile_number
    group by order_profiles.source_name, order_profiles.currency
    union all
    select
        'contacts' as entity,
        coalesce(nullif(trim(source_name), ''), 'no source') as scope,
        count(*) as row_count,
        0 as amount
    from contact_rows
    where reject_reason is null
    group by source_name
    union all
    select
        entity,
        case
            when entity = 'contacts' then coalesce(nullif(trim(source_name), ''), 'no source')
            else
                coalesce(nullif(trim(source_name), ''), 'no source')
                || ' ' || coalesce(currency, 'no currency')
        end as scope,
        count(*) as row_count,
        coalesce(sum(amount), 0) as amount
    from rejected_records
    where entity in ('orders', 'refunds', 'order_lines', 'contacts')
    group by entity, source_name, currency
),

accounted_totals as (
    select
        entity,
        scope,
        sum(row_count) as row_count,
        sum(amount) as amount
    from usable_totals
    group by entity, scope
),

input_checks as (
    select
        raw_totals.entity || '_rows' as check_name,
        raw_totals.scope,
        raw_totals.row_count as expected,
        coalesce(accounted_totals.row_count, 0) as actual,
        0 as unidentified,
        'raw rows = accepted + rejected rows' as description
    from raw_totals
    left join accounted_totals
        on
            raw_totals.entity = accounted_totals.entity
            and raw_totals.scope = accounted_totals.scope
    union all
    select
        raw_totals.entity || '_amount' as check_name,
        raw_totals.scope,
        raw_totals.amount as expected,
        coalesce(accounted_totals.amount, 0) as actual,
        0 as unidentified,
        'raw amount = accepted + rejected amount, in the currency of the source' as description
    from raw_totals
    left join accounted_totals
        on
            raw_totals.entity = accounted_totals.entity
            and raw_totals.scope = accounted_totals.scope
    where raw_totals.entity <> 'contacts'
),

order_totals as (
    select
        as_of_dates.as_of_date,
        count(*) as order_count,
        sum(orders.gross_amount) as gross_amount,
        sum(orders.paid_amount) as paid_amount,
        sum(case when orders.customer_number is null then 1 else 0 end) as unidentified_order_count,
        sum(case when orders.customer_number is null then orders.gross_amount else 0 end)
            as unidentified_gross_amount,
        sum(case when orders.customer_number is null then orders.paid_amount else 0 end)
            as unidentified_paid_amount
    from orders
    cross join as_of_dates
    where orders.is_valid and orders.order_date < as_of_dates.as_of_date
    group by as_of_dates.as_of_date
),

refund_totals as (
    select
        as_of_dates.as_of_date,
        sum(refunds.refund_amount) as refund_amount,
        sum(case when refunds.customer_number is null then refunds.refund_amount else 0 end)
            as unidentified_refund_amount
    from refunds
    cross join as_of_dates
    where refunds.is_counted and refunds.refund_date < as_of_dates.as_of_date
    group by as_of_dates.as_of_date
),

customer_totals as (
    select
        as_of_date,
        count(*) as customer_count,
        sum(order_count) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(refund_amount) as refund_amount,
        sum(net_revenue) as net_revenue
    from metrics
    group by as_of_date
),

daily_totals as (
    select
        as_of_dates.as_of_date,
        coalesce(order_totals.order_count, 0) as order_count,
        coalesce(order_totals.gross_amount, 0) as gross_amount,
        coalesce(order_totals.paid_amount, 0) as paid_amount,
        coalesce(order_totals.unidentified_order_count, 0) as unidentified_order_count,
        coalesce(order_totals.unidentified_gross_amount, 0) as unidentified_gross_amount,
        coalesce(order_totals.unidentified_paid_amount, 0) as unidentified_paid_amount,
        coalesce(refund_totals.refund_amount, 0) as refund_amount,
        coalesce(refund_totals.unidentified_refund_amount, 0) as unidentified_refund_amount,
        coalesce(customer_totals.customer_count, 0) as customer_count,
        coalesce(customer_totals.order_count, 0) as customer_order_count,
        coalesce(customer_totals.gross_revenue, 0) as customer_gross_revenue,
        coalesce(customer_totals.refund_amount, 0) as customer_refund_amount,
        coalesce(customer_totals.net_revenue, 0) as customer_net_revenue
    from as_of_dates
    left join order_totals
        on as_of_dates.as_of_date = order_totals.as_of_date
    left join refund_totals
        on as_of_dates.as_of_date = refund_totals.as_of_date
    left join customer_totals
        on as_of_dates.as_of_date = customer_totals.as_of_date
),

customer_checks as (
    select
        as_of_date,
        'customer_orders' as check_name,
        'all' as scope,
        order_count as expected,
        customer_order_count + unidentified_order_count as actual,
        unidentified_order_count as unidentified,
        'valid orders = orders of customers + unidentified' as description
    from daily_totals
    union all
    select
        as_of_date,
        'customer_gross_revenue' as check_name,
        'all' as scope,
        gross_amount as expected,
        customer_gross_revenue + unidentified_gross_amount as actual,
        unidentified_gross_amount as unidentified,
        'gross amount of valid orders = gross revenue of customers + unidentified' as description
    from daily_totals
    union all
    select
        as_of_date,
        'customer_refunds' as check_name,
        'all' as scope,
        refund_amount as expected,
        customer_refund_amount + unidentified_refund_amount as actual,
        unidentified_refund_amount as unidentified,
        'refunds = refunds of customers + unidentified' as description
    from daily_totals
    union all
    select
        as_of_date,
        'customer_net_revenue' as check_name,
        'all' as scope,
        paid_amount - refund_amount as expected,
        customer_net_revenue + unidentified_paid_amount - unidentified_refund_amount as actual,
        unidentified_paid_amount - unidentified_refund_amount as unidentified,
        'paid amount - refunds = net revenue of customers + unidentified' as description
    from daily_totals
),

segment_totals as (
    select
        as_of_date,
        segmentation_id,
        sum(customer_count) as customer_count,
        sum(net_revenue) as net_revenue
    from segment_summary
    where segmentation_id <> 'audience'
    group by as_of_date, segmentation_id
),

segment_checks as (
    select
        segment_totals.as_of_date,
        'segment_customers' as check_name,
        segment_totals.segmentation_id as scope,
        daily_totals.customer_count as expected,
        segment_totals.customer_count as actual,
        0 as unidentified,
        'customers = customers over all segments' as description
    from segment_totals
    inner join daily_totals
        on segment_totals.as_of_date = daily_totals.as_of_date
    union all
    select
        segment_totals.as_of_date,
        'segment_net_revenue' as check_name,
        segment_totals.segmentation_id as scope,
        daily_totals.customer_net_revenue as expected,
        segment_totals.net_revenue as actual,
        0 as unidentified,
        'net revenue of customers = net revenue over all segments' as description
    from segment_totals
    inner join daily_totals
        on segment_totals.as_of_date = daily_totals.as_of_date
),

channel_totals as (
    select
        as_of_date,
        channel_kind,
        sum(net_revenue) as net_revenue
    from channel_performance
    group by as_of_date, channel_kind
),

channel_checks as (
    select
        channel_totals.as_of_date,
        'channel_net_revenue' as check_name,
        channel_totals.channel_kind as scope,
        daily_totals.customer_net_revenue as expected,
        channel_totals.net_revenue as actual,
        0 as unidentified,
        'net revenue of customers = net revenue over all channels' as description
    from channel_totals
    inner join daily_totals
        on channel_totals.as_of_date = daily_totals.as_of_date
),

checks as (
    select
        as_of_dates.as_of_date,
        input_checks.check_name,
        input_checks.scope,
        input_checks.expected,
        input_checks.actual,
        input_checks.unidentified,
        input_checks.description
    from input_checks
    cross join as_of_dates
    union all
    select * from customer_checks
    union all
    select * from segment_checks
    union all
    select * from channel_checks
),

final as (
    select
        as_of_date,
        check_name,
        scope,
        {{ segmentation.decimal_of('expected', 28, 4) }} as expected,
        {{ segmentation.decimal_of('actual', 28, 4) }} as actual,
        {{ segmentation.decimal_of('expected - actual', 28, 4) }} as difference,
        {{ segmentation.decimal_of('unidentified', 28, 4) }} as unidentified,
        description
    from checks
)

select * from final

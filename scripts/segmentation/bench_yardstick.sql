/*
    The customers mart as one hand-written DuckDB query: from the same three Parquet files to one
    row per customer with metrics, R, F and M, lifecycle, activity and channels. What the layered
    models are measured against: as few scans as can be, integer days, packed minima, lists for the
    gaps, any DuckDB feature. Variables: folder and seeds (where the files are), as_of_date.

    Left out on purpose: connected components (a customer is a contact id, or else the e-mail of a
    guest, looked up among the contacts), phones, deny list, attributes, history, reject reasons,
    time zones, other settings than the default ones.
*/
-- Joins are written small side last; guesses about filtered Parquet would turn some of them round.
set disabled_optimizers = 'build_side_probe_side';

create or replace table yardstick as
with rates as (
    select
        from_currency as currency,
        unnest(range(
            valid_from,
            coalesce(lead(valid_from) over by_currency, getvariable('as_of_date') + 2),
            interval 1 day
        ))::date as order_date,
        rate
    from read_csv(
        getvariable('seeds') || '/exchange_rates.csv', types = {'rate': 'decimal(18, 8)'}
    )
    where to_currency = 'CNY'
    window by_currency as (partition by from_currency order by valid_from)
),

sales_channels as (
    select
        sales_channel,
        channel_rank::utinyint as purchase_rank
    from read_csv(getvariable('seeds') || '/sales_channel_map.csv')
    inner join (
        select * from read_csv(getvariable('seeds') || '/channels.csv')
        where channel_kind = 'purchase'
    ) using (channel_id)
),

channel_sources as (
    select * from read_csv(getvariable('seeds') || '/channel_sources.csv')
),

channel_rules as (
    select
        rule_order::integer as rule_order,
        coalesce(source_pattern, '%') as source_pattern,
        coalesce(medium_pattern, '%') as medium_pattern,
        coalesce(campaign_pattern, '%') as campaign_pattern,
        source_category,
        channel_id
    from read_csv(getvariable('seeds') || '/channel_rules.csv', all_varchar = true)
),

channels as (
    select
        channel_id,
        channel_rank
    from read_csv(getvariable('seeds') || '/channels.csv')
    where channel_kind = 'acquisition'
),

contacts as (
    select
        contact_id as customer,
        lower(trim(email)) as email,
        created_at,
        erased_at is not null as is_erased,
        acquisition_source,
        acquisition_medium,
        acquisition_campaign
    from read_parquet(getvariable('folder') || '/contacts.parquet')
    where contact_id is not null and created_at is not null
),

-- One rule per distinct touch: the category of its source, then the first rule that fits.
touches as (
    select distinct utm_source, utm_medium, utm_campaign
    from read_parquet(getvariable('folder') || '/orders.parquet')
    union
    select distinct acquisition_source, acquisition_medium, acquisition_campaign
    from contacts
),

described as (
    select
        utm_source,
        utm_medium,
        utm_campaign,
        coalesce(lower(trim(utm_source)), '') as source,
        coalesce(lower(trim(utm_medium)), '') as medium,
        coalesce(lower(trim(utm_campaign)), '') as campaign,
        (
            select arg_min(source_category, pattern_order)
            from channel_sources
            where lower(trim(utm_source)) like source_pattern
        ) as category
    from touches
),

ruled as (
    select
        utm_source,
        utm_medium,
        utm_campaign,
        coalesce(arg_min(channel_id, rule_order), 'unassigned') as channel_id
    from described
    left join channel_rules
        on
            source like replace(source_pattern, '(none)', '')
            and medium like replace(medium_pattern, '(none)', '')
            and campaign like replace(campaign_pattern, '(none)', '')
            and (source_category is null or source_category = category)
    group by all
),

touch_map as (
    select
        utm_source,
        utm_medium,
        utm_campaign,
        channel_id = 'direct' as is_direct,
        case when channel_id not in ('direct', 'unassigned') then channel_rank end as channel_rank
    from ruled
    inner join channels using (channel_id)
),

-- Hashes that stand more than once: a pass over one column, no text kept. A clash of hashes does no
-- harm, as the ids themselves are compared below.
repeated as (
    select hash(order_id) as order_hash
    from read_parquet(getvariable('folder') || '/orders.parquet')
    where order_id is not null
    group by order_hash
    having count(*) > 1
),

usable as not materialized (
    select
        orders.*,
        coalesce(rates.rate, 1) as rate,
        orders.ordered_at::date as order_date,
        lower(trim(status)) in ('completed', 'paid', 'shipped', 'delivered')
        and not is_test
        and gross_amount > discount_amount as is_valid
    from read_parquet(
        getvariable('folder') || '/orders.parquet', file_row_number = true
    ) as orders
    left join rates
        on orders.currency = rates.currency and orders.ordered_at::date = rates.order_date
    where
        order_id is not null
        and ordered_at < getvariable('as_of_date') + interval 2 day
        and gross_amount >= 0
        and discount_amount between 0 and gross_amount
        and (orders.currency = 'CNY' or rates.rate is not null)
),

superseded as (
    select file_row_number
    from usable
    inner join repeated
        on hash(order_id) = order_hash
    qualify
        row_number() over (
            partition by order_id
            order by updated_at desc, file_row_number
        ) > 1
),

accepted as not materialized (
    select * from usable
    where file_row_number not in (select file_row_number from superseded)
),

valid_orders as (
    select
        hash(coalesce(contact_id, contacts.customer, lower(trim(accepted.email)))) as code,
        ordered_at,
        order_date - date '2000-01-01' as day,
        case when currency = 'CNY' then gross_amount else round(gross_amount * rate, 2) end
            ::decimal(18, 4) as gross,
        case
            when currency = 'CNY' then gross_amount - discount_amount
            else round((gross_amount - discount_amount) * rate, 2)
        end::decimal(18, 4) as paid,
        coalesce(purchase_rank, 8) as purchase_rank,
        (epoch(ordered_at)::bigint * 100 + channel_rank) as touch,
        is_direct
    from accepted
    left join contacts
        on lower(trim(accepted.email)) = contacts.email and not contacts.is_erased
    left join touch_map
        on
            accepted.utm_source is not distinct from touch_map.utm_source
            and accepted.utm_medium is not distinct from touch_map.utm_medium
            and accepted.utm_campaign is not distinct from touch_map.utm_campaign
    left join sales_channels using (sales_channel)
    where is_valid and ordered_at < getvariable('as_of_date')
),

by_channel as (
    select
        code,
        purchase_rank,
        count(*) as orders,
        sum(gross) as gross,
        sum(paid) as paid,
        min(ordered_at) as first_at,
        max(ordered_at) as last_at,
        min(touch) as first_touch,
        bool_or(is_direct) as has_direct,
        list(day::smallint) as days
    from valid_orders
    group by code, purchase_rank
),

-- The most orders, then the most paid, then the latest, as one number of 38 digits.
by_customer as (
    select
        code,
        sum(orders)::integer as orders,
        sum(gross) as gross,
        sum(paid) as paid,
        min(first_at)::date as first_date,
        max(last_at)::date as last_date,
        min(first_touch) as first_touch,
        bool_or(has_direct) as has_direct,
        arg_max(
            purchase_rank,
            (orders::hugeint * 1_000_000_000_000_000 + (paid * 100)::hugeint)
            * 10_000_000_000_000 + epoch(last_at)::bigint
        ) as purchase_rank,
        max(orders) / sum(orders) as channel_share,
        ln(sum(orders)) - sum(orders * ln(orders)) / sum(orders) as channel_entropy,
        count(*) > 1 as is_omnichannel,
        list_sort(flatten(list(days))) as days
    from by_channel
    group by code
),

-- Days come sorted, so a gap of zero is a second order on one day.
with_gaps as (
    select
        * exclude (days),
        [
            days[spot] - days[spot - 1]
            for spot in range(2, len(days) + 1)
            if days[spot] > days[spot - 1]
        ] as gaps
    from by_customer
),

-- What a refund needs of the order that it names; NULL where it names none.
named_orders as (
    select
        order_id,
        currency,
        rate,
        contact_id as customer,
        is_valid
    from accepted
    where order_id in (
        select order_id
        from read_parquet(getvariable('folder') || '/refunds.parquet')
    )
),

refunded as (
    select
        coalesce(
            named_orders.customer, contact_id, contacts.customer, lower(trim(refunds.email))
        ) as customer,
        sum(
            case
                when refunds.currency = 'CNY' then refund_amount
                when named_orders.currency = refunds.currency
                    then round(refund_amount * named_orders.rate, 2)
                else round(refund_amount * rates.rate, 2)
            end::decimal(18, 4)
        ) as refunds
    from read_parquet(getvariable('folder') || '/refunds.parquet') as refunds
    left join rates
        on refunds.currency = rates.currency and refunded_at::date = rates.order_date
    left join contacts
        on lower(trim(refunds.email)) = contacts.email and not contacts.is_erased
    left join named_orders
        on refunds.order_id = named_orders.order_id
    where refunded_at < getvariable('as_of_date') and coalesce(named_orders.is_valid, true)
    group by all
),

-- Names of the codes: contacts, and guests whose address no contact has.
guests as (
    select distinct lower(trim(email)) as email
    from read_parquet(getvariable('folder') || '/orders.parquet')
    where contact_id is null and email is not null
),

contact_touches as (
    select
        hash(customer) as code,
        customer,
        created_at::date as registered_date,
        case when not is_erased and channel_rank is not null
            then epoch(created_at)::bigint * 100 + channel_rank end as touch,
        not is_erased and is_direct and coalesce(
            acquisition_source, acquisition_medium, acquisition_campaign
        ) is not null as is_direct
    from contacts
    left join touch_map
        on
            acquisition_source is not distinct from utm_source
            and acquisition_medium is not distinct from utm_medium
            and acquisition_campaign is not distinct from utm_campaign
    where created_at < getvariable('as_of_date')
),

measured as (
    select
        coalesce(contact_touches.customer, guests.email, refunded.customer) as customer,
        registered_date,
        first_date,
        last_date,
        getvariable('as_of_date') - last_date as recency_days,
        getvariable('as_of_date') - first_date as tenure_days,
        coalesce(orders, 0) as orders,
        coalesce(gross, 0)::decimal(18, 4) as gross_revenue,
        coalesce(gross - paid, 0)::decimal(18, 4) as discount_amount,
        coalesce(refunds, 0)::decimal(18, 4) as refund_amount,
        (coalesce(paid, 0) - coalesce(refunds, 0))::decimal(18, 4) as net_revenue,
        len(gaps) + 1 as purchase_days,
        gaps[-1] as last_gap,
        case when len(gaps) >= 3 then list_median(gaps) end as own_rhythm,
        least(first_touch, touch) % 100 as acquisition_rank,
        coalesce(has_direct, false) or coalesce(is_direct, false) as has_direct,
        coalesce(purchase_rank, 9) as purchase_rank,
        channel_share,
        channel_entropy,
        coalesce(is_omnichannel, false) as is_omnichannel
    from with_gaps
    full join contact_touches using (code)
    left join guests on with_gaps.code = hash(guests.email)
    full join refunded
        on coalesce(contact_touches.customer, guests.email) = refunded.customer
),

cut_points as (
    select
        quantile_cont(recency_days, [0.2, 0.4, 0.6, 0.8]) as r,
        quantile_cont(orders, [0.2, 0.4, 0.6, 0.8]) as f,
        quantile_cont(net_revenue, [0.2, 0.4, 0.6, 0.8]) as m,
        coalesce(median(own_rhythm), 90) as rhythm
    from measured
    where orders > 0
),

scored as (
    select
        measured.*,
        case when orders > 0 then
            1 + (recency_days < r[1])::int + (recency_days < r[2])::int
            + (recency_days < r[3])::int + (recency_days < r[4])::int
        end as r_score,
        case when orders > 0 then
            1 + (orders > f[1])::int + (orders > f[2])::int
            + (orders > f[3])::int + (orders > f[4])::int
        end as f_score,
        case when orders > 0 then
            1 + (net_revenue > m[1])::int + (net_revenue > m[2])::int
            + (net_revenue > m[3])::int + (net_revenue > m[4])::int
        end as m_score,
        case when orders > 0 then greatest(coalesce(own_rhythm, rhythm), 14) end as rhythm_days
    from measured
    cross join cut_points
)

select
    customer,
    registered_date,
    first_date,
    last_date,
    recency_days,
    tenure_days,
    orders,
    gross_revenue,
    discount_amount,
    refund_amount,
    net_revenue,
    r_score,
    f_score,
    m_score,
    coalesce(segment_id, 'prospect') as rfm_segment,
    rhythm_days,
    case
        when orders = 0 then 'prospect'
        when recency_days > 4 * rhythm_days then 'churned'
        when recency_days > 2 * rhythm_days then 'declining'
        when purchase_days = 1 then 'onboarding'
        when last_gap > 4 * rhythm_days then 'reactivated'
        when orders >= 8 and tenure_days >= 365 then 'loyal'
        when orders >= 4 then 'mature'
        else 'growing'
    end as lifecycle_segment,
    case
        when orders = 0 then 'prospect'
        when
            orders = 1
            and (tenure_days <= 30 or getvariable('as_of_date') - registered_date <= 30)
            then 'new'
        when recency_days <= 90 then 'active'
        when recency_days <= 365 then 'dormant'
        else 'lost'
    end as activity_segment,
    case
        when channels.channel_id is not null then channels.channel_id
        when has_direct then 'direct'
        else 'unassigned'
    end as acquisition_channel,
    purchase_channels.channel_id as purchase_channel,
    channel_share,
    channel_entropy,
    is_omnichannel
from scored
left join (
    select r_score, f_score, m_score, segment_id
    from read_csv(getvariable('seeds') || '/rfm_segment_map.csv')
    where preset = 'rfm'
) using (r_score, f_score, m_score)
left join channels
    on acquisition_rank = channels.channel_rank
left join (
    select * from read_csv(getvariable('seeds') || '/channels.csv')
    where channel_kind = 'purchase'
) as purchase_channels
    on purchase_rank = purchase_channels.channel_rank
;

/*
    Made-up orders, contacts and refunds in the shape of the input contracts, for the benchmark:
    the views bench_orders, bench_contacts and bench_refunds. Variables: orders and customers (how
    many), seed, start_at (a timestamp) and days. No random(): every value is a hash of its row
    number, so that the same numbers give the same rows on any number of threads.

    Customers are drawn as floor(customers * u^3): few of them order very often. Each has a life
    that begins with its contact record and often ends before the last day; demand has a season.
    One order in ten is a guest's, who leaves an e-mail address and nothing else, mostly the one of
    a contact, in any case and with stray blanks. Some phones are shared, some rows come twice, a
    few can't be used.
*/
create or replace macro chance(number, salt) as
    hash(number, salt, getvariable('seed')) / 18446744073709551616.0;

-- About normal: mean 0, standard deviation 1.
create or replace macro bell(number, salt) as
    (chance(number, salt) + chance(number, salt + 1) + chance(number, salt + 2) - 1.5) * 2;

create or replace macro email_of(customer) as
    'u' || customer || '@mail' || (customer % 5) || '.net';

-- Where in the period a customer begins and ends, from 0 to 1.
create or replace macro begins(customer) as
    0.97 * pow(chance(customer, 101), 1.3);

create or replace macro ends(customer) as
    begins(customer)
    + (1 - begins(customer)) * least(1.0, 0.15 + 1.5 * chance(customer, 102));

-- A share of the period as a moment. The wave leaves the ends and the order of moments as they are.
create or replace macro moment(share) as
    getvariable('start_at')
    + to_seconds(cast(floor(
        86400.0 * (
            getvariable('days') * share
            + 20 * sin(2 * pi() * share * getvariable('days') / 365.3334)
        )
    ) as bigint));

create or replace macro in_case_and_blanks(email, luck) as
    case
        when luck < 0.6 then email
        when luck < 0.8 then 'U' || email[2:]
        when luck < 0.9 then upper(email)
        when luck < 0.95 then ' ' || email
        else email || '  '
    end;

create or replace macro gross_of(number) as
    cast(round(exp(4.2 + 0.8 * bell(number, 10)), 2) as decimal(18, 4));

create or replace macro discount_of(number) as
    case
        when chance(number, 14) < 0.25
            then cast(round(gross_of(number) * 0.1, 2) as decimal(18, 4))
        else cast(0 as decimal(18, 4))
    end;

create or replace macro currency_of(number) as
    case when chance(number, 15) < 0.97 then 'CNY' else 'USD' end;

create or replace macro customer_of(number) as
    cast(floor(getvariable('customers') * pow(chance(number, 1), 3)) as bigint);

create or replace macro is_guest(number) as
    chance(number, 3) < 0.1;

create or replace macro guest_email(number) as
    in_case_and_blanks(
        case
            when chance(number, 4) < 0.85 then email_of(customer_of(number))
            else 'u' || cast(floor(getvariable('customers') * 0.2 * chance(number, 5)) as bigint)
                || '@guest.net'
        end,
        chance(number, 6)
    );

create or replace macro ordered_at_of(number) as
    moment(
        begins(customer_of(number))
        + (ends(customer_of(number)) - begins(customer_of(number))) * chance(number, 2)
    );

-- One row in a thousand is an order that has been there: half of them as it was, half updated.
create or replace view bench_orders as
with rows_written as (
    select
        row_number,
        row_number >= getvariable('orders') as is_repeat,
        case
            when row_number < getvariable('orders') then row_number
            else cast(floor(getvariable('orders') * chance(row_number, 7)) as bigint)
        end as number
    from range(
        cast(ceil(getvariable('orders') * 1.001) as bigint)
    ) as numbers (row_number)
),

drawn as (
    select
        row_number,
        number,
        is_repeat and row_number % 2 = 0 as is_updated,
        customer_of(number) as customer,
        is_guest(number) as guest,
        ordered_at_of(number) as ordered_at,
        chance(number, 8) as fault,
        chance(number, 9) as status_luck,
        cast(floor(100 * chance(number, 16)) as integer) as touch,
        cast(floor(100 * chance(number, 17)) as integer) as place
    from rows_written
)

select
    'shop' as source_name,
    case when fault >= 0.00001 then 'S' || number end as order_id,
    case when not guest then 'C' || customer end as contact_id,
    case when guest then guest_email(number) end as email,
    cast(null as varchar) as phone,
    'CN' as country,
    case when fault not between 0.00001 and 0.0001 then ordered_at end as ordered_at,
    case
        when is_updated then 'cancelled'
        when status_luck < 0.01 then 'cancelled'
        when status_luck < 0.04 then 'Shipped'
        else 'completed'
    end as status,
    fault between 0.001 and 0.0011 as is_test,
    case when fault not between 0.0001 and 0.0002 then gross_of(number) end as gross_amount,
    case when fault between 0.0002 and 0.0003 then cast(-1 as decimal(18, 4))
        else discount_of(number) end as discount_amount,
    case when fault between 0.0003 and 0.0004 then 'XXX' else currency_of(number) end as currency,
    case
        when place < 40 then 'web'
        when place < 60 then 'app'
        when place < 75 then 'wechat_mini_program'
        when place < 85 then 'tmall'
        when place < 97 then 'store'
        when place < 99 then 'phone'
        else 'somewhere'
    end as sales_channel,
    case
        when touch < 30 then null
        when touch < 45 then 'google'
        when touch < 60 then 'baidu'
        when touch < 75 then 'weixin'
        when touch < 85 then 'newsletter'
        when touch < 95 then 'facebook'
        else 'unheard-of'
    end as utm_source,
    case
        when touch < 30 then null
        when touch < 40 then 'cpc'
        when touch < 60 then 'organic'
        when touch < 75 then 'social'
        when touch < 85 then 'email'
        when touch < 95 then 'paid_social'
        else 'strange'
    end as utm_medium,
    case when touch >= 60 then 'wave_' || (touch % 8) end as utm_campaign,
    ordered_at + to_days(if(is_updated, 2, 0)) as updated_at,
    '{"order_id": "S' || number || '"}' as raw_values
from drawn;

create or replace view bench_contacts as
with drawn as (
    select
        customer,
        moment(begins(customer)) as created_at,
        chance(customer, 103) as fault,
        chance(customer, 104) as phone_luck,
        cast(floor(100 * chance(customer, 105)) as integer) as touch,
        cast(floor(30 * chance(customer, 106)) as integer) as region,
        -- one in forty gives the phone of the contact before, one in four hundred a front desk's
        case
            when chance(customer, 107) < 0.025 then customer - 1
            when chance(customer, 107) < 0.0275
                then -(customer % (1 + getvariable('customers') // 20000))
            else customer
        end as line
    from range(getvariable('customers')) as numbers (customer)
)

select
    'shop' as source_name,
    'C' || customer as contact_id,
    email_of(customer) as email,
    case
        when phone_luck < 0.1 then null
        when phone_luck < 0.6 then '+86 ' || (13000000000 + 50000 + line)
        else cast(13000000000 + 50000 + line as varchar)
    end as phone,
    case when fault >= 0.0001 then created_at end as created_at,
    case when touch < 40 then null when touch < 70 then 'baidu' else 'google' end
        as acquisition_source,
    case when touch < 40 then null when touch < 60 then 'cpc' else 'organic' end
        as acquisition_medium,
    cast(null as varchar) as acquisition_campaign,
    date '1960-01-01' + cast(floor(16000 * chance(customer, 108)) as integer) as birth_date,
    case customer % 3 when 0 then 'female' when 1 then 'male' end as gender,
    case when customer % 7 = 0 then 'teacher' end as occupation,
    'CN' as country,
    'region ' || region as region,
    'city ' || (region * 10 + customer % 10) as city,
    cast(null as varchar) as company,
    cast(null as varchar) as industry,
    cast(null as varchar) as company_size,
    cast(null as varchar) as partner_type,
    case when customer % 50 = 0 then 'vip' end as tags,
    customer % 4 > 0 as has_marketing_consent,
    case when fault between 0.0001 and 0.001 then created_at + to_days(100) end as erased_at,
    created_at as updated_at,
    '{"contact_id": "C' || customer || '"}' as raw_values
from drawn;

-- One order in fifty is refunded, up to a month later; one refund in two names its order.
create or replace view bench_refunds as
with drawn as (
    select
        row_number,
        cast(floor(getvariable('orders') * chance(row_number, 201)) as bigint) as number,
        chance(row_number, 202) < 0.5 as is_linked,
        case when chance(row_number, 203) < 0.6 then 1.0 else chance(row_number, 204) end as share,
        cast(floor(30 * chance(row_number, 205)) as integer) as days_later
    from range(getvariable('orders') // 50) as numbers (row_number)
)

select
    'shop' as source_name,
    'R' || row_number as refund_id,
    case when is_linked then 'S' || number end as order_id,
    case when not is_guest(number) then 'C' || customer_of(number) end as contact_id,
    case when is_guest(number) then guest_email(number) end as email,
    cast(null as varchar) as phone,
    'CN' as country,
    ordered_at_of(number) + to_days(days_later) as refunded_at,
    cast(round((gross_of(number) - discount_of(number)) * share, 2) as decimal(18, 4))
        as refund_amount,
    currency_of(number) as currency,
    ordered_at_of(number) + to_days(days_later) as updated_at,
    '{"refund_id": "R' || row_number || '"}' as raw_values
from drawn;

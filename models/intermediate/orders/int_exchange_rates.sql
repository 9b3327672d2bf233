{#
    One row per currency and day: what one unit is worth in the reporting currency.
    Key: currency, rate_date. A rate holds from its date until the next one; the reporting
    currency itself is not listed, it is 1.
#}
with seed_rates as (
    select * from {{ ref('exchange_rates') }}
),

periods as (
    select
        upper(trim(from_currency)) as currency,
        valid_from,
        lead(valid_from) over (
            partition by upper(trim(from_currency))
            order by valid_from
        ) as valid_to,
        rate
    from seed_rates
    where
        upper(trim(to_currency)) = '{{ var("reporting_currency") }}'
        and upper(trim(from_currency)) <> '{{ var("reporting_currency") }}'
),

first_day as (
    select min(valid_from) as first_date
    from periods
),

digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

offsets as (
    select
        ones.digit
        + 10 * tens.digit
        + 100 * hundreds.digit
        + 1000 * thousands.digit
        + 10000 * ten_thousands.digit as nth_day
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
),

calendar as (
    select
        {{ segmentation.add_days('first_day.first_date', 'offsets.nth_day') }} as rate_date
    from offsets
    cross join first_day
    where first_day.first_date is not null
),

final as (
    select
        periods.currency,
        calendar.rate_date,
        periods.rate
    from periods
    inner join calendar
        on
            periods.valid_from <= calendar.rate_date
            and (periods.valid_to > calendar.rate_date or periods.valid_to is null)
    where
        calendar.rate_date
        <= {{ segmentation.last_known_day() }}
)

select * from final

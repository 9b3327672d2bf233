{#
    One row per day the run speaks for: as_of_date itself and the history_dates before it.
    Key: as_of_date. Everything computed per customer crosses this, so that today and any past
    day come out of the same SQL.
#}
with as_of_dates as (
    select
        {{ segmentation.date_literal(segmentation.as_of_date()) }} as as_of_date,
        true as is_current
    {%- for day in var('history_dates', []) %}
    union all
    select
        {{ segmentation.date_literal(day) }} as as_of_date,
        false as is_current
    {%- endfor %}
),

final as (
    select
        as_of_date,
        is_current
    from as_of_dates
)

select * from final

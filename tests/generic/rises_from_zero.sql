{#
    Fails with every row that keeps a list of thresholds from being total: the first must be zero,
    each next one greater than the one before it; an empty list answers nothing. Arguments:
    threshold, a number; rank, the column that orders the rows, 1 for the lowest.
#}
{% test rises_from_zero(model, threshold, rank) %}
    with ranked as (
        select
            {{ rank }},
            {{ threshold }},
            row_number() over (order by {{ rank }}, {{ threshold }}) as place,
            lag({{ rank }}) over (order by {{ rank }}, {{ threshold }}) as rank_before,
            lag({{ threshold }}) over (order by {{ rank }}, {{ threshold }}) as threshold_before
        from {{ model }}
    ),

    problems as (
        select
            {{ rank }},
            {{ threshold }},
            case
                when {{ threshold }} is null or {{ rank }} is null then 'is empty'
                when place = 1 and {{ threshold }} <> 0 then 'does not begin at zero'
                when place > 1 and {{ rank }} = rank_before then 'has the rank of another'
                when place > 1 and coalesce(threshold_before >= {{ threshold }}, true)
                    then 'is not above the one before it'
            end as problem
        from ranked
        union all
        select
            max({{ rank }}) as {{ rank }},
            max({{ threshold }}) as {{ threshold }},
            'there are no thresholds' as problem
        from {{ model }}
        having count(*) = 0
    )

    select * from problems
    where problem is not null
{% endtest %}

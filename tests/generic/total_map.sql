{#
    Fails with every cell of the grid that has no row, or more than one: a map must answer every
    combination of scores exactly once. Arguments: axes, columns that each take all levels; levels, an
    integer (1 to it) or a list of texts; per, a column whose every value has a map of its own;
    values, the values it must have.
#}
{% test total_map(model, axes, levels, per, values) %}
    with maps as (
        {%- for value in values %}
        select '{{ value }}' as {{ per }}
        {%- if not loop.last %} union all{% endif %}
        {%- endfor %}
    ),

    levels as (
        {%- for level in (range(1, levels + 1) if levels is number else levels) %}
        select {{ level if levels is number else "'" ~ level ~ "'" }} as level
        {%- if not loop.last %} union all{% endif %}
        {%- endfor %}
    ),

    cells as (
        select
            maps.{{ per }}
            {%- for axis in axes %},
            {{ axis }}_levels.level as {{ axis }}
            {%- endfor %}
        from maps
        {%- for axis in axes %}
        cross join levels as {{ axis }}_levels
        {%- endfor %}
    ),

    answers as (
        select
            {{ per }},
            {{ axes | join(', ') }},
            count(*) as answer_count
        from {{ model }}
        group by {{ per }}, {{ axes | join(', ') }}
    )

    select
        coalesce(cells.{{ per }}, answers.{{ per }}) as {{ per }}
        {%- for axis in axes %},
        coalesce(cells.{{ axis }}, answers.{{ axis }}) as {{ axis }}
        {%- endfor %},
        case
            when cells.{{ per }} is null then 'not a cell of the grid'
            when answers.{{ per }} is null then 'no segment'
            else 'more than one segment'
        end as problem
    from cells
    full outer join answers
        on
            cells.{{ per }} = answers.{{ per }}
            {%- for axis in axes %}
            and cells.{{ axis }} = answers.{{ axis }}
            {%- endfor %}
    where cells.{{ per }} is null or answers.{{ per }} is null or answers.answer_count > 1
{% endtest %}

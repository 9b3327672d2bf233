{#
    Fails with every combination of the columns that stands more than once. NULLs count as equal.
    Arguments: columns, a list of column names.
#}
{% test unique_combination(model, columns) %}
    select
        {{ columns | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{#
    Fails with every row for which the expression is false or NULL.
    Arguments: expression, SQL over the columns of the model.
#}
{% test expression_is_true(model, expression) %}
    select *
    from {{ model }}
    where not coalesce({{ expression }}, false)
{% endtest %}

{#
    One row per customer and as_of_date with the segment of every registered segmentation, each in a
    column of its own. Key: customer_number, as_of_date. The columns are those of the registry, the
    var `segmentations`.
#}
{%- set segmentations = segmentation.registered_segmentations() %}
{%- set models = segmentations | map(attribute='model') | unique | list %}
with customers as (
    select * from {{ ref('int_customers') }}
),

{% for model in models -%}
rows_of_{{ model }} as (
    select * from {{ ref(model) }}
),

{% endfor -%}
final as (
    select
        customers.customer_number,
        {%- for entry in segmentations %}
        coalesce(
            rows_of_{{ entry.model }}.{{ entry.reads }},
            {{ "'" ~ entry.otherwise ~ "'" if entry.otherwise else 'null' }}
        ) as {{ entry.column }},
        {%- endfor %}
        customers.as_of_date
    from customers
    {% for model in models -%}
    left join rows_of_{{ model }}
        on
            customers.customer_number = rows_of_{{ model }}.customer_number
            and customers.as_of_date = rows_of_{{ model }}.as_of_date
    {% endfor -%}
)

select * from final

{#
    One row per customer, as_of_date and segmentation: the explanations of all models, one below the
    other, and for a segmentation that no model explains its segment alone. Key: customer_number,
    as_of_date, segmentation_id. customer_id goes with it so that who asks for one customer has it
    looked for first; the registry's field `explained_by` says which models there are.
#}
{%- set registered = segmentation.registered_segmentations() %}
{%- set explained = registered | selectattr('explained_by') | list %}
{%- set models = explained | map(attribute='explained_by') | unique | list %}
{%- set unexplained = registered | rejectattr('explained_by') | list %}
{%- set columns = segmentation.explanation_columns() %}
{%- set unknown = [] %}
{%- for name, type in columns.items() if name != 'segment_id' %}
{%- do unknown.append(segmentation.null_of(type) ~ ' as ' ~ name) %}
{%- endfor %}
with {% if unexplained -%}
customers as (
    select * from {{ ref('int_customers') }}
),

customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

unexplained as (
    {%- for entry in unexplained %}
    {{ 'union all' if not loop.first }}
    select '{{ entry.id }}' as segmentation_id
    {%- endfor %}
),

{% endif -%}
{% for model in models -%}
rows_of_{{ model }} as (
    select * from {{ ref(model) }}
),

{% endfor -%}
final as (
    {%- for model in models %}
    {{ 'union all' if not loop.first }}
    select
        customer_id,
        customer_number,
        as_of_date,
        segmentation_id,
        {{ columns.keys() | join(',\n        ') }}
    from rows_of_{{ model }}
    where
        segmentation_id in (
            '{{ explained | selectattr("explained_by", "equalto", model) | map(attribute="id")
            | join("',\n            '") }}'
        )
    {%- endfor %}
    {%- if unexplained %}
    {{ 'union all' if models }}
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        unexplained.segmentation_id,
        case unexplained.segmentation_id
            {%- for entry in unexplained %}
            when '{{ entry.id }}' then customer_segments.{{ entry.column }}
            {%- endfor %}
        end as segment_id,
        {{ unknown | join(',\n        ') }}
    from customers
    inner join customer_segments
        on
            customers.customer_number = customer_segments.customer_number
            and customers.as_of_date = customer_segments.as_of_date
    cross join unexplained
    {%- endif %}
)

select * from final

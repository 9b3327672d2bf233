{#
    The input contracts: per entity the columns, in order, with their portable types. The one place
    that says what a staging model must deliver; the unions, the empty relations for missing
    inputs and the shape check all read it. models/staging/README.md explains each column.
#}
{% macro input_contracts() %}
    {% set s, t, d, b, amount = 'string', 'timestamp', 'date', 'boolean', 'decimal(18, 4)' %}
    {% set party = [('contact_id', s), ('email', s), ('phone', s), ('country', s)] %}
    {% set contracts = {
        'orders': [('source_name', s), ('order_id', s)] + party + [
            ('ordered_at', t), ('status', s), ('is_test', b), ('gross_amount', amount),
            ('discount_amount', amount), ('currency', s), ('sales_channel', s), ('utm_source', s),
            ('utm_medium', s), ('utm_campaign', s), ('updated_at', t), ('raw_values', s),
        ],
        'contacts': [
            ('source_name', s), ('contact_id', s), ('email', s), ('phone', s), ('created_at', t),
            ('acquisition_source', s), ('acquisition_medium', s), ('acquisition_campaign', s),
            ('birth_date', d), ('gender', s), ('occupation', s), ('country', s), ('region', s),
            ('city', s), ('company', s), ('industry', s), ('company_size', s), ('partner_type', s),
            ('tags', s), ('has_marketing_consent', b), ('erased_at', t), ('updated_at', t),
            ('raw_values', s),
        ],
        'refunds': [('source_name', s), ('refund_id', s), ('order_id', s)] + party + [
            ('refunded_at', t), ('refund_amount', amount), ('currency', s), ('updated_at', t),
            ('raw_values', s),
        ],
        'order_lines': [
            ('source_name', s), ('order_id', s), ('line_id', s), ('product_id', s), ('product_name', s),
            ('category', s), ('quantity', amount), ('unit_price', amount), ('unit_cost', amount),
            ('currency', s), ('updated_at', t), ('raw_values', s),
        ],
        'rejected_rows': [
            ('source_name', s), ('entity', s), ('record_key', s), ('reason', s), ('amount', amount),
            ('currency', s), ('raw_values', s),
        ],
    } %}
    {% set named = {} %}
    {% for entity, columns in contracts.items() %}
        {% set list = [] %}
        {% for name, type in columns %}{% do list.append({'name': name, 'type': type}) %}{% endfor %}
        {% do named.update({entity: list}) %}
    {% endfor %}
    {{ return(named) }}
{% endmacro %}


{#
    The union of the staging models that `inputs` names for an entity, with their precedence
    (1 is the first named); an empty relation of the same shape when none is named.
    Example: union_inputs('orders')
#}
{% macro union_inputs(entity) %}
    {%- set columns = segmentation.input_contracts()[entity] -%}
    {%- set models = segmentation.checked_var('inputs').get(entity) or [] -%}
    {%- for model in models %}
    select
        {%- for column in columns %}
        {%- if column.type == 'string' %}
        {{ segmentation.byte_order(column.name) }} as {{ column.name }},
        {%- else %}
        {{ column.name }},
        {%- endif %}
        {%- endfor %}
        {{ loop.index }} as source_precedence
    from {{ ref(model) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- else %}
    select
        {%- for column in columns %}
        {{ segmentation.null_of(column.type) }} as {{ column.name }},
        {%- endfor %}
        cast(0 as integer) as source_precedence
    from (select 1 as one) as nothing
    where one = 0
    {%- endfor %}
{%- endmacro %}

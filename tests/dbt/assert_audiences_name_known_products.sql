{{ config(severity='warn') }}
{%- set names = segmentation.audience_content_names() %}
{%- set product_names = names | selectattr('filter', 'equalto', 'product_id') %}
{%- set products = segmentation.audience_literals(product_names | map(attribute='value')) %}
-- Warns of categories and products that the rule of an audience names and no order line has. A
-- misspelt one never matches; one that is right may come tomorrow, which is why it is no error.
with product_categories as (
    select * from {{ ref('int_product_categories') }}
),

order_lines as (
    select * from {{ ref('int_order_lines') }}
),

named as (
    {%- for name in names %}
    select
        {{ segmentation.text_literal(name.audience) }} as audience_id,
        '{{ name.filter }}' as filter_name,
        {{ segmentation.text_literal(name.value) }} as filter_value
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ segmentation.null_of('string') }} as audience_id,
        {{ segmentation.null_of('string') }} as filter_name,
        {{ segmentation.null_of('string') }} as filter_value
    {%- endfor %}
),

known as (
    select distinct
        'category' as filter_name,
        category as filter_value
    from product_categories
    union all
    select distinct
        'product_id' as filter_name,
        product_id as filter_value
    from order_lines
    where {{ 'product_id in (' ~ products ~ ')' if products else '1 = 0' }}
)

select distinct
    named.audience_id,
    named.filter_name,
    named.filter_value,
    {%- if var('inputs').get('order_lines') %}
    'No order line has it, so it fits nobody.'
    {%- else %}
    'The var "inputs" names no order_lines, so no order has a category or product.'
    {%- endif %} as problem
from named
left join known
    on
        named.filter_name = known.filter_name
        and named.filter_value = known.filter_value
where named.filter_value is not null and known.filter_value is null

-- Promise 8: no e-mail, phone or name leaves staging and identity. Three nets: text in any mart that
-- is an e-mail address or phone number of the inputs, text that holds something like an address, and
-- a column that is named like one. The columns come from the contracts of the marts.
{%- set marts = {} -%}
{%- if execute -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.package_name == 'segmentation'
        and node.fqn[1] == 'marts'
    -%}
        {%- do marts.update({node.name: node}) -%}
    {%- endfor -%}
{%- endif %}
-- depends_on: {{ ref('customers') }}
-- depends_on: {{ ref('customer_tags') }}
-- depends_on: {{ ref('orders') }}
-- depends_on: {{ ref('segments') }}
-- depends_on: {{ ref('audience_members') }}
-- depends_on: {{ ref('segment_explanations') }}
-- depends_on: {{ ref('segment_summary') }}
-- depends_on: {{ ref('segment_vocabularies') }}
-- depends_on: {{ ref('channel_performance') }}
-- depends_on: {{ ref('revenue_concentration') }}
-- depends_on: {{ ref('churn_reasons') }}
-- depends_on: {{ ref('rejected_records') }}
-- depends_on: {{ ref('reconciliation') }}
with emails as (
    select lower(trim(email)) as personal_text
    from {{ ref('int_identity_emails') }}
    union all
    select phone_normal as personal_text
    from {{ ref('int_identity_phones') }}
    where verdict <> 'malformed'
    union all
    select trim(phone) as personal_text
    from {{ ref('int_identity_phones') }}
    where verdict <> 'malformed'
),

mart_texts as (
    {%- for name in marts | sort %}
    {%- set outer_first = loop.first %}
    {%- set texts = marts[name].columns.values() | selectattr('data_type', 'equalto', 'string') | list %}
    {%- if marts[name].config.materialized == 'view' %}
    {#- worked out anew by every query: read once, all its columns in turn #}
    {{ 'union all' if not outer_first }}
    select distinct
        '{{ name }}' as mart,
        places.mart_column,
        case places.mart_column
            {%- for column in texts %}
            when '{{ column.name }}' then mart_rows.{{ column.name }}
            {%- endfor %}
        end as mart_text
    from {{ marts[name].relation_name }} as mart_rows
    cross join (
        {%- for column in texts %}
        select '{{ column.name }}' as mart_column
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as places
    {%- else %}
    {%- for column in texts %}
    {{ 'union all' if not (outer_first and loop.first) }}
    select distinct
        '{{ name }}' as mart,
        '{{ column.name }}' as mart_column,
        {{ column.name }} as mart_text
    from {{ marts[name].relation_name }}
    {%- endfor %}
    {%- endif %}
    {%- else %}
    select
        '' as mart,
        '' as mart_column,
        '' as mart_text
    {%- endfor %}
),

leaks as (
    select
        mart_texts.mart,
        mart_texts.mart_column,
        'holds an e-mail or phone of the inputs' as problem
    from mart_texts
    inner join emails
        on lower(mart_texts.mart_text) = emails.personal_text
    union all
    select
        mart,
        mart_column,
        'holds something like an e-mail address' as problem
    from mart_texts
    where {{ segmentation.regexp_like('mart_text', '[^ @"]+@[^ @"]+[.][A-Za-z]+') }}
    {%- for name in marts | sort %}
    {%- for column in marts[name].columns.values()
        if modules.re.search('e_?mail|phone|mobile|first_name|last_name|full_name|address|birth', column.name)
    %}
    union all
    select
        '{{ name }}' as mart,
        '{{ column.name }}' as mart_column,
        'is named like personal data' as problem
    {%- endfor %}
    {%- endfor %}
)

select distinct
    mart,
    mart_column,
    problem
from leaks

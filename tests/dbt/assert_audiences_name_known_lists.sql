-- Every list that the rule of an audience names has customers in the seed audience_lists.
with named as (
    {%- for name in segmentation.audience_list_names() %}
    select
        {{ segmentation.text_literal(name.audience) }} as audience_id,
        {{ segmentation.text_literal(name.list) }} as list_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ segmentation.null_of('string') }} as audience_id,
        {{ segmentation.null_of('string') }} as list_id
    {%- endfor %}
)

select distinct
    named.audience_id,
    named.list_id
from named
left join {{ ref('audience_lists') }} as audience_lists
    on named.list_id = audience_lists.list_id
where named.list_id is not null and audience_lists.list_id is null

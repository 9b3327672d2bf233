{#
    One row per audience of the var `audiences`: what it is called, what it means, who answers for
    it, until when it holds. Key: audience_id. Parameters in the words become their values.
#}
{%- set texts = [
    'label_en', 'label_zh', 'description_en', 'description_zh', 'next_action_en', 'next_action_zh',
    'contact_channel', 'owner',
] %}
{%- set audiences = var('audiences', []) if segmentation.audience_plan().ids else [] %}
with as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

audiences as (
    {%- for audience in audiences %}
    select
        '{{ audience.id }}' as audience_id,
        {{ loop.index }} as audience_rank,
        {%- for part in texts %}
        {%- set text = segmentation.audience_text(audience, part) %}
        {%- set text = segmentation.with_var_values(text) if 'description' in part else text %}
        {{ segmentation.null_of('string') if text is none else segmentation.text_literal(text) }}
            as {{ part }},
        {%- endfor %}
        {{ audience.cool_down_days if audience.cool_down_days is number
            else segmentation.null_of('integer') }} as cool_down_days,
        {{ segmentation.date_literal(audience.expires) if audience.expires
            else segmentation.null_of('date') }} as expires_date,
        {{ segmentation.text_literal(audience.precedence.group) if audience.precedence
            else segmentation.null_of('string') }} as precedence_group,
        {{ audience.precedence.rank if audience.precedence
            else segmentation.null_of('integer') }} as precedence_rank
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ segmentation.null_of('string') }} as audience_id,
        {{ segmentation.null_of('integer') }} as audience_rank,
        {%- for part in texts %}
        {{ segmentation.null_of('string') }} as {{ part }},
        {%- endfor %}
        {{ segmentation.null_of('integer') }} as cool_down_days,
        {{ segmentation.null_of('date') }} as expires_date,
        {{ segmentation.null_of('string') }} as precedence_group,
        {{ segmentation.null_of('integer') }} as precedence_rank
    {%- endfor %}
),

final as (
    select
        audiences.audience_id,
        cast(audiences.audience_rank as integer) as audience_rank,
        audiences.label_en,
        audiences.label_zh,
        audiences.description_en,
        audiences.description_zh,
        audiences.next_action_en,
        audiences.next_action_zh,
        audiences.contact_channel,
        cast(audiences.cool_down_days as integer) as cool_down_days,
        audiences.owner,
        audiences.expires_date,
        coalesce(audiences.expires_date <= as_of_dates.as_of_date, false) as is_expired,
        audiences.precedence_group,
        cast(audiences.precedence_rank as integer) as precedence_rank
    from audiences
    cross join as_of_dates
    where audiences.audience_id is not null
)

select * from final

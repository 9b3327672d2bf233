{#
    One row per registered segmentation, and one for the audiences: what it is called, in which column
    of marts.customers it is, where reports list it. Key: segmentation_id. The registry says which
    there are, the seed what they are called.
#}
{%- set registered = segmentation.registered_segmentations() %}
with segmentations as (
    select * from {{ ref('segmentations') }}
),

registered as (
    {%- for entry in registered %}
    select
        '{{ entry.id }}' as segmentation_id,
        'partition' as kind,
        '{{ entry.column }}' as column_name,
        '{{ entry.preset }}' as preset,
        {{ loop.index }} as segmentation_rank
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if segmentation.audience_plan().ids %}
    union all
    select
        'audience' as segmentation_id,
        'audience' as kind,
        {{ segmentation.null_of('string') }} as column_name,
        'default' as preset,
        {{ registered | length + 1 }} as segmentation_rank
    {%- endif %}
),

final as (
    select
        registered.segmentation_id,
        registered.kind,
        registered.column_name,
        registered.preset,
        registered.segmentation_rank,
        segmentations.label_en,
        segmentations.label_zh,
        segmentations.description_en,
        segmentations.description_zh,
        segmentations.owner
    from registered
    left join segmentations
        on registered.segmentation_id = segmentations.segmentation_id
)

select * from final

{#
    One row per registered segmentation: what it is called, in which column of marts.customers it
    is, where reports list it. Key: segmentation_id. The registry says which there are, the seed
    what they are called.
#}
with segmentations as (
    select * from {{ ref('segmentations') }}
),

registered as (
    {%- for entry in segmentation.registered_segmentations() %}
    select
        '{{ entry.id }}' as segmentation_id,
        '{{ entry.column }}' as column_name,
        '{{ entry.preset }}' as preset,
        {{ loop.index }} as segmentation_rank
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        registered.segmentation_id,
        'partition' as kind,
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

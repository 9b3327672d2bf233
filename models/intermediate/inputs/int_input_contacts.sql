{#
    One row per raw contact record of every source named in the var inputs.
    Not unique yet: repeats and unusable rows are still in it.
#}
with final as (
    {{ segmentation.union_inputs('contacts') | indent(4) }}
)

select * from final

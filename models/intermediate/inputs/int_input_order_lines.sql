{#
    One row per raw order line of every source named in the var inputs.
    Not unique yet: repeats and unusable rows are still in it.
#}
with final as (
    {{ segmentation.union_inputs('order_lines') | indent(4) }}
)

select * from final

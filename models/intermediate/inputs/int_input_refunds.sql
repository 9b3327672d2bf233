{#
    One row per raw refund or cancellation of every source named in the var inputs.
    Not unique yet: repeats and unusable rows are still in it.
#}
with final as (
    {{ segmentation.union_inputs('refunds') | indent(4) }}
)

select * from final

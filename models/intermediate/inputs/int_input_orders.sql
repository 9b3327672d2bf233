{#
    One row per raw order row of every source named in the var inputs, as staging typed it.
    Not unique yet: repeats and unusable rows are still in it. source_precedence is the place of
    its staging model in the list.
#}
with final as (
    {{ segmentation.union_inputs('orders') | indent(4) }}
)

select * from final

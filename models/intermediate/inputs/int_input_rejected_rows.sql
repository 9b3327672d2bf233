{#
    One row per raw row that a source could not turn into an order, contact or
    refund, handed over with its reason. Only sources that aggregate raw rows have any.
#}
with final as (
    {{ segmentation.union_inputs('rejected_rows') | indent(4) }}
)

select * from final

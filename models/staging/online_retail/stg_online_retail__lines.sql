{#
    One row per raw invoice line, key record_key. Every line is kept and gets one line_kind, so
    that the models beside this one can share the lines out without a gap or an overlap. The two
    sheets overlap in December 2010: an invoice that stands in both counts in the first of them.
#}
with raw_lines as (
    select * from {{ source('online_retail', 'lines') }}
),

typed as (
    select
        row_no,
        {{ segmentation.clean_text('source_sheet') }} as source_sheet,
        {{ segmentation.clean_text('Invoice') }} as invoice,
        {{ segmentation.clean_text('StockCode') }} as stock_code,
        {{ segmentation.clean_text('Description') }} as description,
        {{ segmentation.safe_decimal('Quantity') }} as quantity,
        {{ segmentation.safe_decimal('Price') }} as unit_price,
        {{ segmentation.safe_timestamp('InvoiceDate') }} as invoiced_at_local,
        {{ segmentation.clean_text('CustomerID') }} as contact_id,
        {{ segmentation.clean_text('Country') }} as country_name,
        {{ segmentation.raw_values([
            'source_sheet', 'row_no', 'Invoice', 'StockCode', 'Description', 'Quantity',
            'InvoiceDate', 'Price', 'CustomerID', 'Country',
        ]) }} as raw_values
    from raw_lines
),

with_first_sheet as (
    select
        *,
        min(source_sheet) over (partition by invoice) as first_sheet
    from typed
),

classified as (
    select
        *,
        case
            when invoice is null or quantity is null or unit_price is null then 'unreadable'
            when source_sheet <> first_sheet then 'repeat'
            when invoice like 'A%' then 'adjustment'
            when invoice like 'C%' then 'cancellation'
            when quantity > 0 and unit_price > 0 then 'sale'
            when quantity > 0 and unit_price = 0 then 'free'
            when quantity < 0 and unit_price = 0 then 'write_off'
            else 'unclassified'
        end as line_kind
    from with_first_sheet
),

final as (
    select
        source_sheet || '/' || cast(row_no as {{ dbt.type_string() }}) as record_key,
        source_sheet,
        cast(row_no as integer) as row_no,
        invoice,
        line_kind,
        contact_id,
        country_name,
        {{ segmentation.to_utc('invoiced_at_local', 'Europe/London') }} as invoiced_at,
        stock_code,
        description,
        quantity,
        unit_price,
        cast(quantity * unit_price as numeric(18, 4)) as line_amount,
        raw_values
    from classified
)

select * from final

{#
    One row per raw invoice line, key record_key. Every line is kept and gets one line_kind, so
    that the models beside this one can share the lines out without a gap or an overlap. The two
    sheets overlap in December 2010: an invoice that stands in both counts in the first of them.
#}
with raw_lines as (
    select * from {{ segmentation.file_or_table(
        source('online_retail', 'lines'),
        env_var('SEGMENTATION_ONLINE_RETAIL', 'data/online_retail.parquet')
    ) }}
),

typed as (
    select
        *,
        {{ segmentation.clean_text('Invoice') }} as invoice_number,
        {{ segmentation.safe_decimal('Quantity') }} as piece_count,
        {{ segmentation.safe_decimal('Price') }} as piece_price,
        {{ segmentation.safe_timestamp('InvoiceDate') }} as invoiced_at_local
    from raw_lines
),

with_first_sheet as (
    select
        *,
        min(source_sheet) over (partition by invoice_number) as first_sheet
    from typed
),

classified as (
    select
        *,
        case
            when invoice_number is null or piece_count is null or piece_price is null
                then 'unreadable'
            when source_sheet <> first_sheet then 'repeat'
            when invoice_number like 'A%' then 'adjustment'
            when invoice_number like 'C%' then 'cancellation'
            when piece_count > 0 and piece_price > 0 then 'sale'
            when piece_count > 0 and piece_price = 0 then 'free'
            when piece_count < 0 and piece_price = 0 then 'write_off'
            else 'unclassified'
        end as line_kind
    from with_first_sheet
),

final as (
    select
        source_sheet || '/' || cast(row_no as {{ dbt.type_string() }}) as record_key,
        source_sheet,
        cast(row_no as integer) as row_no,
        invoice_number as invoice,
        line_kind,
        {{ segmentation.clean_text('CustomerID') }} as contact_id,
        {{ segmentation.clean_text('Country') }} as country_name,
        {{ segmentation.to_utc('invoiced_at_local', 'Europe/London') }} as invoiced_at,
        {{ segmentation.clean_text('StockCode') }} as stock_code,
        {{ segmentation.clean_text('Description') }} as description,
        piece_count as quantity,
        piece_price as unit_price,
        {{ segmentation.decimal_of('piece_count * piece_price') }} as line_amount,
        case
            when line_kind not in ('sale', 'cancellation')
                then {{ segmentation.raw_values([
                    'source_sheet', 'row_no', 'Invoice', 'StockCode', 'Description', 'Quantity',
                    'InvoiceDate', 'Price', 'CustomerID', 'Country',
                ]) }}
            else {{ segmentation.null_of('string') }}
        end as raw_values
    from classified
)

select * from final

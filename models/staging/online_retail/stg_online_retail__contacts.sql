{#
    One row per customer id, key contact_id. The shop keeps no customer table: a customer appears
    with the first line that names them, and lives in the country of the last one.
#}
with lines as (
    select * from {{ ref('stg_online_retail__lines') }}
),

countries as (
    select * from {{ ref('online_retail_countries') }}
),

named_lines as (
    select
        contact_id,
        country_name,
        invoiced_at,
        row_number() over (
            partition by contact_id
            order by
                case when invoiced_at is null then 1 else 0 end,
                invoiced_at desc,
                source_sheet desc,
                row_no desc
        ) as recency_rank
    from lines
    where contact_id is not null and line_kind <> 'repeat'
),

customers as (
    select
        contact_id,
        min(invoiced_at) as created_at,
        max(invoiced_at) as updated_at,
        count(*) as line_count,
        max(case when recency_rank = 1 then country_name end) as country_name
    from named_lines
    group by contact_id
),

described as (
    select
        *,
        {{ segmentation.raw_values([
            'contact_id', 'country_name', 'created_at', 'updated_at', 'line_count',
        ]) }} as raw_values
    from customers
),

final as (
    select
        'online_retail' as source_name,
        described.contact_id,
        {{ segmentation.null_of('string') }} as email,
        {{ segmentation.null_of('string') }} as phone,
        described.created_at,
        {{ segmentation.null_of('string') }} as acquisition_source,
        {{ segmentation.null_of('string') }} as acquisition_medium,
        {{ segmentation.null_of('string') }} as acquisition_campaign,
        {{ segmentation.null_of('date') }} as birth_date,
        {{ segmentation.null_of('string') }} as gender,
        {{ segmentation.null_of('string') }} as occupation,
        countries.country_code as country,
        {{ segmentation.null_of('string') }} as region,
        {{ segmentation.null_of('string') }} as city,
        {{ segmentation.null_of('string') }} as company,
        {{ segmentation.null_of('string') }} as industry,
        {{ segmentation.null_of('string') }} as company_size,
        {{ segmentation.null_of('string') }} as partner_type,
        {{ segmentation.null_of('string') }} as tags,
        {{ segmentation.null_of('boolean') }} as has_marketing_consent,
        {{ segmentation.null_of('timestamp') }} as erased_at,
        described.updated_at,
        described.raw_values
    from described
    left join countries on described.country_name = countries.country_name
)

select * from final

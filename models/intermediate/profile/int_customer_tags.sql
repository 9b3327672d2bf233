{#
    One row per customer, as_of_date and tag. Key: customer_number, as_of_date, tag_name. Tags are
    trimmed and lower-cased, so that no two differ in writing only; each text of tags is taken apart
    once, however many customers have it. (tag alone is a reserved word on Redshift.)
#}
with attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

texts as (
    select distinct tags
    from attributes
    where tags is not null
),

divided as (
    select
        tags,
        {{ segmentation.evenly_divided('tags') }} as parts
    from texts
),

digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

places as (
    select hundreds.digit * 100 + tens.digit * 10 + units.digit + 1 as place
    from digits as hundreds
    cross join digits as tens
    cross join digits as units
    where hundreds.digit * 100 + tens.digit * 10 + units.digit < {{ segmentation.most_tags() }}
),

taken_apart as (
    select
        divided.tags,
        {{ segmentation.nth_part(
            'divided.parts', segmentation.tag_separators()[0], 'places.place'
        ) }} as part
    from divided
    inner join places
        on {{ segmentation.part_count('divided.parts') }} >= places.place
),

cleaned as (
    select
        tags,
        {{ segmentation.lower_case(segmentation.clean_text('part')) }} as tag_name
    from taken_apart
),

tags_of_texts as (
    select distinct
        tags,
        tag_name
    from cleaned
    where tag_name is not null
),

final as (
    select
        attributes.customer_number,
        attributes.as_of_date,
        tags_of_texts.tag_name
    from attributes
    inner join tags_of_texts
        on attributes.tags = tags_of_texts.tags
)

select * from final

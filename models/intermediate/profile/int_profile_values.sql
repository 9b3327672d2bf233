{#
    One row per value of an attribute as contact records write it, with the segment that is meant.
    Key: attribute, written_country, raw_value. Writings are looked up here, once per value and not
    per customer. Only regions and cities have a country; without one they are read in the home country.
#}
{%- set home_country = var('default_country') %}
with attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

profile_value_map as (
    select * from {{ ref('profile_value_map') }}
),

company_size_bands as (
    select * from {{ ref('company_size_bands') }}
),

macro_regions as (
    select * from {{ ref('macro_regions') }}
    where home_country = '{{ home_country }}'
),

city_tiers as (
    select * from {{ ref('city_tiers') }}
),

written as (
    {%- for attribute in [
        'gender', 'occupation', 'industry', 'company_size', 'partner_type',
    ] %}
    select
        '{{ attribute }}' as attribute,
        '' as written_country,
        {{ attribute }} as raw_value,
        count(*) as row_count
    from attributes
    where {{ attribute }} is not null
    group by {{ attribute }}
    union all
    {%- endfor %}
    {%- for attribute in ['region', 'city'] %}
    select
        '{{ attribute }}' as attribute,
        coalesce(country, '') as written_country,
        {{ attribute }} as raw_value,
        count(*) as row_count
    from attributes
    where {{ attribute }} is not null
    group by coalesce(country, ''), {{ attribute }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

cleaned as (
    select
        attribute,
        written_country,
        raw_value,
        row_count,
        coalesce(nullif(upper(trim(written_country)), ''), '{{ home_country }}') as country,
        -- the word null is no value: a seed can't hold it, as dbt may read it as NULL there
        nullif({{ segmentation.lower_case(segmentation.clean_text('raw_value')) }}, 'null')
            as clean_value
    from written
),

counted as (
    select
        attribute,
        written_country,
        raw_value,
        row_count,
        country,
        clean_value,
        case
            when
                attribute = 'company_size'
                and {{ segmentation.regexp_like('clean_value', '^[0-9]{1,7}$') }}
                then cast(clean_value as integer)
        end as headcount
    from cleaned
    where clean_value is not null
),

size_classes as (
    select
        counted.raw_value,
        max(company_size_bands.min_headcount) as min_headcount
    from counted
    inner join company_size_bands
        on counted.headcount >= company_size_bands.min_headcount
    group by counted.raw_value
),

divided_countries as (
    select distinct country
    from macro_regions
    where region is not null
),

looked_up as (
    select
        counted.attribute,
        counted.written_country,
        counted.raw_value,
        counted.row_count,
        counted.clean_value,
        coalesce(
            profile_value_map.segment_id,
            company_size_bands.segment_id,
            macro_regions.macro_region,
            city_tiers.tier
        ) as mapped_id,
        city_regions.macro_region as city_macro_region,
        divided_countries.country is not null as is_in_divided_country
    from counted
    left join profile_value_map
        on
            counted.attribute = profile_value_map.segmentation_id
            and counted.clean_value = profile_value_map.raw_value
    left join size_classes
        on
            counted.attribute = 'company_size'
            and counted.raw_value = size_classes.raw_value
    left join company_size_bands
        on size_classes.min_headcount = company_size_bands.min_headcount
    left join macro_regions
        on
            counted.attribute = 'region'
            and counted.country = macro_regions.country
            and counted.clean_value = macro_regions.region
    left join divided_countries
        on counted.country = divided_countries.country
    left join city_tiers
        on
            counted.attribute = 'city'
            and counted.country = city_tiers.country
            and counted.clean_value = city_tiers.city
    left join macro_regions as city_regions
        on
            city_tiers.country = city_regions.country
            and city_tiers.region = city_regions.region
),

final as (
    select
        attribute,
        written_country,
        raw_value,
        case
            when mapped_id is not null then mapped_id
            when attribute in ('occupation', 'industry') then clean_value
            when attribute = 'partner_type' then 'other_partner'
            when attribute = 'city' then 'unlisted'
            when attribute = 'region' then null
            else 'unknown'
        end as segment_id,
        city_macro_region,
        mapped_id is not null
        or (attribute = 'region' and not is_in_divided_country) as is_mapped,
        cast(row_count as bigint) as row_count
    from looked_up
)

select * from final

{#
    One row per customer and as_of_date with everything that segments customers by who they are, from
    contact records: a column per segmentation. Key: customer_number, as_of_date. Who has no contact
    record is unknown everywhere, and no partner.
#}
{%- set home_country = var('default_country') %}
{#- Nobody is known to have become much older: what gives more years is a made-up date. #}
{%- set oldest_age = 120 %}
with customers as (
    select * from {{ ref('int_customers') }}
),

attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

profile_values as (
    select * from {{ ref('int_profile_values') }}
),

age_bands as (
    select * from {{ ref('age_bands') }}
),

macro_regions as (
    select * from {{ ref('macro_regions') }}
    where home_country = '{{ home_country }}'
),

digits as (
    {%- for digit in range(oldest_age // 10 + 1) %}
    select {{ digit }} as digit
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

ages as (
    select tens.digit * 10 + units.digit as age_years
    from digits as tens
    cross join digits as units
    where units.digit < 10 and tens.digit * 10 + units.digit <= {{ oldest_age }}
),

ages_in_bands as (
    select
        ages.age_years,
        max(age_bands.min_age) as min_age
    from ages
    inner join age_bands
        on ages.age_years >= age_bands.min_age
    group by ages.age_years
),

age_segments as (
    select
        ages_in_bands.age_years,
        age_bands.segment_id
    from ages_in_bands
    inner join age_bands
        on ages_in_bands.min_age = age_bands.min_age
),

whole_countries as (
    select
        country,
        macro_region
    from macro_regions
    where region is null
),

home as (
    select count(*) as region_count
    from macro_regions
    where country = '{{ home_country }}' and region is not null
),

facts as (
    select
        customers.customer_number,
        customers.as_of_date,
        {{ segmentation.completed_years('attributes.birth_date', 'customers.as_of_date') }}
            as age_years,
        nullif(upper(trim(attributes.country)), '') as country,
        coalesce(attributes.country, '') as written_country,
        attributes.region,
        attributes.city,
        attributes.gender,
        attributes.occupation,
        attributes.industry,
        attributes.company_size,
        attributes.partner_type
    from customers
    left join attributes
        on
            customers.customer_number = attributes.customer_number
            and customers.as_of_date = attributes.as_of_date
),

final as (
    select
        facts.customer_number,
        facts.as_of_date,
        coalesce(age_segments.segment_id, 'unknown') as age_band,
        coalesce(genders.segment_id, 'unknown') as gender,
        coalesce(
            regions.segment_id,
            cities.city_macro_region,
            whole_countries.macro_region,
            case
                when facts.country is null then 'unknown'
                when facts.country <> '{{ home_country }}' then 'international'
                when home.region_count > 0 then 'unknown'
                else 'domestic'
            end
        ) as region,
        coalesce(cities.segment_id, 'unknown') as urban,
        coalesce(occupations.segment_id, 'unknown') as occupation,
        coalesce(industries.segment_id, 'unknown') as industry,
        coalesce(company_sizes.segment_id, 'unknown') as company_size,
        coalesce(partner_types.segment_id, 'none') as partner_type
    from facts
    cross join home
    left join age_segments
        on facts.age_years = age_segments.age_years
    left join profile_values as regions
        on
            regions.attribute = 'region'
            and facts.written_country = regions.written_country
            and facts.region = regions.raw_value
    left join profile_values as cities
        on
            cities.attribute = 'city'
            and facts.written_country = cities.written_country
            and facts.city = cities.raw_value
    left join whole_countries
        on facts.country = whole_countries.country
    left join profile_values as genders
        on
            genders.attribute = 'gender'
            and facts.gender = genders.raw_value
    left join profile_values as occupations
        on
            occupations.attribute = 'occupation'
            and facts.occupation = occupations.raw_value
    left join profile_values as industries
        on
            industries.attribute = 'industry'
            and facts.industry = industries.raw_value
    left join profile_values as company_sizes
        on
            company_sizes.attribute = 'company_size'
            and facts.company_size = company_sizes.raw_value
    left join profile_values as partner_types
        on
            partner_types.attribute = 'partner_type'
            and facts.partner_type = partner_types.raw_value
)

select * from final

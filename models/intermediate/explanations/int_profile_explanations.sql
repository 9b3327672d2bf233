{#
    One row per customer, as_of_date and segmentation by who the customer is: the value that decided,
    and what would move it. Key: customer_number, as_of_date, segmentation_id. The date of birth is
    nowhere in it, nor the day on which the age reaches the next band: that day would be the birthday.
#}
{%- set home_country = var('default_country') %}
{%- set mapped = ['gender', 'occupation', 'industry', 'company_size', 'partner_type'] %}
{%- set places = ['region', 'city'] %}
with customers as (
    select * from {{ ref('int_customers') }}
),

attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

segments as (
    select * from {{ ref('int_profile_segments') }}
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

city_tiers as (
    select * from {{ ref('city_tiers') }}
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

tiered_countries as (
    select distinct country
    from city_tiers
),

bands as (
    select
        segment_id,
        min_age,
        lead(segment_id) over (order by min_age, segment_id) as next_segment_id
    from age_bands
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        {{ segmentation.completed_years('attributes.birth_date', 'customers.as_of_date') }}
            as age_years,
        nullif(upper(trim(attributes.country)), '') as country,
        coalesce(attributes.country, '') as written_country,
        {%- for attribute in mapped + places %}
        attributes.{{ attribute }},
        {%- endfor %}
        {%- for name in ['age_band', 'urban'] + mapped %}
        segments.{{ name }} as {{ name }}_segment,
        {%- endfor %}
        segments.region as region_segment
    from customers
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.as_of_date = segments.as_of_date
    left join attributes
        on
            customers.customer_number = attributes.customer_number
            and customers.as_of_date = attributes.as_of_date
),

looked_up as (
    select
        known.*,
        bands.min_age,
        bands.next_segment_id,
        {%- for attribute in mapped + places %}
        {{ attribute }}_values.is_mapped as is_{{ attribute }}_mapped,
        {%- endfor %}
        region_values.segment_id is not null as is_region_known,
        city_values.city_macro_region is not null as is_city_known,
        whole_countries.macro_region as country_macro_region,
        home.region_count > 0
        and coalesce(known.country, '{{ home_country }}') = '{{ home_country }}'
            as is_in_divided_home,
        tiered_countries.country is not null as is_in_tiered_country
    from known
    cross join home
    left join bands
        on known.age_band_segment = bands.segment_id
    {%- for attribute in mapped %}
    left join profile_values as {{ attribute }}_values
        on
            {{ attribute }}_values.attribute = '{{ attribute }}'
            and known.{{ attribute }} = {{ attribute }}_values.raw_value
    {%- endfor %}
    left join whole_countries
        on known.country = whole_countries.country
    left join tiered_countries
        on coalesce(known.country, '{{ home_country }}') = tiered_countries.country
    {%- for attribute in places %}
    left join profile_values as {{ attribute }}_values
        on
            {{ attribute }}_values.attribute = '{{ attribute }}'
            and known.written_country = {{ attribute }}_values.written_country
            and known.{{ attribute }} = {{ attribute }}_values.raw_value
    {%- endfor %}
),

age_bands_explained as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'age_band' as segmentation_id,
        age_band_segment as segment_id,
        {{ segmentation.facts_object([('age_years', segmentation.text_of(
            "case when age_band_segment <> 'unknown' then age_years end"
        ))]) }} as facts,
        case
            when age_band_segment = 'unknown' then 'age_years null'
            else
                'age_years ' || {{ segmentation.text_of('age_years') }}
                || ' >= min_age ' || {{ segmentation.text_of('min_age') }}
        end as decided_by,
        next_segment_id as nearest_segment_id,
        case
            when age_band_segment = 'unknown' then 'attribute'
            when next_segment_id is not null then 'wait'
        end as change_kind,
        case when age_band_segment = 'unknown' then 'birth_date' end as change_detail
    from looked_up
),

regions_explained as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'region' as segmentation_id,
        region_segment as segment_id,
        {{ segmentation.facts_object([
            ('country', segmentation.json_text('country')),
            ('region', segmentation.json_text('region')),
            ('city', segmentation.json_text('city')),
        ]) }} as facts,
        case
            when is_region_known then 'region ' || region
            when is_city_known then 'city ' || city
            when country_macro_region is not null
                then 'country ' || country || ', macro_region ' || country_macro_region
            when country <> '{{ home_country }}'
                then 'country ' || country || ' <> default_country {{ home_country }}'
            else
                'country ' || coalesce(country, 'null')
                || ', region ' || coalesce(region, 'null')
                || ', city ' || coalesce(city, 'null')
        end as decided_by,
        {{ segmentation.null_of('string') }} as nearest_segment_id,
        'attribute' as change_kind,
        case
            when is_region_known or is_city_known or is_in_divided_home then 'region'
            else 'country'
        end as change_detail
    from looked_up
),
{%- for name in ['urban'] + mapped %}
{%- set attribute = 'city' if name == 'urban' else name %}
{%- set read_in = [('country', segmentation.json_text('country'))] if name == 'urban' else [] %}

{{ name }}_explained as (
    select
        customer_id,
        customer_number,
        as_of_date,
        '{{ name }}' as segmentation_id,
        {{ name }}_segment as segment_id,
        {{ segmentation.facts_object(read_in + [
            (attribute, segmentation.json_text(attribute)),
            ('is_mapped', segmentation.truth_text('is_' ~ attribute ~ '_mapped')),
        ]) }} as facts,
        case
            when is_{{ attribute }}_mapped is null then '{{ attribute }} null'
            else
                '{{ attribute }} ' || {{ attribute }} || ', is_mapped '
                || {{ segmentation.truth_text('is_' ~ attribute ~ '_mapped') }}
        end as decided_by,
        {{ segmentation.null_of('string') }} as nearest_segment_id,
        {%- if name == 'urban' %}
        case when is_in_tiered_country or city is null then 'attribute' end as change_kind,
        case when is_in_tiered_country or city is null then 'city' end as change_detail
        {%- else %}
        'attribute' as change_kind,
        '{{ attribute }}' as change_detail
        {%- endif %}
    from looked_up
),
{%- endfor %}

explained as (
    {%- for name in ['age_bands', 'regions', 'urban'] + mapped %}
    {{ 'union all' if not loop.first }}
    select
        customer_id,
        customer_number,
        as_of_date,
        segmentation_id,
        segment_id,
        facts,
        decided_by,
        nearest_segment_id,
        change_kind,
        change_detail
    from {{ name }}_explained
    {%- endfor %}
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        segmentation_id,
        segment_id,
        facts,
        decided_by,
        nearest_segment_id,
        change_kind,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        change_detail
    from explained
)

select * from final

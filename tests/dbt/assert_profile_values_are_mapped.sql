{{ config(severity='warn') }}
-- Warns with every gender, company size, partner type and region of a divided country that no seed
-- knows: those customers are unknown, or other_partner, until somebody adds the writing to
-- profile_value_map or macro_regions. Occupation and industry name themselves; cities are unlisted.
select
    attribute,
    written_country,
    raw_value,
    row_count
from {{ ref('int_profile_values') }}
where not is_mapped and attribute in ('gender', 'company_size', 'partner_type', 'region')

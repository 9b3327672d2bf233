{#
    One row per distinct phone as written and country it was written in, with its E.164 form and
    whether it can identify anyone. Key: phone, country (the default country where none is known).
    The rule is in the steps below: +44 (0)20 names a trunk prefix that is not dialled from abroad,
    except in Italy; an extension is cut off, full-width digits are digits; lengths and trunk prefixes are in the seed phone_countries.
#}
with records as (
    select * from {{ ref('int_identity_records') }}
),

phone_countries as (
    select * from {{ ref('phone_countries') }}
),

deny_list as (
    select * from {{ ref('identity_deny_list') }}
),

written as (
    select distinct
        records.phone,
        records.country as written_country,
        coalesce(phone_countries.country, '{{ var("default_country") }}') as country
    from records
    left join phone_countries
        on upper(trim(records.country)) = phone_countries.country
    where records.phone is not null
),

plain as (
    select
        phone,
        written_country,
        country,
        {{ segmentation.regexp_remove(
            "lower(translate(phone, '０１２３４５６７８９＋（）', '0123456789+()'))",
            '(ext|x|#|转).*$'
        ) }} as plain_phone
    from written
),

cleaned as (
    select
        phone,
        written_country,
        country,
        {{ segmentation.regexp_remove('plain_phone', '[^0-9+]') }} as dialled,
        {{ segmentation.regexp_remove(
            segmentation.regexp_remove('plain_phone', '[(]0[)]'), '[^0-9+]'
        ) }} as dialled_without_trunk
    from plain
),

chosen as (
    select
        phone,
        written_country,
        country,
        case
            when dialled like '+39%' or dialled like '0039%' then dialled
            when dialled like '+%' or dialled like '00%' then dialled_without_trunk
            else dialled
        end as dialled
    from cleaned
),

stripped as (
    select
        phone,
        written_country,
        country,
        dialled like '+%' or dialled like '00%' as has_country_code,
        {{ segmentation.regexp_remove(
            segmentation.regexp_remove('dialled', '^00'), '[+]'
        ) }} as digits
    from chosen
),

measured as (
    select
        stripped.*,
        phone_countries.calling_code,
        coalesce(phone_countries.trunk_prefix, '') as trunk_prefix,
        phone_countries.national_min_length as shortest,
        phone_countries.national_max_length as longest,
        {{ dbt.length('stripped.digits') }} as digit_count,
        {{ dbt.length('phone_countries.calling_code') }} as code_length,
        {{ dbt.length("coalesce(phone_countries.trunk_prefix, '')") }} as trunk_length
    from stripped
    left join phone_countries
        on stripped.country = phone_countries.country
),

located as (
    select
        phone,
        written_country,
        digits,
        digit_count,
        has_country_code,
        calling_code,
        shortest,
        longest,
        case
            when has_country_code then digits
            when
                digits like calling_code || '%'
                and digit_count - code_length between shortest and longest
                and digit_count > longest
                then digits
            when trunk_length > 0 and digits like trunk_prefix || '%'
                then calling_code || substring(digits, trunk_length + 1)
            else calling_code || digits
        end as international,
        case
            when has_country_code then 'given'
            when
                digits like calling_code || '%'
                and digit_count - code_length between shortest and longest
                and digit_count > longest
                then 'given'
            when trunk_length > 0 and digits like trunk_prefix || '%'
                then 'trunk'
            else 'national'
        end as reading,
        digit_count - trunk_length as count_without_trunk
    from measured
),

checked as (
    select
        phone,
        written_country,
        '+' || international as phone_normal,
        case
            when international is null then false
            when reading = 'given' then {{ dbt.length('international') }} between 8 and 15
            when reading = 'trunk' then count_without_trunk between shortest and longest
            else digit_count between shortest and longest
        end as is_well_formed
    from located
),

denied as (
    select distinct checked.phone_normal
    from checked
    inner join deny_list
        on
            checked.phone_normal = deny_list.identifier
            or (deny_list.is_pattern and checked.phone_normal like deny_list.identifier)
    where deny_list.identifier_kind = 'phone'
),

final as (
    select
        checked.phone,
        checked.written_country as country,
        checked.phone_normal,
        case
            when not checked.is_well_formed then 'malformed'
            when denied.phone_normal is not null then 'denied'
            else 'usable'
        end as verdict
    from checked
    left join denied
        on checked.phone_normal = denied.phone_normal
)

select * from final

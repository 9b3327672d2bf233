{#
    One row per distinct e-mail address as written, with its normal form (trimmed, lower case) and
    whether it can identify anyone. Key: email. Nothing provider-specific is stripped: dots and
    plus signs may belong to different people. Deny list patterns of the usual form info@% are
    looked up, not searched: only the few others are compared with every address.
#}
with records as (
    select * from {{ ref('int_identity_records') }}
),

deny_list as (
    select * from {{ ref('identity_deny_list') }}
),

written as (
    select distinct email
    from records
    where email is not null
),

normalised as (
    select
        email,
        lower({{ segmentation.clean_text('email') }}) as email_normal
    from written
),

checked as (
    select
        email,
        email_normal,
        {{ dbt.split_part('email_normal', "'@'", 1) }} || '@%' as any_domain,
        coalesce(
            {{ segmentation.regexp_like('email_normal', '^[^@ ]+@[^@ .]+([.][^@ .]+)+$') }},
            false
        ) as is_well_formed
    from normalised
),

email_deny_list as (
    select
        identifier,
        is_pattern
        and identifier
        <> replace(replace({{ dbt.split_part('identifier', "'@'", 1) }}, '_', ''), '%', '') || '@%'
            as has_other_wildcards
    from deny_list
    where identifier_kind = 'email'
),

denied_matches as (
    select checked.email_normal
    from checked
    inner join email_deny_list
        on checked.email_normal = email_deny_list.identifier
    union all
    select checked.email_normal
    from checked
    inner join email_deny_list
        on checked.any_domain = email_deny_list.identifier
    union all
    select checked.email_normal
    from checked
    inner join email_deny_list
        on checked.email_normal like email_deny_list.identifier
    where email_deny_list.has_other_wildcards
),

denied as (
    select distinct email_normal
    from denied_matches
),

final as (
    select
        checked.email,
        checked.email_normal,
        case
            when not checked.is_well_formed then 'malformed'
            when denied.email_normal is not null then 'denied'
            else 'usable'
        end as verdict
    from checked
    left join denied
        on checked.email_normal = denied.email_normal
)

select * from final

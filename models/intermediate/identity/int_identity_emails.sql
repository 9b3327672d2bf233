{#
    One row per distinct e-mail address as written, with its normal form (trimmed, lower case) and
    whether it can identify anyone. Key: email. Nothing provider-specific is stripped: dots and
    plus signs may belong to different people.
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
        {{ segmentation.regexp_like(
            'email_normal', '^[^@ ]+@[^@ .]+([.][^@ .]+)+$'
        ) }} as is_well_formed
    from normalised
),

denied as (
    select distinct checked.email_normal
    from checked
    inner join deny_list
        on
            checked.email_normal = deny_list.identifier
            or (deny_list.is_pattern and checked.email_normal like deny_list.identifier)
    where deny_list.identifier_kind = 'email'
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

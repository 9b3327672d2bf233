{#
    One row per raw contact record, judged: the first reason that makes it unusable, if any.
    Accepted records are unique by source_name and contact_id. An erased contact keeps its id and
    dates and loses everything else here, so that nothing downstream can use it.
#}
with contacts as (
    select * from {{ ref('int_input_contacts') }}
),

dated as (
    select
        contacts.*,
        nullif(trim(contacts.source_name), '') as known_source_name,
        nullif(trim(contacts.contact_id), '') as known_contact_id,
        {{ segmentation.business_date('contacts.created_at') }} as created_date,
        contacts.erased_at is not null as is_erased
    from contacts
),

judged as (
    select
        dated.*,
        case
            when known_source_name is null then 'missing_source_name'
            when known_contact_id is null then 'missing_contact_id'
            when created_at is null then 'created_at_unreadable'
            when created_date > {{ segmentation.last_known_day() }} then 'created_in_future'
        end as row_reason
    from dated
),

repeated_keys as (
    select
        known_source_name,
        known_contact_id
    from judged
    where row_reason is null
    group by known_source_name, known_contact_id
    having count(*) > 1
),

unrepeated as (
    select
        judged.*,
        1 as version_number
    from judged
    left join repeated_keys
        on
            judged.row_reason is null
            and judged.known_source_name = repeated_keys.known_source_name
            and judged.known_contact_id = repeated_keys.known_contact_id
    where repeated_keys.known_contact_id is null
),

repeats as (
    select
        judged.*,
        row_number() over (
            partition by judged.known_source_name, judged.known_contact_id
            order by
                {{ segmentation.updated_or_never('judged.updated_at') }} desc,
                judged.source_precedence,
                coalesce(judged.raw_values, '') desc,
                coalesce(judged.email, '') desc,
                coalesce(judged.phone, '') desc
        ) as version_number
    from judged
    inner join repeated_keys
        on
            judged.known_source_name = repeated_keys.known_source_name
            and judged.known_contact_id = repeated_keys.known_contact_id
    where judged.row_reason is null
),

versioned as (
    select * from unrepeated
    union all
    select * from repeats
),

final as (
    select
        known_source_name as source_name,
        source_precedence,
        known_contact_id as contact_id,
        created_at,
        created_date,
        updated_at,
        is_erased,
        {%- for column in [
            'email', 'phone', 'acquisition_source', 'acquisition_medium', 'acquisition_campaign',
            'gender', 'occupation', 'country', 'region', 'city', 'industry', 'company_size',
            'partner_type', 'tags',
        ] %}
        case when not is_erased then nullif({{ column }}, '') end as {{ column }},
        {%- endfor %}
        case when not is_erased then birth_date end as birth_date,
        case when not is_erased then has_marketing_consent end as has_marketing_consent,
        raw_values,
        coalesce(row_reason, case when version_number > 1 then 'superseded' end) as reject_reason
    from versioned
)

select * from final

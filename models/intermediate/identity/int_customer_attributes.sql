{#
    One row per customer and as_of_date with the attributes its contact records agree on best.
    Key: customer_number, as_of_date. Each attribute comes from the first source in the order of
    `inputs` that has it, within a source from the newest record. Consent is what the newest record
    of any source says, no rather than yes. Records from as_of_date on are not known yet.
#}
{%- set attributes = [
    'birth_date', 'gender', 'occupation', 'country', 'region', 'city', 'industry', 'company_size',
    'partner_type', 'tags', 'has_marketing_consent',
] %}
with contacts as (
    select * from {{ ref('int_contact_rows') }}
),

accounts as (
    select * from {{ ref('int_identity_accounts') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

known_records as (
    select
        accounts.customer_number,
        as_of_dates.as_of_date,
        contacts.source_precedence,
        {{ segmentation.updated_or_never('contacts.updated_at') }} as updated_at,
        contacts.source_name,
        contacts.contact_id,
        contacts.is_erased,
        {%- for attribute in attributes %}
        {%- if attribute == 'birth_date' %}
        cast(contacts.birth_date as {{ segmentation.portable_type('string') }}) as birth_date,
        {%- elif attribute == 'has_marketing_consent' %}
        case
            when contacts.has_marketing_consent then 'true'
            when not contacts.has_marketing_consent then 'false'
        end as has_marketing_consent,
        {%- else %}
        contacts.{{ attribute }},
        {%- endif %}
        {%- endfor %}
        count(*) over (
            partition by accounts.customer_number, as_of_dates.as_of_date
        ) as record_count
    from contacts
    inner join accounts
        on 'id:' || contacts.source_name || ':' || contacts.contact_id = accounts.account_key
    inner join as_of_dates
        on contacts.created_date < as_of_dates.as_of_date
    where contacts.reject_reason is null
),

candidates as (
    {%- for attribute in attributes %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        customer_number,
        as_of_date,
        '{{ attribute }}' as attribute,
        {{ attribute }} as attribute_value,
        source_precedence,
        updated_at,
        source_name,
        contact_id
    from known_records
    where record_count > 1 and {{ attribute }} is not null
    {%- endfor %}
),

ranked as (
    select
        customer_number,
        as_of_date,
        attribute,
        attribute_value,
        row_number() over (
            partition by customer_number, as_of_date, attribute
            order by
                case when attribute = 'has_marketing_consent' then 0 else source_precedence end,
                updated_at desc,
                case when attribute = 'has_marketing_consent' then attribute_value end,
                source_precedence,
                source_name,
                contact_id
        ) as place
    from candidates
),

surviving as (
    select
        customer_number,
        {%- for attribute in attributes %}
        max(case when attribute = '{{ attribute }}' then attribute_value end) as {{ attribute }},
        {%- endfor %}
        as_of_date
    from ranked
    where place = 1
    group by customer_number, as_of_date
),

merged_customers as (
    select
        customer_number,
        as_of_date,
        count(*) as contact_record_count,
        {{ segmentation.any_true('is_erased') }} as has_erased_record
    from known_records
    where record_count > 1
    group by customer_number, as_of_date
),

all_customers as (
    select
        customer_number,
        as_of_date,
        {%- for attribute in attributes %}
        {{ attribute }},
        {%- endfor %}
        1 as contact_record_count,
        is_erased as has_erased_record
    from known_records
    where record_count = 1
    union all
    select
        merged_customers.customer_number,
        merged_customers.as_of_date,
        {%- for attribute in attributes %}
        surviving.{{ attribute }},
        {%- endfor %}
        merged_customers.contact_record_count,
        merged_customers.has_erased_record
    from merged_customers
    left join surviving
        on
            merged_customers.customer_number = surviving.customer_number
            and merged_customers.as_of_date = surviving.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        contact_record_count,
        has_erased_record,
        {%- for attribute in attributes %}
        {%- if attribute == 'birth_date' %}
        cast(birth_date as date) as birth_date,
        {%- elif attribute == 'has_marketing_consent' %}
        case
            when has_marketing_consent = 'true' then true
            when has_marketing_consent = 'false' then false
        end as has_marketing_consent
        {%- else %}
        {{ attribute }},
        {%- endif %}
        {%- endfor %}
    from all_customers
)

select * from final

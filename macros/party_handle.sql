{#
    What ties an order or refund to its contact, as one text: the contact id of its source, or,
    for a guest, the e-mail and phone as written. The columns source_name, contact_id, email,
    phone and country must be in scope. NULL when there is nothing to go by.
#}
{% macro party_handle() -%}
    case
        when contact_id is not null then 'id:' || source_name || ':' || contact_id
        when email is not null or phone is not null
            then
                'guest:' || coalesce(email, '') || '|' || coalesce(phone, '')
                || '|' || coalesce(country, '')
    end
{%- endmacro %}

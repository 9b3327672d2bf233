{#
    A detail by which an order or refund without contact id is looked up: '' when missing, NULL
    (which finds nobody) when there is a contact id to go by. The column contact_id must be in
    scope. Argument: column. Example: guest_detail('email')
#}
{% macro guest_detail(column) -%}
    case when contact_id is null then coalesce({{ column }}, '') end
{%- endmacro %}

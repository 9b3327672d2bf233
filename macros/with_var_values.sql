{#
    The numeric vars with their values as people say them, a share as a percentage: a list of
    {name, value}, both text. No name is part of another, so their order doesn't matter.
#}
{% macro var_values() %}
    {% set values = [] %}
    {% for name, rule in segmentation.var_rules().items() if rule.kind in ['integer', 'number', 'share'] %}
        {% set value = segmentation.percentage(var(name)) if rule.kind == 'share' else var(name) %}
        {% do values.append({'name': name, 'value': value | string}) %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}

{#
    A text known to dbt in which the name of every numeric var is its value, for people who read
    definitions and not dbt_project.yml. Argument: text, may be none. Returns text.
    Example: "no more than activity_active_days days" becomes "no more than 90 days".
#}
{% macro with_var_values(text) %}
    {% set filled = namespace(text=text) %}
    {% for entry in segmentation.var_values() if filled.text is not none %}
        {% set filled.text = filled.text | replace(entry.name, entry.value) %}
    {% endfor %}
    {{ return(filled.text) }}
{% endmacro %}

{#
    The same for text in a column, which takes steps, a CTE each: warehouses limit how deep calls may
    nest, and there is one for every var. Returns lists of at most ten of var_values.
#}
{% macro var_value_steps() %}
    {{ return(segmentation.var_values() | batch(10) | list) }}
{% endmacro %}

{#  One of those steps. Arguments: expression, text; values, of var_value_steps. Returns text.  #}
{% macro with_values(expression, values) -%}
    {%- set text = namespace(sql=expression) -%}
    {%- for entry in values -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ", '" ~ entry.name ~ "', '" ~ entry.value ~ "')" -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}

{#
    A share as people say it. Example: percentage(0.8) is 80%. What is no share is returned as it is:
    check_config says so.
#}
{% macro percentage(share) -%}
    {%- if share is boolean or share is not number or not 0 <= share <= 1 -%}{{ return(share) }}{%- endif -%}
    {%- set percent = (share * 100) | round(4) -%}
    {{ return((percent | int if percent == percent | int else percent) ~ '%') }}
{%- endmacro %}

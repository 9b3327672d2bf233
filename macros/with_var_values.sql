{#
    Text in which the name of every numeric var is replaced by its value, for people who read
    definitions and not dbt_project.yml. Argument: expression, text. Returns text. Example: "no more
    than activity_active_days days" becomes "no more than 90 days".
#}
{% macro with_var_values(expression) -%}
    {%- set text = namespace(sql=expression) -%}
    {%- for name, rule in segmentation.var_rules().items() if rule.kind in ['integer', 'number', 'share'] -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ", '" ~ name ~ "', '" ~ var(name) ~ "')" -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}

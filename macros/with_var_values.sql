{#
    Text in which the name of every numeric var is replaced by its value, a share by its percentage,
    for people who read definitions and not dbt_project.yml. Argument: expression, text. Returns text.
    Example: "no more than activity_active_days days" becomes "no more than 90 days".
#}
{% macro with_var_values(expression) -%}
    {%- set text = namespace(sql=expression) -%}
    {%- for name, rule in segmentation.var_rules().items() if rule.kind in ['integer', 'number', 'share'] -%}
        {%- set value = segmentation.percentage(var(name)) if rule.kind == 'share' else var(name) -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ", '" ~ name ~ "', '" ~ value ~ "')" -%}
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

{#
    Tags are one text per contact, written by hand: what divides them, and how many of one text are
    read. A test fails on a text with more.
#}

{% macro tag_separators() %}
    {{ return([';', ',', '|', '；', '，', '、']) }}
{% endmacro %}

{% macro most_tags() %}
    {{ return(1000) }}
{% endmacro %}

{#  The text of tags with the first separator in place of all of them. Argument: expression, text.  #}
{% macro evenly_divided(expression) -%}
    {%- set separators = segmentation.tag_separators() -%}
    {%- set text = namespace(sql=expression) -%}
    {%- for separator in separators[1:] -%}
        {%- set text.sql = "replace(" ~ text.sql ~ ", '" ~ separator ~ "', '" ~ separators[0] ~ "')" -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}

{#  Into how many parts an evenly divided text falls. Argument: expression, text.  #}
{% macro part_count(expression) -%}
    length({{ expression }}) - length(replace({{ expression }}, '{{ segmentation.tag_separators()[0] }}', '')) + 1
{%- endmacro %}

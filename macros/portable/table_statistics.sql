{#
    After a table is made: what its engine needs to plan with it. Postgres knows nothing of a new
    table until it is analysed, and joins it in loops; the others see to it by themselves. A
    post-hook of dbt_project.yml. Returns a statement or nothing.
#}
{% macro gather_statistics() %}
    {{ return(adapter.dispatch('gather_statistics', 'segmentation')()) }}
{% endmacro %}

{% macro default__gather_statistics() %}
{% endmacro %}

{% macro postgres__gather_statistics() %}
    {% if config.get('materialized') in ['table', 'seed', 'incremental'] %}analyze {{ this }}{% endif %}
{% endmacro %}

{#  The engine analyses a table as it loads it.  #}
{% macro redshift__gather_statistics() %}
{% endmacro %}

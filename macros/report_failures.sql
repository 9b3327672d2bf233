{#
    After a run, prints the first rows of every test that failed or warned, so that the log names
    the cell, key or amount and not only a count. Argument: results, as dbt hands them to
    on-run-end.
#}
{% macro report_failures(results) %}
    {% if execute and flags.WHICH in ['build', 'test'] %}
        {% for result in results if result.node.resource_type == 'test' and result.status in ['fail', 'warn'] %}
            {% set sql = 'select * from (' ~ result.node.compiled_code ~ ') as failing limit 5' %}
            {% set rows = run_query(sql) %}
            {% do log(result.status | upper ~ ' ' ~ result.node.name ~ ', first rows:', info=true) %}
            {% for row in rows.rows %}
                {% set cells = [] %}
                {% for name in rows.column_names %}{% do cells.append(name ~ '=' ~ row[name]) %}{% endfor %}
                {% do log('  ' ~ cells | join(', '), info=true) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}

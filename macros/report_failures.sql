{#
    After a run, prints the first rows of every test that failed or warned, so that the log names
    the cell, key or amount and not only a count; printed even with --quiet, as `make build` runs.
    E-mail addresses and phone numbers are masked: a log goes further than the identity layer.
    Argument: results, as dbt hands them to on-run-end.
#}
{% macro report_failures(results) %}
    {% if execute and flags.WHICH in ['build', 'test'] %}
        {% for result in results if result.node.resource_type == 'test' and result.status in ['fail', 'warn'] %}
            {#- on lines of its own: a test may end in a comment #}
            {% set sql = 'select * from (\n' ~ result.node.compiled_code ~ '\n) as failing limit 5' %}
            {% set rows = run_query(sql) %}
            {% do segmentation.say(result.status | upper ~ ' ' ~ result.node.name ~ ', first rows:') %}
            {% for row in rows.rows %}
                {% set cells = [] %}
                {% for name in rows.column_names %}{% do cells.append(name ~ '=' ~ row[name]) %}{% endfor %}
                {% do segmentation.say('  ' ~ segmentation.masked(cells | join(', '))) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{#  A line on the screen and in dbt's log file.  #}
{% macro say(line) %}
    {% do log(line) %}
    {% do print(line) %}
{% endmacro %}


{#
    A text without the e-mail addresses and phone numbers in it. Returns text.
    Example: masked('email=lily@example.com') gives 'email=[e-mail]'.
#}
{% macro masked(text) %}
    {% set text = modules.re.sub('[^\\s=|:,"]+@[^\\s=|,"]+', '[e-mail]', text) %}
    {% set text = modules.re.sub('[+][0-9]{8,15}', '[phone]', text) %}
    {{ return(modules.re.sub('(phone[a-z_]*=)[^,]*', '\\1[phone]', text)) }}
{% endmacro %}

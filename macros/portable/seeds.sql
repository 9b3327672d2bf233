{#
    Seeds on Spark. The adapter binds values by doubling quotes, which Spark reads as two texts side
    by side (O'Brien becomes OBrien or an error), and casts each cell of each row, which takes ten
    times longer. Here a backslash escapes, and a batch is cast once, column by column.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set column_types = model['config'].get('column_types', {}) %}
    {% set names, casts = [], [] %}
    {% for name in agate_table.column_names %}
        {% set type = column_types.get(name, adapter.convert_type(agate_table, loop.index0)) %}
        {% do names.append('`' ~ name ~ '`') %}
        {% do casts.append('cast(`' ~ name ~ '` as ' ~ type ~ ')') %}
    {% endfor %}
    {% for chunk in agate_table.rows | batch(get_batch_size()) %}
        {% set rows = [] %}
        {% for row in chunk %}
            {% set cells = [] %}
            {% for cell in row %}
                {% do cells.append(
                    'null' if cell is none
                    else "'" ~ (cell | string | replace('\\', '\\\\') | replace("'", "\\'")) ~ "'"
                ) %}
            {% endfor %}
            {% do rows.append('(' ~ cells | join(', ') ~ ')') %}
        {% endfor %}
        {% set sql = 'insert into ' ~ this.render() ~ ' select ' ~ casts | join(', ')
            ~ ' from values ' ~ rows | join(', ') ~ ' as seed_rows (' ~ names | join(', ') ~ ')' %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {% endfor %}
    {{ return('-- rows are inserted in batches') }}
{% endmacro %}

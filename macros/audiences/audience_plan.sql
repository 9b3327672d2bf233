{#
    From the var `audiences` to SQL. The plan is the one thing that the models are made from: what
    each audience asks, in an order in which those that others name come first, and what must be
    computed for it: fields, measures of orders, contents of orders, cut points, lists and models.
#}

{#
    The names of the models that rules name, whatever else is in them: dbt must know them as it reads
    the project. Argument: audiences, the var, unchecked. Returns a list.
#}
{% macro audience_models(audiences) %}
    {% set found = [] %}
    {% if audiences is sequence and audiences is not string and audiences is not mapping %}
        {% for audience in audiences if audience is mapping %}
            {% set parameters = audience.parameters if audience.parameters is mapping else {} %}
            {% for name in segmentation.audience_names(audience.where, 'model') %}
                {% set name = parameters.get(name['param']) if name is mapping else name %}
                {% if name is string and modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', name) %}
                    {% do found.append(name) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {{ return(found | unique | list) }}
{% endmacro %}


{#  Everything that a rule names under a key, such as all audiences. Returns a list.  #}
{% macro audience_names(node, subject) %}
    {% set found = [] %}
    {% if node is mapping %}
        {% for key, value in node.items() %}
            {% if key == subject %}
                {% do found.append(value) %}
            {% elif key in ['all', 'any', 'not'] %}
                {% do found.extend(segmentation.audience_names(value, subject)) %}
            {% endif %}
        {% endfor %}
    {% elif node is sequence and node is not string %}
        {% for value in node %}{% do found.extend(segmentation.audience_names(value, subject)) %}{% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{#
    Per audience those that must be known before it: the ones it names, and the ones before it in its
    precedence group. Returns a map of id to a list of ids.
#}
{% macro audience_parents(audiences) %}
    {% set parents = {} %}
    {% for audience in audiences %}
        {% set found = segmentation.audience_names(audience.where, 'audience') + segmentation.audience_rivals(audience, audiences) %}
        {% do parents.update({audience.id: found | unique | list}) %}
    {% endfor %}
    {{ return(parents) }}
{% endmacro %}


{#  The audiences before one in its precedence group, the lowest rank first. Returns a list of ids.  #}
{% macro audience_rivals(audience, audiences) %}
    {% set rivals = [] %}
    {% if audience.precedence %}
        {% for other in audiences if other.precedence
            and other.precedence.group == audience.precedence.group
            and other.precedence.rank < audience.precedence.rank
        %}
            {% do rivals.append((other.precedence.rank, other.id)) %}
        {% endfor %}
    {% endif %}
    {{ return(rivals | sort | map('last') | list) }}
{% endmacro %}


{#
    Ids in levels, each level needing only those before it. What depends on itself is in none.
    Argument: parents, as audience_parents gives them. Returns a list of lists.
#}
{% macro audience_levels(parents) %}
    {% set levels = [] %}
    {% set placed = [] %}
    {% for _ in parents %}
        {% set level = [] %}
        {% for id, needed in parents.items() if id not in placed and needed | reject('in', placed) | list | length == 0 %}
            {% do level.append(id) %}
        {% endfor %}
        {% if level %}
            {% do levels.append(level) %}
            {% do placed.extend(level) %}
        {% endif %}
    {% endfor %}
    {{ return(levels) }}
{% endmacro %}


{#
    The plan, a map: ids, as listed; levels, each a list of {id, sql}; fields, the columns of profiles
    that are asked for; measures, of orders; contents, what lines of orders are asked for; reads_lines,
    whether any are; cut_points; lists; models. While dbt only reads the project, the models alone,
    and reads_lines is true, so that dbt knows of the lines whatever is asked. Stops on audiences that
    the check would stop on.
#}
{% macro audience_plan() %}
    {% set plan = {'ids': [], 'levels': [], 'fields': [], 'measures': [], 'contents': [], 'cut_points': [], 'lists': [], 'models': []} %}
    {% set audiences = var('audiences', []) %}
    {% do plan.update({'reads_lines': not execute}) %}
    {% if not execute %}
        {% do plan.models.extend(segmentation.audience_models(audiences)) %}
        {{ return(plan) }}
    {% endif %}
    {% set problems = segmentation.audience_problems(audiences) %}
    {% if problems %}{{ exceptions.raise_compiler_error('\n' ~ problems | join('\n')) }}{% endif %}
    {% set by_id = {} %}
    {% for audience in audiences %}
        {% do plan.ids.append(audience.id) %}
        {% do by_id.update({audience.id: audience}) %}
    {% endfor %}
    {% for ids in segmentation.audience_levels(segmentation.audience_parents(audiences)) %}
        {% set level = [] %}
        {% for id in ids %}
            {% set audience = by_id[id] %}
            {% set conditions = [] %}
            {% if audience.expires %}
                {% do conditions.append('as_of_date < ' ~ segmentation.date_literal(audience.expires)) %}
            {% endif %}
            {% do conditions.append(segmentation.audience_condition(segmentation.audience_rule(audience), plan)) %}
            {% for rival in segmentation.audience_rivals(audience, audiences) %}
                {% do conditions.append('not in_' ~ rival) %}
            {% endfor %}
            {% do level.append({'id': id, 'conditions': conditions}) %}
        {% endfor %}
        {% do plan.levels.append(level) %}
    {% endfor %}
    {% do plan.update({'reads_lines': plan.contents | length > 0}) %}
    {{ return(plan) }}
{% endmacro %}


{#  The rule of an audience with its parameters filled in.  #}
{% macro audience_rule(audience) %}
    {{ return(segmentation.audience_resolved(audience.where, 'where', {'parameters': audience.parameters or {}, 'used': [], 'problems': [], 'named': ''})) }}
{% endmacro %}


{#  A label or description with the parameters filled in. Returns text.  #}
{% macro audience_text(audience, part) %}
    {% set text = namespace(said=audience.get(part)) %}
    {% for name, value in (audience.parameters or {}).items() if text.said is not none %}
        {% set text.said = text.said | replace('{' ~ name ~ '}',
            value.days_ago if value is mapping else value | join(', ') if value is sequence and value is not string else value) %}
    {% endfor %}
    {{ return(text.said) }}
{% endmacro %}


{#  The place of an item in a list of the plan, from 1; the item is added if it is new.  #}
{% macro place_in(list, item) %}
    {% if item not in list %}{% do list.append(item) %}{% endif %}
    {{ return(list.index(item) + 1) }}
{% endmacro %}


{#
    A condition as SQL over the columns of int_audience_matches. It may be NULL where a value is
    missing, and then counts as false: `not` therefore asks for true or false first. Arguments: node,
    a checked rule; plan, to which what is needed is added. Returns text.
#}
{% macro audience_condition(node, plan) %}
    {% if 'all' in node or 'any' in node %}
        {% set parts = [] %}
        {% for condition in node.get('all', node.get('any')) %}
            {% do parts.append(segmentation.audience_condition(condition, plan)) %}
        {% endfor %}
        {{ return(parts[0] if parts | length == 1 else '(' ~ parts | join(' and ' if 'all' in node else ' or ') ~ ')') }}
    {% elif 'not' in node %}
        {{ return('not coalesce(' ~ segmentation.audience_condition(node['not'], plan) ~ ', false)') }}
    {% elif 'audience' in node %}
        {{ return('in_' ~ node['audience']) }}
    {% elif 'list' in node %}
        {{ return('is_listed_' ~ segmentation.place_in(plan.lists, node['list'])) }}
    {% elif 'model' in node %}
        {{ return('is_found_' ~ segmentation.place_in(plan.models, node['model'])) }}
    {% elif 'orders' in node %}
        {% set measure = node.keys() | reject('equalto', 'orders') | first %}
        {% set chosen = {'measure': measure} %}
        {% set content = segmentation.audience_content(node['orders']) %}
        {% if content %}{% do chosen.update({'content': segmentation.place_in(plan.contents, content)}) %}{% endif %}
        {% for name, value in node['orders'].items() if name not in content and not (name == 'to_days_ago' and value == 0) %}
            {% do chosen.update({name: [value] if name in ['purchase_channel', 'marketing_channel'] and value is string else value}) %}
        {% endfor %}
        {% set column = 'measure_' ~ segmentation.place_in(plan.measures, chosen) %}
        {% set operator = node[measure].keys() | first %}
        {{ return(segmentation.audience_comparison(column, operator, node[measure][operator], plan)) }}
    {% endif %}
    {% if 'segment' in node %}
        {% set subject = 'segment' %}
        {% set entry = segmentation.registered_segmentations() | selectattr('id', 'equalto', node['segment']) | first %}
        {% set column = entry.column %}
    {% else %}
        {% set subject = 'field' %}
        {% set column = node['field'] %}
    {% endif %}
    {% do segmentation.place_in(plan.fields, column) %}
    {% set operator = node.keys() | reject('equalto', subject) | first %}
    {{ return(segmentation.audience_comparison(column, operator, node[operator], plan)) }}
{% endmacro %}


{#  A column compared with a value. Arguments: column; operator; value, checked; plan. Returns text.  #}
{% macro audience_comparison(column, operator, value, plan) %}
    {% set signs = {
        'is': '=', 'is_not': '<>', 'in': 'in', 'not_in': 'not in', 'at_least': '>=', 'at_most': '<=', 'more_than': '>',
        'less_than': '<', 'on_day': '=', 'before': '<', 'on_or_before': '<=', 'after': '>', 'on_or_after': '>=',
    } %}
    {% if operator == 'is' and value is boolean %}
        {{ return(column if value else 'not ' ~ column) }}
    {% elif operator == 'is_known' %}
        {{ return(column ~ (' is not null' if value else ' is null')) }}
    {% elif operator == 'between' %}
        {% set kind = 'number' if value[0] is number else 'day' %}
        {{ return(column ~ ' between ' ~ segmentation.audience_literal(kind, value[0]) ~ ' and ' ~ segmentation.audience_literal(kind, value[1])) }}
    {% elif operator == 'starts_with' %}
        {{ return('substring(' ~ column ~ ', 1, ' ~ value | length ~ ') = ' ~ segmentation.text_literal(value)) }}
    {% elif operator == 'has_tag' %}
        {% set tag = ',' ~ value | replace(' ', '') | replace('\u3000', '') ~ ',' %}
        {{ return(dbt.position('(' ~ segmentation.lower_case(segmentation.text_literal(tag)) ~ ')', segmentation.tags_between_commas(column)) ~ ' > 0') }}
    {% elif operator in ['top_percent', 'bottom_percent'] %}
        {% set side = operator.split('_')[0] %}
        {% set number = segmentation.place_in(plan.cut_points, {'field': column, 'side': side, 'percent': value}) %}
        {% do segmentation.place_in(plan.fields, 'order_count') %}
        {{ return('(order_count > 0 and ' ~ column ~ (' >= ' if side == 'top' else ' <= ') ~ 'cut_' ~ number ~ ')') }}
    {% elif operator in ['in', 'not_in'] %}
        {% set items = [] %}
        {% for item in value %}{% do items.append(segmentation.audience_literal('value', item)) %}{% endfor %}
        {{ return(column ~ ' ' ~ signs[operator] ~ ' (' ~ items | join(', ') ~ ')') }}
    {% endif %}
    {% set kind = 'day' if segmentation.audience_operators()[operator].takes == 'day' else 'value' %}
    {{ return(column ~ ' ' ~ signs[operator] ~ ' ' ~ segmentation.audience_literal(kind, value)) }}
{% endmacro %}


{#  A checked value as SQL. Arguments: kind, day or anything else; value. Returns text.  #}
{% macro audience_literal(kind, value) %}
    {% if value is mapping %}
        {{ return(segmentation.add_days('as_of_date', 0 - value.days_ago)) }}
    {% elif kind == 'day' %}
        {{ return(segmentation.date_literal(value)) }}
    {% elif value is boolean %}
        {{ return('true' if value else 'false') }}
    {% elif value is integer %}
        {{ return(value | string) }}
    {% elif value is number %}
        {{ return(segmentation.decimal_of(value | string, 28, 8)) }}
    {% endif %}
    {{ return(segmentation.text_literal(value)) }}
{% endmacro %}


{#
    Tags, as a source writes them, with a comma before, between and behind and nothing else around
    them. Argument: expression, text. Example: 'VIP; tea club' becomes ',vip,teaclub,'.
#}
{% macro tags_between_commas(expression) -%}
    {%- set text = namespace(sql=segmentation.lower_case(expression)) -%}
    {%- for blank in [' ', '\u3000'] -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ", '" ~ blank ~ "', '')" -%}
    {%- endfor -%}
    {%- for mark in [';', '|', '，', '；', '、'] -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ", '" ~ mark ~ "', ',')" -%}
    {%- endfor -%}
    (',' || {{ text.sql }} || ',')
{%- endmacro %}


{#
    What lines an order must hold, as the tables have it: names as lists, without blanks around them,
    categories in lower case. Argument: orders, the choice of them. Returns a map, empty if any will do.
#}
{% macro audience_content(orders) %}
    {% set content = {} %}
    {% set filters = segmentation.audience_order_filters() %}
    {% for name, value in orders.items() if filters[name].line_sql %}
        {% set names = ([value] if value is string else value) | map('trim') %}
        {% do content.update({name: (names | map('lower') if name == 'category' else names) | unique(case_sensitive=true) | list}) %}
    {% endfor %}
    {{ return(content) }}
{% endmacro %}


{#  The condition on a line that a content asks for. Argument: content, of the plan. Returns text.  #}
{% macro audience_line_condition(content) %}
    {% set conditions = [] %}
    {% for name, filter in segmentation.audience_order_filters().items() if name in content %}
        {% do conditions.append(filter.line_sql | replace('VALUE', segmentation.audience_literals(content[name]))) %}
    {% endfor %}
    {{ return(conditions | join(' and ')) }}
{% endmacro %}


{#  Texts as SQL, with commas between. Argument: texts, a list. Returns text.  #}
{% macro audience_literals(texts) %}
    {% set items = [] %}
    {% for item in texts %}{% do items.append(segmentation.text_literal(item)) %}{% endfor %}
    {{ return(items | join(', ')) }}
{% endmacro %}


{#  What a measure adds up of an order, as SQL. Argument: measure, of the plan. Returns text.  #}
{% macro audience_measured(measure) %}
    {% set sql = segmentation.audience_order_measures()[measure.measure].sql %}
    {{ return(sql | replace('NUMBER', measure.get('content', '') | string)) }}
{% endmacro %}


{#  The condition on an order that a measure sums over. Argument: measure, of the plan. Returns text.  #}
{% macro audience_order_condition(measure) %}
    {% set conditions = [] %}
    {% if 'content' in measure %}
        {% do conditions.append('contents.amount_' ~ measure.content ~ ' is not null') %}
    {% endif %}
    {% if 'from_days_ago' in measure %}
        {% do conditions.append('orders.order_date >= days.day_' ~ measure.from_days_ago ~ '_ago') %}
    {% endif %}
    {% if 'to_days_ago' in measure %}
        {% do conditions.append('orders.order_date < days.day_' ~ measure.to_days_ago ~ '_ago') %}
    {% endif %}
    {% for name, filter in segmentation.audience_order_filters().items() if filter.sql and name in measure %}
        {% set value = measure[name] %}
        {% if filter.takes == 'names' %}
            {% set literal = segmentation.audience_literals(value) %}
        {% else %}
            {% set literal = segmentation.audience_literal('value', value) %}
        {% endif %}
        {% do conditions.append(filter.sql | replace('VALUE', literal)) %}
    {% endfor %}
    {{ return(conditions | join(' and ') or 'true') }}
{% endmacro %}


{#
    What rules name that only the data knows: the segments and channels, for a test. Returns a list of
    {audience, segmentation, segment}.
#}
{% macro audience_segment_names() %}
    {% set found = [] %}
    {% if not execute %}{{ return(found) }}{% endif %}
    {% set columns, closed = {}, ['purchase_channel', 'acquisition_channel'] %}
    {% for entry in segmentation.registered_segmentations() if not entry.is_open %}
        {% do columns.update({entry.column: entry.id}) %}
        {% do closed.append(entry.id) %}
    {% endfor %}
    {% for audience in var('audiences', []) %}
        {% for condition in segmentation.audience_leaves(segmentation.audience_rule(audience)) %}
            {% set named = [] %}
            {% if 'orders' in condition %}
                {% do named.append(('purchase_channel', condition['orders'].get('purchase_channel', []))) %}
                {% do named.append(('acquisition_channel', condition['orders'].get('marketing_channel', []))) %}
            {% elif 'segment' in condition or condition.get('field') in columns %}
                {% set about = condition['segment'] if 'segment' in condition else columns[condition['field']] %}
                {% for operator in ['is', 'is_not', 'in', 'not_in'] if operator in condition %}
                    {% do named.append((about, condition[operator])) %}
                {% endfor %}
            {% endif %}
            {% for about, segments in named if about in closed %}
                {% for segment in ([segments] if segments is string else segments) %}
                    {% do found.append({'audience': audience.id, 'segmentation': about, 'segment': segment}) %}
                {% endfor %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#
    The categories and products that rules name, for a test. Returns a list of {audience, filter, value}.
#}
{% macro audience_content_names() %}
    {% set found = [] %}
    {% if not execute %}{{ return(found) }}{% endif %}
    {% for audience in var('audiences', []) %}
        {% for condition in segmentation.audience_leaves(segmentation.audience_rule(audience)) if 'orders' in condition %}
            {% for filter, values in segmentation.audience_content(condition['orders']).items() %}
                {% for value in values %}
                    {% do found.append({'audience': audience.id, 'filter': filter, 'value': value}) %}
                {% endfor %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#  The lists that rules name, for a test. Returns a list of {audience, list}.  #}
{% macro audience_list_names() %}
    {% set found = [] %}
    {% if not execute %}{{ return(found) }}{% endif %}
    {% for audience in var('audiences', []) %}
        {% for name in segmentation.audience_names(segmentation.audience_rule(audience), 'list') %}
            {% do found.append({'audience': audience.id, 'list': name}) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#  The conditions of a rule that hold no others, in order. Argument: node. Returns a list.  #}
{% macro audience_leaves(node) %}
    {% set found = [] %}
    {% if node is mapping and ('all' in node or 'any' in node) %}
        {% for part in node.get('all', node.get('any')) %}
            {% do found.extend(segmentation.audience_leaves(part)) %}
        {% endfor %}
    {% elif node is mapping and 'not' in node %}
        {% do found.extend(segmentation.audience_leaves(node['not'])) %}
    {% else %}
        {% do found.append(node) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{#
    What is wrong with the var `audiences`: a list of sentences, each of which names the audience, the
    place in its rule, what stands there and what may stand there. Arguments: audiences, the var;
    fields, the columns of marts.customers with their types, or none while they aren't known.
#}
{% macro audience_problems(audiences, fields=none) %}
    {% set shape = segmentation.audiences_shape_problem(audiences) %}
    {% if shape %}{{ return([shape]) }}{% endif %}
    {% set problems = [] %}
    {% set ids = audiences | map(attribute='id') | list %}
    {% for audience in audiences %}
        {% set context = {
            'named': 'The audience ' ~ (segmentation.shown(audience.id) if audience.id is string else 'number ' ~ loop.index),
            'problems': problems,
            'fields': fields,
            'ids': ids,
            'parameters': audience.parameters if audience.parameters is mapping else {},
            'used': [],
        } %}
        {% do segmentation.audience_part_problems(audience, context) %}
        {% if audience.where is mapping %}
            {% set rule = segmentation.audience_resolved(audience.where, 'where', context) %}
            {% do segmentation.audience_rule_problems(rule, 'where', context) %}
        {% endif %}
        {% for name in context.parameters if name not in context.used %}
            {% do problems.append(context.named ~ ' has the parameter "' ~ name ~ '", which nothing in it uses.') %}
        {% endfor %}
    {% endfor %}
    {% for id in ids | select('string') | unique if ids.count(id) > 1 %}
        {% do problems.append('The audience ' ~ segmentation.shown(id) ~ ' stands ' ~ ids.count(id) ~ ' times in the var "audiences"; an id names one.') %}
    {% endfor %}
    {% if not problems %}
        {% do problems.extend(segmentation.audience_rank_problems(audiences)) %}
    {% endif %}
    {% if not problems %}
        {% do problems.extend(segmentation.audience_cycle_problems(audiences)) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}


{#  What is wrong with the list itself, as a sentence, or an empty text.  #}
{% macro audiences_shape_problem(audiences) %}
    {% set example = '{id: vip, label_en: VIPs, ..., where: {field: order_count, at_least: 10}}' %}
    {% if audiences is string or audiences is mapping or audiences is not sequence %}
        {{ return('The var "audiences" is ' ~ segmentation.shown(audiences) ~ '; allowed: a list of audiences such as ' ~ example ~ '.') }}
    {% endif %}
    {% for audience in audiences if audience is not mapping %}
        {{ return('The var "audiences" holds ' ~ segmentation.shown(audience) ~ '; allowed: audiences such as ' ~ example ~ '.') }}
    {% endfor %}
    {{ return('') }}
{% endmacro %}


{#  Adds a sentence: named, at a path, what is wrong there.  #}
{% macro audience_complain(context, path, problem) %}
    {% do context.problems.append(context.named ~ ', ' ~ path ~ ': ' ~ problem) %}
{% endmacro %}


{#  Whether a value is an identifier: lower-case letters, digits and underscores, no more than 50.  #}
{% macro is_audience_name(value) %}
    {{ return(value is string and modules.re.fullmatch('[a-z][a-z0-9_]{0,49}', value) is not none) }}
{% endmacro %}


{#  Everything but the rule: labels, owner, expiry, precedence, parameters.  #}
{% macro audience_part_problems(audience, context) %}
    {% set problems = context.problems %}
    {% set named = context.named %}
    {% set parts = segmentation.audience_parts() %}
    {% set texts = ['label_en', 'label_zh', 'description_en', 'description_zh', 'owner', 'next_action_en', 'next_action_zh'] %}
    {% for part in audience if part not in parts %}
        {% do problems.append(named ~ ' has the part ' ~ segmentation.shown(part) ~ '; allowed: ' ~ parts.keys() | join(', ') ~ '.' ~ segmentation.did_you_mean(part, parts.keys() | list)) %}
    {% endfor %}
    {% for part, about in parts.items() if about.required and audience.get(part) is none %}
        {% do problems.append(named ~ ' has no "' ~ part ~ '".') %}
    {% endfor %}
    {% if audience.get('id') is not none and not segmentation.is_audience_name(audience.id) %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(audience.id) ~ ' as its id; allowed: at most 50 lower-case letters, digits and underscores, a letter first.') %}
    {% endif %}
    {% for part in texts if audience.get(part) is not none %}
        {% set text = audience[part] %}
        {% if text is not string or text | trim == '' %}
            {% do problems.append(named ~ ' has ' ~ segmentation.shown(text) ~ ' as its ' ~ part ~ '; allowed: a text.') %}
        {% else %}
            {% for name in modules.re.findall('[{]([^{}]*)[}]', text) %}
                {% if name in context.parameters %}
                    {% do context.used.append(name) %}
                {% else %}
                    {% do problems.append(named ~ ' says {' ~ name ~ '} in its ' ~ part ~ ', which is none of its parameters.' ~ segmentation.did_you_mean(name, context.parameters.keys() | list)) %}
                {% endif %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% if audience.get('where') is not none and audience.where is not mapping %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(audience.where) ~ ' as its where; allowed: one condition, such as {field: order_count, at_least: 2} or {all: [...]}.') %}
    {% endif %}
    {% if audience.get('expires') is not none and not segmentation.is_date_text(audience.expires) %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(audience.expires) ~ ' as its expires; allowed: a day of the calendar written YYYY-MM-DD.') %}
    {% endif %}
    {% set channels = ['email', 'sms', 'phone', 'app_push', 'wechat', 'mail', 'ads', 'sales_visit'] %}
    {% if audience.get('contact_channel') is not none and audience.contact_channel not in channels %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(audience.contact_channel) ~ ' as its contact_channel; allowed: ' ~ channels | join(', ') ~ '.' ~ segmentation.did_you_mean(audience.contact_channel, channels)) %}
    {% endif %}
    {% if audience.get('cool_down_days') is not none and not segmentation.is_days(audience.cool_down_days) %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(audience.cool_down_days) ~ ' as its cool_down_days; allowed: a whole number of at least 0.') %}
    {% endif %}
    {% set precedence = audience.get('precedence') %}
    {% if precedence is not none and (
        precedence is not mapping
        or precedence.keys() | sort | join(' ') != 'group rank'
        or not segmentation.is_audience_name(precedence.group)
        or not segmentation.is_days(precedence.rank)
    ) %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(precedence) ~ ' as its precedence; allowed: {group: a name, rank: a whole number}, such as {group: offers, rank: 1}.') %}
    {% endif %}
    {% set parameters = audience.get('parameters') %}
    {% if parameters is not none and parameters is not mapping %}
        {% do problems.append(named ~ ' has ' ~ segmentation.shown(parameters) ~ ' as its parameters; allowed: names with values, such as {days: 60}.') %}
    {% endif %}
    {% for name, value in context.parameters.items() %}
        {% if not segmentation.is_audience_name(name) %}
            {% do problems.append(named ~ ' has the parameter ' ~ segmentation.shown(name) ~ '; allowed as its name: lower-case letters, digits and underscores.') %}
        {% endif %}
        {% if value is none or (value is mapping and value.keys() | list != ['days_ago']) %}
            {% do problems.append(named ~ ' has ' ~ segmentation.shown(value) ~ ' as its parameter ' ~ segmentation.shown(name) ~ '; allowed: a value or a list of values.') %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{#  A whole number of days, 0 or more.  #}
{% macro is_days(value) %}
    {{ return(value is integer and value is not boolean and value >= 0 and value <= 36500) }}
{% endmacro %}


{#  A number that can be written into SQL as it is: no exponent, no infinity.  #}
{% macro is_plain_number(value) %}
    {{ return(value is number and value is not boolean and modules.re.fullmatch('-?[0-9]{1,15}([.][0-9]{1,8})?', value | string) is not none) }}
{% endmacro %}


{#
    A rule in which every {param: name} is its value. What names no parameter stays as it is and is
    complained of; the names used are noted. Arguments: node, path, context as in audience_problems.
#}
{% macro audience_resolved(node, path, context) %}
    {% if node is mapping and node.keys() | list == ['param'] %}
        {% set name = node['param'] %}
        {% if name is string and name in context.parameters %}
            {% do context.used.append(name) %}
            {{ return(context.parameters[name]) }}
        {% endif %}
        {% do segmentation.audience_complain(context, path,
            segmentation.shown(name) ~ ' is none of its parameters; allowed: ' ~ (context.parameters.keys() | join(', ') or 'none, as it has none') ~ '.'
            ~ segmentation.did_you_mean(name, context.parameters.keys() | list)
        ) %}
        {{ return(node) }}
    {% elif node is mapping %}
        {% set resolved = {} %}
        {% for key, value in node.items() %}
            {% do resolved.update({key: segmentation.audience_resolved(value, path ~ '.' ~ key, context)}) %}
        {% endfor %}
        {{ return(resolved) }}
    {% elif node is sequence and node is not string %}
        {% set resolved = [] %}
        {% for value in node %}
            {% do resolved.append(segmentation.audience_resolved(value, path ~ '[' ~ loop.index0 ~ ']', context)) %}
        {% endfor %}
        {{ return(resolved) }}
    {% endif %}
    {{ return(node) }}
{% endmacro %}


{#  One condition and those within it. Arguments as audience_resolved.  #}
{% macro audience_rule_problems(node, path, context) %}
    {% set subjects = segmentation.audience_subjects() %}
    {% if node is not mapping %}
        {% do segmentation.audience_complain(context, path, segmentation.shown(node) ~ ' is no condition; allowed: a map such as {field: order_count, at_least: 2}.') %}
        {{ return(none) }}
    {% endif %}
    {% set given = [] %}
    {% for key in node if key in subjects %}{% do given.append(key) %}{% endfor %}
    {% if given | length != 1 %}
        {% set guess = namespace(said='') %}
        {% for key in node if not given and not guess.said %}
            {% set guess.said = segmentation.did_you_mean(key, subjects.keys() | list) %}
        {% endfor %}
        {% do segmentation.audience_complain(context, path,
            ('a condition is about one thing, this one about ' ~ given | join(' and ') if given else segmentation.shown(node) ~ ' says not what it is about')
            ~ '; allowed: one of ' ~ subjects.keys() | join(', ') ~ '.' ~ guess.said
        ) %}
        {{ return(none) }}
    {% endif %}
    {% set subject = given[0] %}
    {% set about = node[subject] %}
    {% set rest = {} %}
    {% for key, value in node.items() if key != subject %}{% do rest.update({key: value}) %}{% endfor %}
    {% if subjects[subject].takes in ['conditions', 'condition', 'name'] %}
        {% for key in rest %}
            {% do segmentation.audience_complain(context, path ~ '.' ~ key, 'nothing may stand beside "' ~ subject ~ '".') %}
        {% endfor %}
    {% endif %}

    {% if subject in ['all', 'any'] %}
        {% if about is string or about is mapping or about is not sequence or about | length == 0 %}
            {% do segmentation.audience_complain(context, path ~ '.' ~ subject, segmentation.shown(about) ~ ' is no list of conditions; allowed: at least one, such as [{field: order_count, at_least: 2}].') %}
        {% else %}
            {% for condition in about %}
                {% do segmentation.audience_rule_problems(condition, path ~ '.' ~ subject ~ '[' ~ loop.index0 ~ ']', context) %}
            {% endfor %}
        {% endif %}
    {% elif subject == 'not' %}
        {% do segmentation.audience_rule_problems(about, path ~ '.not', context) %}
    {% elif subject == 'field' %}
        {% if not segmentation.is_audience_name(about) or (context.fields is not none and about not in context.fields) %}
            {% do segmentation.audience_complain(context, path ~ '.field',
                segmentation.shown(about) ~ ' is no column of marts.customers.' ~ segmentation.did_you_mean(about, (context.fields or {}).keys() | list)
            ) %}
        {% else %}
            {% set type = context.fields[about] if context.fields is not none else none %}
            {% do segmentation.audience_operator_problems(rest, path, type, '"' ~ about ~ '"', context, is_never_negative=segmentation.is_never_negative(about)) %}
        {% endif %}
    {% elif subject == 'segment' %}
        {% set known = [] if segmentation.registry_problem(var('segmentations')) else segmentation.registered_segmentations() | map(attribute='id') | list %}
        {% if about not in known %}
            {% do segmentation.audience_complain(context, path ~ '.segment',
                segmentation.shown(about) ~ ' is no registered segmentation; allowed: ' ~ known | join(', ') ~ '.' ~ segmentation.did_you_mean(about, known)
            ) %}
        {% endif %}
        {% do segmentation.audience_operator_problems(rest, path, 'text', 'a segment', context, ['is', 'is_not', 'in', 'not_in']) %}
    {% elif subject == 'orders' %}
        {% do segmentation.audience_order_problems(about, rest, path, context) %}
    {% elif subject == 'audience' %}
        {% if about not in context.ids %}
            {% do segmentation.audience_complain(context, path ~ '.audience',
                segmentation.shown(about) ~ ' is no audience; allowed: ' ~ context.ids | join(', ') ~ '.' ~ segmentation.did_you_mean(about, context.ids)
            ) %}
        {% endif %}
    {% elif subject == 'list' %}
        {% if about is not string or about | trim == '' %}
            {% do segmentation.audience_complain(context, path ~ '.list', segmentation.shown(about) ~ ' is no list_id of the seed audience_lists; allowed: a text.') %}
        {% endif %}
    {% elif subject == 'model' %}
        {% if about is not string or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', about) %}
            {% do segmentation.audience_complain(context, path ~ '.model', segmentation.shown(about) ~ ' is no name of a model.') %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#
    The operator of a condition and its value. Arguments: rest, what stands beside the subject; path;
    type, of the field, or none if unknown; of_what, for the sentence; context; allowed, the
    operators, if not all of the type; is_never_negative, whether no value is below 0.
#}
{% macro audience_operator_problems(rest, path, type, of_what, context, allowed=none, is_never_negative=false) %}
    {% set allowed = allowed if allowed is not none else segmentation.audience_operators_of(type) %}
    {% set operators = segmentation.audience_operators() %}
    {% if rest | length != 1 %}
        {% do segmentation.audience_complain(context, path,
            of_what ~ ' needs one operator, and has ' ~ (rest.keys() | join(' and ') or 'none') ~ '; allowed: ' ~ allowed | join(', ') ~ '.'
            ~ (' Two conditions are written as two, in a list behind "all".' if rest else '')
        ) %}
        {{ return(none) }}
    {% endif %}
    {% set name = rest.keys() | first %}
    {% set value = rest[name] %}
    {% if name not in allowed %}
        {% set symbols = {'=': 'is', '==': 'is', '<>': 'is_not', '!=': 'is_not', '>': 'more_than', '>=': 'at_least', '<': 'less_than', '<=': 'at_most', 'operator': 'at_least'} %}
        {% set dates = {'at_least': 'on_or_after', 'at_most': 'on_or_before', 'more_than': 'after', 'less_than': 'before', 'is': 'on_day'} %}
        {% set meant = symbols.get(name, name) %}
        {% set meant = dates.get(meant, meant) if type == 'date' else meant %}
        {% do segmentation.audience_complain(context, path ~ '.' ~ name,
            of_what ~ (' is a ' ~ type ~ ' and' if type else '') ~ ' has no operator ' ~ segmentation.shown(name) ~ '; allowed: ' ~ allowed | join(', ') ~ '.'
            ~ (' Did you mean "' ~ meant ~ '"?' if meant != name and meant in allowed else segmentation.did_you_mean(name, allowed))
        ) %}
        {{ return(none) }}
    {% endif %}
    {% set said = segmentation.audience_value_problem(operators[name].takes, value, type) %}
    {% if said %}
        {% do segmentation.audience_complain(context, path ~ '.' ~ name, said) %}
    {% elif is_never_negative and segmentation.is_below_zero(name, value) %}
        {% do segmentation.audience_complain(context, path ~ '.' ~ name, 'nobody is in it: ' ~ of_what ~ ' is never below 0.') %}
    {% endif %}
{% endmacro %}


{#  Whether a column of marts.customers is a count, a number of days or an amount never below 0.  #}
{% macro is_never_negative(field) %}
    {{ return(field.endswith('_count') or field.endswith('_days') or field in ['gross_revenue', 'discount_amount', 'refund_amount']) }}
{% endmacro %}


{#  Whether only numbers below 0 fulfil an operator with its value, which fits it.  #}
{% macro is_below_zero(operator, value) %}
    {% if operator == 'less_than' and value is number %}{{ return(value <= 0) }}{% endif %}
    {% if operator in ['is', 'at_most'] and value is number %}{{ return(value < 0) }}{% endif %}
    {% if operator == 'in' %}{{ return(value | select('number') | select('lt', 0) | list | length == value | length) }}{% endif %}
    {% if operator == 'between' %}{{ return(value[1] is number and value[1] < 0) }}{% endif %}
    {{ return(false) }}
{% endmacro %}


{#  What is wrong with a value, or an empty text. Arguments: takes, of the operator; value; type.  #}
{% macro audience_value_problem(takes, value, type) %}
    {% set given = segmentation.shown(value) %}
    {% if value is mapping and value.keys() | list == ['param'] %}
        {{ return('') }}  {#- complained of already #}
    {% elif takes == 'boolean' or (takes == 'value' and type == 'boolean') %}
        {{ return('' if value is boolean else given ~ ' is neither true nor false, without quotes.') }}
    {% elif takes == 'number' or (takes == 'value' and type == 'number') %}
        {{ return('' if segmentation.is_plain_number(value) else given ~ ' is no plain number, such as 10 or 0.5' ~ segmentation.unquoted(value)) }}
    {% elif takes == 'percent' %}
        {{ return('' if segmentation.is_plain_number(value) and value > 0 and value < 100 and modules.re.fullmatch('[0-9]+([.][0-9]{1,4})?', value | string) else given ~ ' is no percentage; allowed: a number above 0 and below 100, of at most 4 decimal places' ~ segmentation.unquoted(value)) }}
    {% elif takes in ['text', 'tag'] or (takes == 'value' and type == 'text') %}
        {% if value is not string or value == '' %}
            {{ return(given ~ ' is no text; allowed: a text, in quotes where YAML would read something else (yes, no, 10).') }}
        {% elif takes == 'tag' and (value | replace(' ', '') == '' or modules.re.search('[,;|，；、]', value)) %}
            {{ return(given ~ ' is no single tag; allowed: a text without , ; | and their Chinese forms, which stand between tags.') }}
        {% endif %}
    {% elif takes == 'value' %}
        {% if value is none or value is mapping or (value is sequence and value is not string) or (value is number and value is not boolean and not segmentation.is_plain_number(value)) %}
            {{ return(given ~ ' is no single value.') }}
        {% endif %}
    {% elif takes == 'values' %}
        {% if value is string or value is mapping or value is not sequence or value | length == 0 %}
            {{ return(given ~ ' is no list of values; allowed: at least one, such as ' ~ ('[1, 2]' if type == 'number' else '[London, Leeds]') ~ '.') }}
        {% endif %}
        {% for item in value %}
            {% set said = segmentation.audience_value_problem('value', item, type or ('text' if item is string else 'number')) %}
            {% if said %}{{ return(said) }}{% endif %}
        {% endfor %}
        {% if value | map('string') | unique(case_sensitive=true) | list | length != value | length %}
            {{ return(given ~ ' holds the same value twice.') }}
        {% endif %}
    {% elif takes == 'day' %}
        {% if value is mapping and value.keys() | list == ['days_ago'] %}
            {{ return('' if segmentation.is_days(value.days_ago) or value.days_ago is mapping else given ~ ' is no day; allowed: {days_ago: a whole number of at least 0}.') }}
        {% endif %}
        {{ return('' if segmentation.is_date_text(value) else given ~ ' is no day; allowed: a day of the calendar written YYYY-MM-DD, or {days_ago: 30}.') }}
    {% elif takes == 'range' %}
        {% if value is string or value is mapping or value is not sequence or value | length != 2 %}
            {{ return(given ~ ' is no range; allowed: a list of two, the lower first, such as ' ~ ('["2026-01-01", {days_ago: 30}]' if type == 'date' else '[100, 500]') ~ '.') }}
        {% endif %}
        {% set are_numbers = value[0] is number and value[1] is number %}
        {% for item in value %}
            {% set said = segmentation.audience_value_problem('day' if type == 'date' or (type is none and not are_numbers) else 'number', item, type) %}
            {% if said %}{{ return(said) }}{% endif %}
        {% endfor %}
        {% set first, last = value[0], value[1] %}
        {% if first is mapping and last is mapping %}
            {% set is_reversed = first.days_ago is number and last.days_ago is number and first.days_ago < last.days_ago %}
        {% elif first is mapping or last is mapping %}
            {% set is_reversed = false %}
        {% elif are_numbers %}
            {% set is_reversed = first > last %}
        {% else %}
            {% set is_reversed = first | string > last | string %}
        {% endif %}
        {% if is_reversed %}
            {{ return(given ~ ' ends before it begins: nothing is in it.') }}
        {% endif %}
    {% elif takes == 'days' %}
        {{ return('' if segmentation.is_days(value) else given ~ ' is no number of days; allowed: a whole number from 0 to 36500' ~ segmentation.unquoted(value)) }}
    {% elif takes == 'names' %}
        {% if value is string %}
            {{ return('' if value | trim else 'a text is missing.') }}
        {% elif value is mapping or value is not sequence %}
            {{ return(segmentation.audience_value_problem('text', value, 'text')) }}
        {% endif %}
        {% for item in value if item is string and not item | trim %}{{ return('a text is missing.') }}{% endfor %}
        {{ return(segmentation.audience_value_problem('values', value, 'text')) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}


{#  The filters, the window and the measure of a condition on orders.  #}
{% macro audience_order_problems(about, rest, path, context) %}
    {% set filters = segmentation.audience_order_filters() %}
    {% set measures = segmentation.audience_order_measures() %}
    {% if about is not mapping %}
        {% do segmentation.audience_complain(context, path ~ '.orders', segmentation.shown(about) ~ ' is no choice of orders; allowed: a map of ' ~ filters.keys() | join(', ') ~ ', or {} for all.') %}
    {% else %}
        {% for name, value in about.items() %}
            {% if name not in filters %}
                {% do segmentation.audience_complain(context, path ~ '.orders.' ~ name,
                    'orders have no ' ~ segmentation.shown(name) ~ '; allowed: ' ~ filters.keys() | join(', ') ~ '.' ~ segmentation.did_you_mean(name, filters.keys() | list)
                ) %}
            {% else %}
                {% set said = segmentation.audience_value_problem(filters[name].takes, value, none) %}
                {% if said %}{% do segmentation.audience_complain(context, path ~ '.orders.' ~ name, said) %}{% endif %}
            {% endif %}
        {% endfor %}
        {% set from_days, to_days = about.get('from_days_ago'), about.get('to_days_ago', 0) %}
        {% if segmentation.is_days(from_days) and segmentation.is_days(to_days) and from_days <= to_days %}
            {% do segmentation.audience_complain(context, path ~ '.orders',
                'a window from ' ~ from_days ~ ' to ' ~ to_days ~ ' days ago holds no day; from_days_ago must be more than to_days_ago' ~ ('.' if 'to_days_ago' in about else ', which is 0 where it is left out.')
            ) %}
        {% endif %}
        {% if about.get('paid_at_least') is number and about.get('paid_at_most') is number and about.paid_at_least > about.paid_at_most %}
            {% do segmentation.audience_complain(context, path ~ '.orders', 'no order is paid at least ' ~ about.paid_at_least ~ ' and at most ' ~ about.paid_at_most ~ '.') %}
        {% endif %}
    {% endif %}
    {% if rest | length != 1 or rest.keys() | first not in measures %}
        {% do segmentation.audience_complain(context, path,
            '"orders" needs beside it one of ' ~ measures.keys() | join(', ') ~ ', and has ' ~ (rest.keys() | join(' and ') or 'none') ~ '.'
            ~ (segmentation.did_you_mean(rest.keys() | first, measures.keys() | list) if rest | length == 1 else '')
        ) %}
        {{ return(none) }}
    {% endif %}
    {% set measure = rest.keys() | first %}
    {% set comparison = rest[measure] %}
    {% set of_lines = [] %}
    {% for name in (about if about is mapping else []) if name in filters and filters[name].line_sql %}
        {% do of_lines.append(name) %}
    {% endfor %}
    {% if measures[measure].of == 'orders' and of_lines %}
        {% do segmentation.audience_complain(context, path ~ '.' ~ measure,
            '"' ~ measure ~ '" is of whole orders, whatever else is in them, and can\'t be asked of a ' ~ of_lines | join(' or ')
            ~ '; "line_amount" is what was paid for the lines themselves.'
        ) %}
    {% elif measures[measure].of == 'lines' and not of_lines and about is mapping %}
        {% do segmentation.audience_complain(context, path ~ '.' ~ measure,
            '"' ~ measure ~ '" is what was paid for certain lines, and "orders" names no category or product_id; "paid_amount" is of whole orders.'
        ) %}
    {% endif %}
    {% set allowed = segmentation.audience_operators_of('number', measured=true) %}
    {% if comparison is not mapping %}
        {% do segmentation.audience_complain(context, path ~ '.' ~ measure, segmentation.shown(comparison) ~ ' is no comparison; allowed: one of ' ~ allowed | join(', ') ~ ' with a value, such as {at_least: 2}.') %}
    {% else %}
        {% do segmentation.audience_operator_problems(comparison, path ~ '.' ~ measure, 'number', '"' ~ measure ~ '"', context, allowed, is_never_negative=true) %}
    {% endif %}
{% endmacro %}


{#  Two audiences of one precedence group with the same rank.  #}
{% macro audience_rank_problems(audiences) %}
    {% set problems = [] %}
    {% set taken = {} %}
    {% for audience in audiences if audience.precedence %}
        {% set place = audience.precedence.group ~ ' ' ~ audience.precedence.rank %}
        {% if place in taken %}
            {% do problems.append('The audience "' ~ audience.id ~ '" has rank ' ~ audience.precedence.rank ~ ' in the precedence group "' ~ audience.precedence.group ~ '", and so has "' ~ taken[place] ~ '"; each needs a rank of its own.') %}
        {% else %}
            {% do taken.update({place: audience.id}) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}


{#  Audiences that are asked for each other, with the way round; through precedence as well.  #}
{% macro audience_cycle_problems(audiences) %}
    {% set parents = segmentation.audience_parents(audiences) %}
    {% set placed = [] %}
    {% for level in segmentation.audience_levels(parents) %}{% do placed.extend(level) %}{% endfor %}
    {% set way = [] %}
    {% for id in parents if id not in placed and not way %}
        {% do way.append(id) %}
        {% for _ in parents if way[:-1].count(way[-1]) == 0 %}
            {% do way.append(parents[way[-1]] | reject('in', placed) | first) %}
        {% endfor %}
    {% endfor %}
    {% if not way %}{{ return([]) }}{% endif %}
    {% set circle = way[way.index(way[-1]):] %}
    {{ return([
        'The audience "' ~ circle[0] ~ '" depends on itself: ' ~ circle | join(' -> ') ~ '.'
        ~ ' An audience depends on those it names and on those before it in its precedence group.'
    ]) }}
{% endmacro %}

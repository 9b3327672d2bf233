{#
    What an audience may say. The check, the SQL and the reference page
    (docs/guides/audiences-reference.md) are all made from these lists.
#}

{#  The parts of an audience: whether each must be there, and what it is.  #}
{% macro audience_parts() %}
    {{ return({
        'id': {'required': true, 'says': 'Its stable name: lower-case letters, digits and underscores, at most 50.'},
        'label_en': {'required': true, 'says': 'Name for people, in English.'},
        'label_zh': {'required': true, 'says': 'Name for people, in Chinese.'},
        'description_en': {'required': true, 'says': 'Who is in it, in English. The names of numeric vars, and {name} for a parameter, are replaced by their values.'},
        'description_zh': {'required': true, 'says': 'Who is in it, in Chinese, likewise.'},
        'owner': {'required': true, 'says': 'The team that answers for it.'},
        'where': {'required': true, 'says': 'The rule: one condition, most often `all` or `any` with a list of them.'},
        'parameters': {'required': false, 'says': 'Values with names, used in the rule as `{param: name}`.'},
        'expires': {'required': false, 'says': 'A day: from that as_of_date on nobody is in it, and a test warns.'},
        'precedence': {'required': false, 'says': '`{group: name, rank: number}`: who fits several audiences of a group is only in the one of lowest rank.'},
        'next_action_en': {'required': false, 'says': 'What to do about it, in English.'},
        'next_action_zh': {'required': false, 'says': 'What to do about it, in Chinese.'},
        'contact_channel': {'required': false, 'says': 'How to reach them: email, sms, phone, app_push, wechat, mail, ads or sales_visit.'},
        'cool_down_days': {'required': false, 'says': 'Days without another contact after that one.'},
    }) }}
{% endmacro %}


{#  What a condition may be about: the key that says so, what stands behind it, what it means.  #}
{% macro audience_subjects() %}
    {{ return({
        'all': {'takes': 'conditions', 'says': 'Every one of the conditions holds.', 'example': '{all: [{field: order_count, at_least: 1}, {field: recency_days, at_most: 30}]}'},
        'any': {'takes': 'conditions', 'says': 'At least one of the conditions holds.', 'example': '{any: [{field: city, is: London}, {list: key_accounts}]}'},
        'not': {'takes': 'condition', 'says': 'The condition does not hold; this includes customers of whom nothing is known.', 'example': '{not: {field: tags, has_tag: press}}'},
        'field': {'takes': 'operator', 'says': 'A column of marts.customers.', 'example': '{field: order_count, at_least: 2}'},
        'segment': {'takes': 'operator', 'says': 'The segment in a registered segmentation.', 'example': '{segment: rfm, in: [champions, loyal_customers]}'},
        'orders': {'takes': 'measure', 'says': 'Valid orders in a window of days, or with certain lines, counted or added up.', 'example': '{orders: {from_days_ago: 90, to_days_ago: 30, purchase_channel: web}, count: {at_least: 2}}'},
        'audience': {'takes': 'name', 'says': 'Being in another audience.', 'example': '{audience: second_order_due}'},
        'list': {'takes': 'name', 'says': 'Being on a list of the seed audience_lists.', 'example': '{list: key_accounts}'},
        'model': {'takes': 'name', 'says': 'Being in an SQL model of one\'s own with the columns customer_id and as_of_date.', 'example': '{model: audience_top_of_city}'},
    }) }}
{% endmacro %}


{#
    The operators: for which types of field, what each takes, what it means, an example value. Every
    comparison with a missing value is false.
#}
{% macro audience_operators() %}
    {{ return({
        'is': {'types': ['text', 'number', 'boolean'], 'takes': 'value', 'says': 'Equal to the value.', 'examples': {'text': 'London', 'number': '1', 'boolean': 'true'}},
        'is_not': {'types': ['text', 'number'], 'takes': 'value', 'says': 'Known, and another than the value.', 'examples': {'text': 'London', 'number': '1'}},
        'in': {'types': ['text', 'number'], 'takes': 'values', 'says': 'Equal to one of the values.', 'examples': {'text': '[London, Leeds]', 'number': '[4, 5]'}},
        'not_in': {'types': ['text', 'number'], 'takes': 'values', 'says': 'Known, and none of the values.', 'examples': {'text': '[London, Leeds]', 'number': '[1, 2]'}},
        'starts_with': {'types': ['text'], 'takes': 'text', 'says': 'Begins with the text, letter case included.', 'examples': {'text': 'Lon'}},
        'has_tag': {'types': ['text'], 'takes': 'tag', 'says': 'One of the tags in the text; case and blanks don\'t count.', 'examples': {'text': 'press'}},
        'at_least': {'types': ['number'], 'takes': 'number', 'says': 'The value or more.', 'examples': {'number': '2'}},
        'at_most': {'types': ['number'], 'takes': 'number', 'says': 'The value or less.', 'examples': {'number': '30'}},
        'more_than': {'types': ['number'], 'takes': 'number', 'says': 'More than the value.', 'examples': {'number': '2'}},
        'less_than': {'types': ['number'], 'takes': 'number', 'says': 'Less than the value.', 'examples': {'number': '0.5'}},
        'between': {'types': ['number', 'date'], 'takes': 'range', 'says': 'From the first to the second, both included.', 'examples': {'number': '[100, 500]', 'date': '["2026-01-01", "2026-03-31"]'}},
        'top_percent': {'types': ['number'], 'takes': 'percent', 'says': 'Among the highest so many percent of all buyers; equal values are in together.', 'examples': {'number': '10'}},
        'bottom_percent': {'types': ['number'], 'takes': 'percent', 'says': 'Among the lowest so many percent of all buyers; equal values are in together.', 'examples': {'number': '10'}},
        'on_day': {'types': ['date'], 'takes': 'day', 'says': 'On that day.', 'examples': {'date': '{days_ago: 1}'}},
        'before': {'types': ['date'], 'takes': 'day', 'says': 'Earlier than that day.', 'examples': {'date': '"2026-01-01"'}},
        'on_or_before': {'types': ['date'], 'takes': 'day', 'says': 'On that day or earlier.', 'examples': {'date': '{days_ago: 30}'}},
        'after': {'types': ['date'], 'takes': 'day', 'says': 'Later than that day.', 'examples': {'date': '"2026-01-01"'}},
        'on_or_after': {'types': ['date'], 'takes': 'day', 'says': 'On that day or later.', 'examples': {'date': '{days_ago: 30}'}},
        'is_known': {'types': ['text', 'number', 'date', 'boolean'], 'takes': 'boolean', 'says': 'Whether there is a value at all.', 'examples': {'text': 'false', 'number': 'true', 'date': 'false', 'boolean': 'true'}},
    }) }}
{% endmacro %}


{#
    What `orders` may be narrowed to, and the window. `sql` is the condition on an order, with VALUE
    for the value; an order is a row of int_orders with its channels of int_order_channels. `line_sql`
    is one on a line of it, a row of int_order_lines with its category: some line must fulfil all of
    them.
#}
{% macro audience_order_filters() %}
    {{ return({
        'from_days_ago': {'takes': 'days', 'says': 'The window begins so many days before as_of_date; without it, with the first order.', 'example': '90'},
        'to_days_ago': {'takes': 'days', 'says': 'The window ends before the day so many days before as_of_date; without it, with the day before as_of_date.', 'example': '30'},
        'purchase_channel': {'takes': 'names', 'sql': 'order_channels.purchase_channel in (VALUE)', 'says': 'Placed in one of these purchase channels.', 'example': '[web, app]'},
        'marketing_channel': {'takes': 'names', 'sql': 'order_channels.marketing_channel in (VALUE)', 'says': 'Brought by one of these marketing channels.', 'example': 'email'},
        'category': {'takes': 'names', 'line_sql': 'categories.category in (VALUE)', 'says': 'With a line of one of these categories, in any letter case. A line must fulfil this and product_id, where both are asked.', 'example': '[oolong, teaware]'},
        'product_id': {'takes': 'names', 'line_sql': 'order_lines.product_id in (VALUE)', 'says': 'With a line of one of these products, as the sources write their ids.', 'example': 'P041'},
        'paid_at_least': {'takes': 'number', 'sql': 'orders.paid_amount >= VALUE', 'says': 'The amount paid for the whole order is that or more.', 'example': '100'},
        'paid_at_most': {'takes': 'number', 'sql': 'orders.paid_amount <= VALUE', 'says': 'The amount paid for the whole order is that or less.', 'example': '500'},
        'is_discounted': {'takes': 'boolean', 'sql': '(orders.paid_amount < orders.gross_amount) = VALUE', 'says': 'Whether there was a discount on the order.', 'example': 'true'},
    }) }}
{% endmacro %}


{#
    What is compared of the orders in the window. Nobody's sum is empty: without an order it is 0.
    `of` says what it is about: whole orders can't be asked of with a category or product, lines only
    with one. NUMBER in `sql` stands for that of the question about lines.
#}
{% macro audience_order_measures() %}
    {{ return({
        'count': {'sql': '1', 'says': 'How many orders.', 'example': '{at_least: 2}'},
        'paid_amount': {'of': 'orders', 'sql': 'orders.paid_amount', 'says': 'What was paid for them: gross less discount, refunds not taken off. Of whole orders, so not with category or product_id.', 'example': '{more_than: 1000}'},
        'gross_amount': {'of': 'orders', 'sql': 'orders.gross_amount', 'says': 'What they cost before discount. Of whole orders, likewise.', 'example': '{between: [100, 500]}'},
        'discount_amount': {'of': 'orders', 'sql': 'orders.gross_amount - orders.paid_amount', 'says': 'The discount on them. Of whole orders, likewise.', 'example': '{is: 0}'},
        'line_amount': {'of': 'lines', 'sql': 'contents.amount_NUMBER', 'says': 'What was paid for the lines that category and product_id choose: quantity x price less their share of the discount, refunds not taken off. Only with one of these.', 'example': '{at_least: 300}'},
    }) }}
{% endmacro %}


{#  The operators that fit a type of field, or what `orders` measures. Returns a list of names.  #}
{% macro audience_operators_of(type, measured=false) %}
    {% set found = [] %}
    {% for name, operator in segmentation.audience_operators().items()
        if (type is none or type in operator.types)
        and not (measured and operator.takes in ['percent', 'boolean'])
    %}
        {% do found.append(name) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#
    The columns of marts.customers with their types (text, number, date, boolean), from its contract,
    less as_of_date, which is the same for all; none while dbt doesn't know the contract, as in a
    unit test.
#}
{% macro audience_fields() %}
    {% set customers = graph.nodes.get('model.segmentation.customers') if execute and graph else none %}
    {% if not customers %}{{ return(none) }}{% endif %}
    {% set fields = {} %}
    {% for column in customers.columns.values() if column.name != 'as_of_date' %}
        {% set type = (column.data_type or '') | lower %}
        {% do fields.update({column.name:
            'text' if type == 'string'
            else 'boolean' if type == 'boolean'
            else 'date' if type in ['date', 'timestamp']
            else 'number'
        }) %}
    {% endfor %}
    {{ return(fields) }}
{% endmacro %}


{#
    All of the above as one map, for the reference page: parts, subjects, operators, filters and
    measures of orders, and the fields with type, description and segmentation, if they are one's.
#}
{% macro audience_reference() %}
    {% if not execute %}{{ return({}) }}{% endif %}
    {% set customers = graph.nodes.get('model.segmentation.customers') %}
    {% set types = segmentation.audience_fields() %}
    {% set ids = {} %}
    {% for entry in segmentation.registered_segmentations() %}{% do ids.update({entry.column: entry.id}) %}{% endfor %}
    {% set fields = {} %}
    {% for column in customers.columns.values() if column.name in types %}
        {% do fields.update({column.name: {
            'type': types[column.name],
            'says': column.description,
            'segmentation': ids.get(column.name),
        }}) %}
    {% endfor %}
    {{ return({
        'parts': segmentation.audience_parts(),
        'subjects': segmentation.audience_subjects(),
        'operators': segmentation.audience_operators(),
        'order_filters': segmentation.audience_order_filters(),
        'order_measures': segmentation.audience_order_measures(),
        'measure_operators': segmentation.audience_operators_of('number', measured=true),
        'fields': fields,
    }) }}
{% endmacro %}

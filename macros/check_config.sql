{#
    What every var may be. `kind` is one of date, dates, names, integer, number, share, boolean, choice,
    zone, currency, country, inputs, registry, audiences; `least` the smallest allowed number (that of a
    share is 0, the largest 1); `optional` a var that may be left out or empty, because the project knows
    what to do without it.
#}
{% macro var_rules() %}
    {{ return({
        'inputs': {'kind': 'inputs'},
        'input_preset': {'kind': 'choice', 'of': ['sample', 'online_retail', 'files', 'own', 'all'], 'optional': true},
        'spark_file_format': {'kind': 'choice', 'of': ['iceberg', 'delta', 'hudi', 'parquet'], 'optional': true},
        'as_of_date': {'kind': 'date', 'optional': true},
        'history_dates': {'kind': 'dates'},
        'run_date': {'kind': 'date', 'optional': true},
        'business_timezone': {'kind': 'zone'},
        'reporting_currency': {'kind': 'currency'},
        'default_country': {'kind': 'country'},
        'valid_order_statuses': {'kind': 'names'},
        'identity_max_accounts_per_identifier': {'kind': 'integer', 'least': 1},
        'identity_max_identifiers_per_customer': {'kind': 'integer', 'least': 1},
        'segmentations': {'kind': 'registry'},
        'open_segments_max': {'kind': 'integer', 'least': 1},
        'rfm_preset': {'kind': 'choice', 'of': ['rfm', 'rfm_r', 'fm_grid', 'rfm_8']},
        'audiences': {'kind': 'audiences'},
        'rfm_cut_points': {'kind': 'choice', 'of': ['quantile', 'fixed']},
        'activity_new_days': {'kind': 'integer', 'least': 0},
        'activity_active_days': {'kind': 'integer', 'least': 1},
        'activity_lost_days': {'kind': 'integer', 'least': 1},
        'lifecycle_min_gaps': {'kind': 'integer', 'least': 1},
        'lifecycle_min_rhythm_days': {'kind': 'integer', 'least': 1},
        'lifecycle_fallback_rhythm_days': {'kind': 'integer', 'least': 1},
        'lifecycle_declining_ratio': {'kind': 'number', 'least': 1},
        'lifecycle_churned_ratio': {'kind': 'number', 'least': 1},
        'lifecycle_mature_orders': {'kind': 'integer', 'least': 2},
        'lifecycle_loyal_orders': {'kind': 'integer', 'least': 2},
        'lifecycle_loyal_days': {'kind': 'integer', 'least': 0},
        'habit_min_orders': {'kind': 'integer', 'least': 1},
        'southern_hemisphere': {'kind': 'boolean'},
        'frequency_high_days': {'kind': 'integer', 'least': 1},
        'frequency_regular_days': {'kind': 'integer', 'least': 1},
        'price_high_share': {'kind': 'share'},
        'price_high_depth': {'kind': 'share'},
        'price_low_share': {'kind': 'share'},
        'price_low_depth': {'kind': 'share'},
        'value_tier_high_amount': {'kind': 'number', 'least': 0},
        'value_tier_mid_amount': {'kind': 'number', 'least': 0},
        'value_tier_high_orders': {'kind': 'integer', 'least': 2},
        'value_tier_mid_orders': {'kind': 'integer', 'least': 2},
        'value_tier_policy': {'kind': 'choice', 'of': ['min', 'max', 'matrix']},
        'pareto_head_share': {'kind': 'share'},
        'pareto_torso_share': {'kind': 'share'},
        'vip_weight_recency': {'kind': 'number', 'least': 0},
        'vip_weight_frequency': {'kind': 'number', 'least': 0},
        'vip_weight_monetary': {'kind': 'number', 'least': 0},
        'churn_window_days': {'kind': 'integer', 'least': 1},
        'churn_overdue_ratio': {'kind': 'number', 'least': 1},
        'churn_falling_share': {'kind': 'share'},
        'churn_min_previous_orders': {'kind': 'integer', 'least': 1},
        'churn_high_reasons': {'kind': 'integer', 'least': 2},
        'profit_high_amount': {'kind': 'number', 'least': 0},
        'profit_mid_amount': {'kind': 'number', 'least': 0},
        'profit_min_cost_share': {'kind': 'share'},
    }) }}
{% endmacro %}


{#  The entities that `inputs` may name, and whether at least one staging model is required.  #}
{% macro input_entities() %}
    {{ return({'orders': true, 'contacts': false, 'refunds': false, 'order_lines': false, 'rejected_rows': false}) }}
{% endmacro %}


{#
    The candidate most like a misspelt name, by shared letter pairs; none when nothing comes near.
    Arguments: name, text; candidates, list of text. Example: closest('as_of_dat', ['as_of_date'])
#}
{% macro closest(name, candidates) %}
    {% set best = namespace(score=0.0, name=none) %}
    {% set text = '^' ~ (name | string | lower) ~ '$' %}
    {% for candidate in candidates %}
        {% set other = '^' ~ (candidate | string | lower) ~ '$' %}
        {% set shared = namespace(n=0) %}
        {% for i in range(text | length - 1) %}
            {% if text[i:i + 2] in other %}{% set shared.n = shared.n + 1 %}{% endif %}
        {% endfor %}
        {% for i in range(other | length - 1) %}
            {% if other[i:i + 2] in text %}{% set shared.n = shared.n + 1 %}{% endif %}
        {% endfor %}
        {% set score = shared.n / (text | length + other | length - 2) %}
        {% if score > best.score %}
            {% set best.score = score %}
            {% set best.name = candidate %}
        {% endif %}
    {% endfor %}
    {{ return(best.name if best.score >= 0.5 else none) }}
{% endmacro %}


{#  ' Did you mean "x"?' or nothing. Arguments as closest.  #}
{% macro did_you_mean(name, candidates) %}
    {% set found = segmentation.closest(name, candidates) %}
    {{ return(' Did you mean "' ~ found ~ '"?' if found is not none else '') }}
{% endmacro %}


{% macro is_date_text(value) %}
    {% if value is none or value is mapping or value is number %}{{ return(false) }}{% endif %}
    {% if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', value | string) %}
        {{ return(false) }}
    {% endif %}
    {% set parts = (value | string).split('-') %}
    {% set year, month, day = parts[0] | int, parts[1] | int, parts[2] | int %}
    {% if year < 1 or month < 1 or month > 12 or day < 1 %}{{ return(false) }}{% endif %}
    {% set leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) %}
    {% set lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] %}
    {{ return(day <= lengths[month - 1]) }}
{% endmacro %}


{#
    A value as a message shows it: "text", true, [a list], nothing. Whatever a var holds, so no JSON, which
    knows no dates. Example: shown(['a', 'b']) gives ["a", "b"].
#}
{% macro shown(value) %}
    {% if value is none %}
        {{ return('empty') }}
    {% elif value is mapping or value is sequence and value is not string %}
        {% set items = [] %}
        {% for item in value %}
            {% do items.append(
                (item ~ ': ' ~ segmentation.shown(value[item])) if value is mapping
                else segmentation.shown(item)
            ) %}
        {% endfor %}
        {{ return(('{' ~ items | join(', ') ~ '}') if value is mapping else '[' ~ items | join(', ') ~ ']') }}
    {% elif value is boolean %}
        {{ return('true' if value else 'false') }}
    {% elif value is number %}
        {{ return(value | string) }}
    {% endif %}
    {{ return('"' ~ value ~ '"') }}
{% endmacro %}


{#  The end of a sentence on numbers: what to do about a number that was written as text.  #}
{% macro unquoted(value) %}
    {{ return(', without quotes.' if value is string and modules.re.fullmatch('[0-9.]+', value) else '.') }}
{% endmacro %}


{#  What is wrong with one var's value, as a sentence, or an empty text.  #}
{% macro var_problem(name, value, rule) %}
    {% set given = 'The var "' ~ name ~ '" is ' ~ segmentation.shown(value) %}
    {% set kind = rule.kind %}
    {% if value is none and rule.optional %}
        {{ return('') }}
    {% elif kind == 'choice' and value not in rule.of %}
        {{ return(given ~ '; allowed: ' ~ rule.of | join(', ') ~ '.' ~ segmentation.did_you_mean(value, rule.of)) }}
    {% elif kind == 'date' and not segmentation.is_date_text(value) %}
        {{ return(given ~ '; allowed: a day of the calendar written YYYY-MM-DD, such as 2026-07-01.') }}
    {% elif kind == 'integer' and (value is boolean or value is not integer or value < rule.least) %}
        {{ return(given ~ '; allowed: a whole number of at least ' ~ rule.least ~ segmentation.unquoted(value)) }}
    {% elif kind == 'number' and (value is boolean or value is not number or value | string in ['inf', 'nan'] or value < rule.least) %}
        {{ return(given ~ '; allowed: a number of at least ' ~ rule.least ~ segmentation.unquoted(value)) }}
    {% elif kind == 'share' and (value is boolean or value is not number or not 0 <= value <= 1) %}
        {{ return(given ~ '; allowed: a share, a number from 0 to 1' ~ segmentation.unquoted(value)) }}
    {% elif kind == 'boolean' and value is not boolean %}
        {{ return(given ~ '; allowed: true or false' ~ ('.' if value is not string else ', without quotes.')) }}
    {% elif kind == 'currency' and not modules.re.fullmatch('[A-Z]{3}', value | string) %}
        {{ return(given ~ '; allowed: three capital letters (ISO 4217), such as EUR.') }}
    {% elif kind == 'country' and not modules.re.fullmatch('[A-Z]{2}', value | string) %}
        {{ return(given ~ '; allowed: two capital letters (ISO 3166), such as DE.') }}
    {% elif kind == 'zone' and value not in modules.pytz.all_timezones %}
        {{ return(
            given ~ '; allowed: a zone of the IANA time zone database, such as Europe/London.'
            ~ segmentation.did_you_mean(value, modules.pytz.common_timezones)
        ) }}
    {% elif kind in ['names', 'dates'] %}
        {% if value is string or value is mapping or value is not sequence %}
            {{ return(given ~ '; allowed: a list, such as [' ~ ('paid, shipped' if kind == 'names' else '"2026-05-01", "2026-06-01"') ~ '].') }}
        {% endif %}
        {% if kind == 'names' and value | length == 0 %}
            {{ return(given ~ '; allowed: a list with at least one name.') }}
        {% endif %}
        {% for item in value %}
            {% if kind == 'dates' and not segmentation.is_date_text(item) %}
                {{ return('The var "' ~ name ~ '" holds "' ~ item ~ '"; allowed: days of the calendar written YYYY-MM-DD.') }}
            {% elif kind == 'names' and (item is not string or item != item | trim | lower or item == '') %}
                {{ return('The var "' ~ name ~ '" holds "' ~ item ~ '"; allowed: lower-case text without blanks around it.') }}
            {% endif %}
        {% endfor %}
        {% if value | map('string') | unique | list | length != value | length %}
            {{ return(given ~ '; the same value stands in it twice.') }}
        {% endif %}
    {% elif kind == 'inputs' %}
        {{ return(segmentation.inputs_problem(value)) }}
    {% elif kind == 'registry' %}
        {{ return(segmentation.registry_problem(value)) }}
    {% elif kind == 'audiences' %}
        {#- what their fields are is known once all models are #}
        {{ return(
            segmentation.audience_problems(value, segmentation.audience_fields()) | join('\n') if execute
            else segmentation.audiences_shape_problem(value)
        ) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}


{#
    A var that models need while dbt still reads them, checked on the spot, because check_config
    runs later. Argument: name. Returns the value. Example: checked_var('business_timezone')
#}
{% macro checked_var(name) %}
    {% set value = var(name, none) %}
    {% set problem = segmentation.var_problem(name, value, segmentation.var_rules()[name]) %}
    {% if problem %}{{ exceptions.raise_compiler_error(problem) }}{% endif %}
    {{ return(value) }}
{% endmacro %}


{% macro inputs_problem(value) %}
    {% set entities = segmentation.input_entities() %}
    {% if value is not mapping %}
        {{ return('The var "inputs" is ' ~ segmentation.shown(value) ~ '; allowed: a map of ' ~ entities.keys() | join(', ') ~ ' to lists of staging models.') }}
    {% endif %}
    {% for entity in value %}
        {% if entity not in entities %}
            {{ return(
                'The var "inputs" names the entity "' ~ entity ~ '"; allowed: ' ~ entities.keys() | join(', ') ~ '.'
                ~ segmentation.did_you_mean(entity, entities.keys() | list)
            ) }}
        {% endif %}
        {% set models = value[entity] %}
        {% if models is string or models is mapping or models is not sequence %}
            {{ return('The var "inputs" has ' ~ segmentation.shown(models) ~ ' for ' ~ entity ~ '; allowed: a list of staging models, such as [stg_shop__' ~ entity ~ '].') }}
        {% endif %}
        {% for model in models %}
            {% if model is not string or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', model) %}
                {{ return('The var "inputs" has "' ~ model ~ '" among its ' ~ entity ~ '; allowed: the name of a model.') }}
            {% endif %}
        {% endfor %}
        {% if models | unique | list | length != models | length %}
            {{ return('The var "inputs" names the same model twice for ' ~ entity ~ ': ' ~ models | join(', ') ~ '. Every row would count twice.') }}
        {% endif %}
    {% endfor %}
    {% for entity, required in entities.items() %}
        {% if required and not value.get(entity) %}
            {{ return('The var "inputs" has no staging model for ' ~ entity ~ '; at least one is required. See models/staging/README.md.') }}
        {% endif %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}


{#  Contradictions between vars that are each fine by themselves: a list of sentences.  #}
{% macro var_contradictions() %}
    {% set found = [] %}
    {% set as_of = segmentation.as_of_date() | trim %}
    {% set today = segmentation.run_date() | trim %}
    {% for smaller, larger, why in [
        ('activity_active_days', 'activity_lost_days', 'a customer would be lost before being dormant'),
        ('activity_new_days', 'activity_lost_days', 'a customer would be new and lost at once'),
        ('lifecycle_declining_ratio', 'lifecycle_churned_ratio', 'a customer would be churned before declining'),
        ('lifecycle_mature_orders', 'lifecycle_loyal_orders', 'a customer would be loyal before being mature'),
        ('frequency_high_days', 'frequency_regular_days', 'nobody would buy regularly without buying often'),
        ('price_low_share', 'price_high_share', 'a customer could be of low and high price sensitivity at once'),
        ('price_low_depth', 'price_high_depth', 'a customer could be of low and high price sensitivity at once'),
        ('value_tier_mid_amount', 'value_tier_high_amount', 'no spend would be of the mid grade'),
        ('value_tier_mid_orders', 'value_tier_high_orders', 'no frequency would be of the mid grade'),
        ('churn_overdue_ratio', 'lifecycle_churned_ratio', 'every overdue customer would be gone already'),
        ('profit_mid_amount', 'profit_high_amount', 'nobody would be in the tier mid'),
    ] %}
        {% if var(smaller) >= var(larger) %}
            {% do found.append(
                'The var "' ~ smaller ~ '" is ' ~ var(smaller) ~ ' and "' ~ larger ~ '" is ' ~ var(larger)
                ~ ': the first must be smaller, or ' ~ why ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% set declining_days = (var('lifecycle_churned_ratio') - var('lifecycle_declining_ratio'))
        * var('lifecycle_min_rhythm_days') %}
    {% if 0 < declining_days | round(6) < 1 %}
        {% do found.append(
            'The var "lifecycle_churned_ratio" is ' ~ var('lifecycle_churned_ratio')
            ~ ' and "lifecycle_declining_ratio" is ' ~ var('lifecycle_declining_ratio')
            ~ ': at a "lifecycle_min_rhythm_days" of ' ~ var('lifecycle_min_rhythm_days')
            ~ ' declining would last less than a day, and a customer could be churned without having been declining.'
        ) %}
    {% endif %}
    {% if (var('pareto_head_share') + var('pareto_torso_share')) | round(6) > 1 %}
        {% do found.append(
            'The vars "pareto_head_share" and "pareto_torso_share" are ' ~ var('pareto_head_share') ~ ' and '
            ~ var('pareto_torso_share') ~ ': together they must be at most 1, or they would share out more than there is.'
        ) %}
    {% endif %}
    {% if segmentation.vip_weights().values() | sum == 0 %}
        {% do found.append(
            'The vars "vip_weight_recency", "vip_weight_frequency" and "vip_weight_monetary" are all below 0.0001: '
            ~ 'at least one score must weigh something, or nobody has a VIP score.'
        ) %}
    {% endif %}
    {% for day in var('history_dates', []) if day | string >= as_of %}
        {% do found.append(
            'The var "history_dates" holds ' ~ day ~ ', which is not before as_of_date ' ~ as_of ~ '.'
        ) %}
    {% endfor %}
    {% set tomorrow = (
        modules.datetime.datetime.strptime(today, '%Y-%m-%d') + modules.datetime.timedelta(days=1)
    ).strftime('%Y-%m-%d') if segmentation.is_date_text(today) else today %}
    {% if as_of > tomorrow %}
        {% do found.append(
            'The var "as_of_date" is ' ~ as_of ~ ', after tomorrow (today is ' ~ today
            ~ '): what customers will have done by then is not known.'
        ) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{#
    Stops the run on a var that is unknown, of the wrong kind or in contradiction with another, and
    on staging models that don't fulfil the input contract. Every problem found is listed at once.
#}
{% macro check_config() %}
    {% set rules = segmentation.var_rules() %}
    {% set problems = [] %}
    {% set given = (var('segmentation', {}) or {}).keys() | list %}
    {% for name in given if name not in rules %}
        {% do problems.append(
            'The var "' ~ name ~ '" is unknown.' ~ segmentation.did_you_mean(name, rules.keys() | list)
            ~ ' Allowed: ' ~ rules.keys() | join(', ') ~ '.'
        ) %}
    {% endfor %}
    {% for name in (invocation_args_dict.get('vars') or {}) if name not in rules and name != 'segmentation' %}
        {% if segmentation.closest(name, rules.keys() | list) is not none or model_is_root() %}
            {% do problems.append(
                'The var "' ~ name ~ '" on the command line is unknown.'
                ~ segmentation.did_you_mean(name, rules.keys() | list)
                ~ ' Allowed: ' ~ rules.keys() | join(', ') ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% for name, rule in rules.items() %}
        {% set problem = segmentation.var_problem(name, var(name, none), rule) %}
        {% if problem %}{% do problems.append(problem) %}{% endif %}
    {% endfor %}
    {% if problems | length == 0 %}
        {% do problems.extend(segmentation.var_contradictions()) %}
    {% endif %}
    {% if execute and problems | length == 0 %}
        {% do problems.extend(segmentation.input_shape_problems() + segmentation.registry_shape_problems()
            + segmentation.session_zone_problems()) %}
    {% endif %}
    {% if problems | length > 0 %}
        {{ exceptions.raise_compiler_error('\n' ~ problems | join('\n')) }}
    {% endif %}
{% endmacro %}


{#  True when the project is run by itself, not installed as a package of another.  #}
{% macro model_is_root() %}
    {{ return(project_name == 'segmentation') }}
{% endmacro %}


{#
    Every staging model named in `inputs` must promise, by an enforced dbt contract, the columns
    and types of its entity. Read from the manifest; nothing is asked of the database.
#}
{% macro input_shape_problems() %}
    {% set problems = [] %}
    {% set contracts = segmentation.input_contracts() %}
    {% set nodes = {} %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' %}
        {% do nodes.update({node.name: node}) %}
    {% endfor %}
    {% for entity, models in var('inputs').items() %}
        {% for model in models %}
            {% set node = nodes.get(model) %}
            {% if node is none %}
                {% do problems.append(
                    'The var "inputs" has "' ~ model ~ '" among its ' ~ entity
                    ~ ', which is no model of this project or its packages, but a seed or snapshot: '
                    ~ 'a staging model on top of it is needed.'
                ) %}
            {% elif not node.config.contract.enforced %}
                {% do problems.append(
                    'The staging model "' ~ model ~ '" feeds ' ~ entity ~ ' without an enforced contract. Add'
                    ~ ' "config: {contract: {enforced: true}}" and its columns to ' ~ model ~ '.yml.'
                ) %}
            {% else %}
                {% for column in contracts[entity] %}
                    {% set promised = node.columns.get(column.name) %}
                    {% if promised is none %}
                        {% do problems.append(
                            'The staging model "' ~ model ~ '" feeds ' ~ entity ~ ' but has no column "' ~ column.name
                            ~ '" (' ~ column.type ~ ').' ~ segmentation.did_you_mean(column.name, node.columns.keys() | list)
                            ~ ' A column your source lacks is written as a typed NULL: null_of(\'' ~ column.type ~ '\').'
                        ) %}
                    {% elif promised.data_type | replace(' ', '') | lower | replace('numeric', 'decimal') != column.type | replace(' ', '') %}
                        {% do problems.append(
                            'The staging model "' ~ model ~ '" feeds ' ~ entity ~ ' with "' ~ column.name ~ '" as '
                            ~ promised.data_type ~ '; the contract says ' ~ column.type ~ '.'
                        ) %}
                    {% endif %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{#
    What explanation models are written with: facts as a JSON object, and the columns that each of
    them has. docs/guides/explanations.md says how to write one.
#}

{#
    The columns of every explanation model behind its key (customer_number, as_of_date,
    segmentation_id) and customer_id, with their types. Returns a map of names to portable types.
#}
{% macro explanation_columns() %}
    {{ return({
        'segment_id': 'string',
        'facts': 'string',
        'decided_by': 'string',
        'nearest_segment_id': 'string',
        'change_kind': 'string',
        'change_quantity': 'decimal(18, 2)',
        'change_amount': 'decimal(18, 2)',
        'change_by': 'date',
        'change_detail': 'string',
    }) }}
{% endmacro %}


{#
    The facts of a contact record that a change of kind `attribute` may be about, as a person calls
    them. Returns a map of names to {en, zh}.
#}
{% macro attribute_names() %}
    {{ return({
        'birth_date': {'en': 'date of birth', 'zh': '出生日期'},
        'gender': {'en': 'gender', 'zh': '性别'},
        'occupation': {'en': 'occupation', 'zh': '职业'},
        'country': {'en': 'country', 'zh': '国家或地区'},
        'region': {'en': 'region', 'zh': '省份'},
        'city': {'en': 'city', 'zh': '城市'},
        'industry': {'en': 'industry', 'zh': '行业'},
        'company_size': {'en': 'company size', 'zh': '公司规模'},
        'partner_type': {'en': 'kind of partner', 'zh': '合作伙伴类型'},
        'touch_channel': {'en': 'channel of a touch', 'zh': '触点渠道'},
    }) }}
{% endmacro %}


{#
    A flat JSON object, as text. Argument: facts, a list of (name, expression), where the expression
    is the text of a JSON value, or NULL for null: text_of a number, json_text of a text.
    Example: facts_object([('order_count', text_of('order_count'))]) is {"order_count": 3}.
#}
{% macro facts_object(facts) -%}
    {%- set pieces = [] -%}
    {%- for name, expression in facts -%}
        {%- do pieces.append("'\"" ~ name ~ "\": ' || coalesce(" ~ expression ~ ", 'null')") -%}
    {%- endfor -%}
    '{' || {{ pieces | join(" || ', ' || ") }} || '}'
{%- endmacro %}


{#  A whole number, a boolean or a text, as text. Example: text_of('order_count')  #}
{% macro text_of(expression) -%}
    cast({{ expression }} as {{ segmentation.portable_type('string') }})
{%- endmacro %}


{#  true or false, as text. Engines write a boolean in ways of their own. Argument: a condition.  #}
{% macro truth_text(condition) -%}
    case when {{ condition }} then 'true' else 'false' end
{%- endmacro %}


{#  A day as text, YYYY-MM-DD. Argument: expression, a date. Example: day_text('change_by')  #}
{% macro day_text(expression) -%}
    substring({{ segmentation.sortable_time('cast(' ~ expression ~ ' as ' ~ dbt.type_timestamp() ~ ')') }}, 1, 10)
{%- endmacro %}


{#
    A decimal number as text with just so many places: engines disagree on zeros at the end.
    Arguments: expression, a number; places, 1 to 4. Example: decimal_text('1.5', 2) is 1.50.
#}
{% macro decimal_text(expression, places) -%}
    {%- set unit = 10 ** places -%}
    {%- set units -%}
        cast({{ segmentation.decimal_of(segmentation.decimal_of(expression, 18, places) ~ ' * ' ~ unit, 28, 0) }} as bigint)
    {%- endset -%}
    case when {{ expression }} < 0 then '-' else '' end
    || {{ segmentation.text_of(segmentation.whole_quotient('abs(' ~ units ~ ')', unit | string)) }}
    || '.' || substring({{ segmentation.text_of(unit ~ ' + mod(abs(' ~ units ~ '), ' ~ unit ~ ')') }}, 2, {{ places }})
{%- endmacro %}


{#  An amount as text: two places, four where the cent is split. Example: amount_text('net_revenue')  #}
{% macro amount_text(expression) -%}
    case
        when {{ segmentation.decimal_of(expression, 18, 2) }} = {{ expression }}
            then {{ segmentation.decimal_text(expression, 2) }}
        else {{ segmentation.decimal_text(expression, 4) }}
    end
{%- endmacro %}


{#
    The amount rounded up to whole cents, decimal(18, 2): the least that can be paid to reach it.
    Argument: expression, a decimal. Example: cents_up('0.0001') is 0.01.
#}
{% macro cents_up(expression) -%}
    {{ segmentation.decimal_of(
        'ceil((' ~ expression ~ ') * 100) * ' ~ segmentation.decimal_of('0.01', 3, 2), 18, 2
    ) }}
{%- endmacro %}

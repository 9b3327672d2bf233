{#
    One row per customer and as_of_date with a column in_<id> for each audience: whether the
    customer is in it. Key: customer_number, as_of_date. A rule is one expression over one row of
    facts; an audience that others name is worked out a step before them. In a precedence group
    only the audience of lowest rank keeps the customer, and an expired one keeps nobody.
#}
{%- set plan = segmentation.audience_plan() %}
{%- set facts = plan.fields + [] %}
{%- for _ in plan.measures %}{% do facts.append('measure_' ~ loop.index) %}{% endfor %}
{%- for _ in plan.cut_points %}{% do facts.append('cut_' ~ loop.index) %}{% endfor %}
{%- for _ in plan.lists %}{% do facts.append('is_listed_' ~ loop.index) %}{% endfor %}
{%- for _ in plan.models %}{% do facts.append('is_found_' ~ loop.index) %}{% endfor %}
with profiles as (
    select * from {{ ref('int_customer_profiles') }}
),

order_windows as (
    select * from {{ ref('int_audience_order_windows') }}
),

cut_points as (
    select * from {{ ref('int_audience_cut_points') }}
),

audience_lists as (
    select * from {{ ref('audience_lists') }}
),

{% for model in plan.models -%}
rows_of_{{ model }} as (
    select * from {{ ref(model) }}
),

{% endfor -%}
cuts as (
    select
        {%- for _ in plan.cut_points %}
        max(case when cut_number = {{ loop.index }} then cut_value end) as cut_{{ loop.index }},
        {%- endfor %}
        as_of_date
    from cut_points
    group by as_of_date
),

listed as (
    select
        {%- for list_id in plan.lists %}
        {{ segmentation.any_true('list_id = ' ~ segmentation.text_literal(list_id)) }}
            as is_listed_{{ loop.index }},
        {%- endfor %}
        customer_id
    from audience_lists
    group by customer_id
),

{% for model in plan.models -%}
found_{{ loop.index }} as (
    select distinct
        customer_id,
        as_of_date
    from rows_of_{{ model }}
),

{% endfor -%}
facts as (
    select
        profiles.customer_number,
        {%- for field in plan.fields %}
        profiles.{{ field }},
        {%- endfor %}
        {%- for _ in plan.measures %}
        coalesce(order_windows.measure_{{ loop.index }}, 0) as measure_{{ loop.index }},
        {%- endfor %}
        {%- for _ in plan.cut_points %}
        cuts.cut_{{ loop.index }},
        {%- endfor %}
        {%- for _ in plan.lists %}
        coalesce(listed.is_listed_{{ loop.index }}, false) as is_listed_{{ loop.index }},
        {%- endfor %}
        {%- for _ in plan.models %}
        found_{{ loop.index }}.customer_id is not null as is_found_{{ loop.index }},
        {%- endfor %}
        profiles.as_of_date
    from profiles
    left join order_windows
        on
            profiles.customer_number = order_windows.customer_number
            and profiles.as_of_date = order_windows.as_of_date
    left join cuts
        on profiles.as_of_date = cuts.as_of_date
    left join listed
        on profiles.customer_id = listed.customer_id
    {%- for _ in plan.models %}
    left join found_{{ loop.index }}
        on
            profiles.customer_id = found_{{ loop.index }}.customer_id
            and profiles.as_of_date = found_{{ loop.index }}.as_of_date
    {%- endfor %}
),

{% for level in plan.levels -%}
{%- set number = loop.index -%}
level_{{ number }} as (
    select
        customer_number,
        {%- for column in facts %}
        {{ column }},
        {%- endfor %}
        {%- for audience in level %}
        coalesce(
            {{ audience.conditions | join('\n            and ') }},
            false
        ) as in_{{ audience.id }},
        {%- endfor %}
        as_of_date
    from {{ 'facts' if number == 1 else 'level_' ~ (number - 1) }}
),

{% for audience in level %}{% do facts.append('in_' ~ audience.id) %}{% endfor -%}
{% endfor -%}
final as (
    select
        customer_number,
        {%- for id in plan.ids %}
        in_{{ id }},
        {%- endfor %}
        as_of_date
    from {{ 'level_' ~ plan.levels | length if plan.levels else 'facts' }}
)

select * from final

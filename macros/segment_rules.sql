{#
    The rules of segments that two models apply: the one that classifies, to what is, and the one
    that explains, to what would be after one more order or some days of silence. Each is one `case`, of
    which the first line that holds decides. Arguments are SQL expressions over one customer.
#}

{#
    Activity (int_activity_segments says what the classes mean). Arguments: order_count, a
    number; recency_days and tenure_days, days since the last and the first valid order;
    registered_days, days since the registration, NULL if there was none. Returns a segment_id.
#}
{% macro activity_rule(order_count, recency_days, tenure_days, registered_days) -%}
    case
        when {{ order_count }} = 0 then 'prospect'
        when
            {{ order_count }} = 1
            and (
                {{ tenure_days }} <= {{ var('activity_new_days') }}
                or {{ registered_days }} <= {{ var('activity_new_days') }}
            )
            then 'new'
        when {{ recency_days }} <= {{ var('activity_active_days') }} then 'active'
        when {{ recency_days }} <= {{ var('activity_lost_days') }} then 'dormant'
        else 'lost'
    end
{%- endmacro %}

{#
    The lifecycle stage (docs/decisions/lifecycle.md). Arguments: order_count; recency_days and
    tenure_days; purchase_day_count, days with a valid order; last_gap_days, between the last two
    of them; rhythm_days. Returns a segment_id.
#}
{% macro lifecycle_rule(
    order_count, recency_days, tenure_days, purchase_day_count, last_gap_days, rhythm_days
) -%}
    {%- set declining_ratio = segmentation.decimal_of(var('lifecycle_declining_ratio'), 9, 4) -%}
    {%- set churned_ratio = segmentation.decimal_of(var('lifecycle_churned_ratio'), 9, 4) -%}
    case
        when {{ order_count }} = 0 then 'prospect'
        when {{ recency_days }} > {{ churned_ratio }} * {{ rhythm_days }} then 'churned'
        when {{ recency_days }} > {{ declining_ratio }} * {{ rhythm_days }} then 'declining'
        when {{ purchase_day_count }} = 1 then 'onboarding'
        when {{ last_gap_days }} > {{ churned_ratio }} * {{ rhythm_days }} then 'reactivated'
        when
            {{ order_count }} >= {{ var('lifecycle_loyal_orders') }}
            and {{ tenure_days }} >= {{ var('lifecycle_loyal_days') }}
            then 'loyal'
        when {{ order_count }} >= {{ var('lifecycle_mature_orders') }} then 'mature'
        else 'growing'
    end
{%- endmacro %}

{#
    The spend grade of a value tier (docs/decisions/value-tier.md). Arguments: valid orders and net
    revenue of the last 365 days. Returns high, mid, low, or none without an order.
#}
{% macro spend_grade(order_count, net_revenue) -%}
    case
        when {{ order_count }} = 0 then 'none'
        when {{ net_revenue }} > {{ segmentation.decimal_of(var('value_tier_high_amount')) }} then 'high'
        when {{ net_revenue }} >= {{ segmentation.decimal_of(var('value_tier_mid_amount')) }} then 'mid'
        else 'low'
    end
{%- endmacro %}

{#  The frequency grade of a value tier. Argument: valid orders of the last 365 days.  #}
{% macro frequency_grade(order_count) -%}
    case
        when {{ order_count }} = 0 then 'none'
        when {{ order_count }} >= {{ var('value_tier_high_orders') }} then 'high'
        when {{ order_count }} >= {{ var('value_tier_mid_orders') }} then 'mid'
        else 'low'
    end
{%- endmacro %}

{#
    How severe it is that less is left of a window than of the one before: 2, 1, or 0 for no reason to
    worry. Arguments: recent and previous, the orders or the net revenue of both;
    previous_order_count, the orders of the window before.
#}
{% macro falling_severity(recent, previous, previous_order_count) -%}
    case
        when
            {{ previous_order_count }} >= {{ var('churn_min_previous_orders') }}
            and {{ previous }} > 0
            and {{ segmentation.least_left(previous) }} > 0
            and {{ recent }} < {{ segmentation.least_left(previous) }}
            then case when {{ recent }} <= 0 then 2 else 1 end
        else 0
    end
{%- endmacro %}

{#  The least of it that must be left of a window for it not to be falling. Argument as above.  #}
{% macro least_left(previous) -%}
    ({{ segmentation.decimal_of(1, 5, 4) }} - {{ segmentation.decimal_of(var('churn_falling_share'), 5, 4) }}) * {{ previous }}
{%- endmacro %}

{#
    The churn risk (docs/decisions/churn-risk.md). Arguments: order_count; reason_count;
    max_severity, 0 or NULL without a reason; is_judged, a condition: a reason could have held.
    Returns a segment_id.
#}
{% macro churn_rule(order_count, reason_count, max_severity, is_judged) -%}
    case
        when {{ order_count }} = 0 then 'none'
        when {{ max_severity }} = 2 or {{ reason_count }} >= {{ var('churn_high_reasons') }} then 'high'
        when {{ reason_count }} > 0 then 'medium'
        when {{ is_judged }} then 'low'
        else 'unknown'
    end
{%- endmacro %}

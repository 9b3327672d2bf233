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

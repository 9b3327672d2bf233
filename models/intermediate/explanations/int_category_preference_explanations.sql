{#
    One row per customer and as_of_date: why it prefers its category, and what would move it. Key:
    customer_number, as_of_date, segmentation_id. Said is the amount with which the category in second
    place is ahead: a cent more than it takes to draw level, as who wins a tie is not counted for all.
#}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

preferences as (
    select * from {{ ref('int_category_preferences') }}
),

customer_categories as (
    select * from {{ ref('int_customer_categories') }}
),

product_categories as (
    select * from {{ ref('int_product_categories') }}
),

names as (
    select distinct
        category_number,
        category
    from product_categories
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.order_count,
        preferences.category_count,
        preferences.segment_id
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join preferences
        on
            customers.customer_number = preferences.customer_number
            and customers.as_of_date = preferences.as_of_date
),

ranked as (
    select
        known.customer_id,
        known.customer_number,
        known.as_of_date,
        names.category,
        customer_categories.net_amount,
        row_number() over (
            partition by known.customer_id, known.customer_number, known.as_of_date
            order by
                case when names.category = known.segment_id then 0 else 1 end,
                customer_categories.net_amount desc,
                customer_categories.last_ordered_at desc,
                names.category_number
        ) as place
    from known
    inner join customer_categories
        on
            known.customer_number = customer_categories.customer_number
            and known.as_of_date = customer_categories.as_of_date
    inner join names
        on customer_categories.category_number = names.category_number
),

places as (
    select
        customer_id,
        customer_number,
        {%- for name, place in [('first', 1), ('second', 2)] %}
        max(case when place = {{ place }} then category end) as {{ name }}_category,
        max(case when place = {{ place }} then net_amount end) as {{ name }}_amount,
        {%- endfor %}
        as_of_date
    from ranked
    group by customer_id, customer_number, as_of_date
),

needed as (
    select
        known.*,
        places.first_category,
        {{ segmentation.decimal_of('places.first_amount') }} as first_amount,
        places.second_category,
        {{ segmentation.decimal_of('places.second_amount') }} as second_amount,
        {{ segmentation.decimal_of(
            'floor((places.first_amount - places.second_amount) * 100) * ' ~ cent ~ ' + ' ~ cent,
            18,
            2
        ) }} as amount_ahead
    from known
    left join places
        on
            known.customer_id = places.customer_id
            and known.customer_number = places.customer_number
            and known.as_of_date = places.as_of_date
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'category_preference' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('category_count', segmentation.text_of('category_count')),
            ('first_category', segmentation.json_text('first_category')),
            ('first_amount', segmentation.amount_text('first_amount')),
            ('second_category', segmentation.json_text('second_category')),
            ('second_amount', segmentation.amount_text('second_amount')),
        ]) }} as facts,
        case
            when order_count = 0 then 'order_count 0'
            when second_category is null
                then 'category_count ' || {{ segmentation.text_of('category_count') }}
            else
                'first_amount ' || {{ segmentation.amount_text('first_amount') }}
                || case when first_amount > second_amount then ' > ' else ' = ' end
                || 'second_amount ' || {{ segmentation.amount_text('second_amount') }}
        end as decided_by,
        second_category as nearest_segment_id,
        case when order_count = 0 or second_category is not null then 'orders' end as change_kind,
        {{ segmentation.decimal_of(
            'case when order_count = 0 or second_category is not null then 1 end', 18, 2
        ) }} as change_quantity,
        {{ segmentation.decimal_of(
            'case when amount_ahead > ' ~ cent ~ ' then amount_ahead end', 18, 2
        ) }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        second_category as change_detail
    from needed
)

select * from final

{#
    One row per customer and segmentation at as_of_date: the segment, the facts and the rule that
    decided, the nearest other segment and what leads there. Key: customer_id, segmentation_id. A
    view, worked out for the customers that are asked for.
#}
with as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

explanations as (
    select * from {{ ref('int_segment_explanations') }}
),

segments as (
    select * from {{ ref('segments') }}
),

explained as (
    select
        explanations.customer_id,
        explanations.as_of_date,
        explanations.segmentation_id,
        explanations.segment_id,
        segments.label_en,
        segments.label_zh,
        segments.definition_en,
        segments.definition_zh,
        explanations.facts,
        explanations.decided_by,
        explanations.nearest_segment_id,
        nearest.label_en as nearest_label_en,
        nearest.label_zh as nearest_label_zh,
        explanations.change_kind,
        explanations.change_quantity,
        explanations.change_amount,
        explanations.change_by,
        explanations.change_detail,
        {%- for language in ['en', 'zh'] %}
        case
            when explanations.change_kind = 'attribute'
                then
                    case explanations.change_detail
                        {%- for name, words in segmentation.attribute_names().items() %}
                        when '{{ name }}' then '{{ words[language] }}'
                        {%- endfor %}
                        else explanations.change_detail
                    end
            else coalesce(details.label_{{ language }}, explanations.change_detail)
        end as where_{{ language }},
        {%- endfor %}
        {{ segmentation.text_of('cast(explanations.change_quantity as bigint)') }} as count_text,
        {{ segmentation.decimal_text('explanations.change_quantity', 2) }} as quantity_text,
        {{ segmentation.decimal_text('explanations.change_amount', 2) }} as amount_text,
        {{ segmentation.day_text('explanations.change_by') }} as day_text
    from explanations
    inner join as_of_dates
        on explanations.as_of_date = as_of_dates.as_of_date
    left join segments
        on
            explanations.segmentation_id = segments.segmentation_id
            and explanations.segment_id = segments.segment_id
    left join segments as nearest
        on
            explanations.segmentation_id = nearest.segmentation_id
            and explanations.nearest_segment_id = nearest.segment_id
    left join segments as details
        on
            explanations.segmentation_id = details.segmentation_id
            and explanations.change_detail = details.segment_id
),

worded as (
    select
        explained.*,
        'at least ' || amount_text
        || case when change_quantity > 1 then ' in all' else '' end as least_en,
        case when change_quantity > 1 then '合计金额不少于 ' else '金额不少于 ' end
        || amount_text as least_zh
    from explained
),

final as (
    select
        customer_id,
        as_of_date,
        segmentation_id,
        segment_id,
        label_en,
        label_zh,
        definition_en,
        definition_zh,
        facts,
        decided_by,
        nearest_segment_id,
        nearest_label_en,
        nearest_label_zh,
        change_kind,
        change_quantity,
        change_amount,
        change_by,
        change_detail,
        case change_kind
            when 'orders'
                then
                    count_text
                    || case change_quantity when 1 then ' more order' else ' more orders' end
                    || coalesce(
                        ' (' || where_en || coalesce(': ' || least_en, '') || ')',
                        ' of ' || least_en,
                        ''
                    )
                    || coalesce(' by ' || day_text, '')
            when 'amount'
                then quantity_text || ' more in one order' || coalesce(' by ' || day_text, '')
            when 'profit' then quantity_text || ' more gross profit'
            when 'wait' then coalesce('no order until ' || day_text, 'time alone')
            when 'attribute' then where_en || ' added or changed'
        end as change_en,
        case change_kind
            when 'orders'
                then
                    '再下 ' || count_text || ' 单'
                    || coalesce(
                        '（' || where_zh || coalesce('，' || least_zh, '') || '）',
                        '，' || least_zh,
                        ''
                    )
                    || coalesce('，不晚于 ' || day_text, '')
            when 'amount' then '单笔再消费 ' || quantity_text || coalesce('，不晚于 ' || day_text, '')
            when 'profit' then '再贡献毛利 ' || quantity_text
            when 'wait' then coalesce('至 ' || day_text || ' 仍未下单', '随时间推移自然变化')
            when 'attribute' then '补充或变更' || where_zh
        end as change_zh
    from worded
)

select * from final

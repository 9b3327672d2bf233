-- Rows in, literals out, on the engine of this run: medians, conditions, NULL order.
{% set values_of %}
    (
        select 3 as n, 'a' as word
        union all
        select 1 as n, 'b' as word
        union all
        select 10 as n, 'c' as word
        union all
        select 4 as n, 'd' as word
        union all
        select {{ segmentation.null_of('integer') }} as n, 'e' as word
    ) as given
{% endset %}
{% set yes_if = "(select case when " %}
{{ segmentation.literal_cases([
    (yes_if ~ segmentation.median('n') ~ " = " ~ segmentation.decimal_of("'3.5'", 18, 1) ~ " then 'yes' end from " ~ values_of ~ ")", 'yes'),
    (yes_if ~ segmentation.median('n') ~ " = 3 then 'yes' end from " ~ values_of ~ " where n < 10 or n is null)", 'yes'),
    (yes_if ~ segmentation.median('n') ~ " is null then 'yes' end from " ~ values_of ~ " where n is null)", 'yes'),
    (yes_if ~ segmentation.any_true('n > 5') ~ " then 'yes' else 'no' end from " ~ values_of ~ ")", 'yes'),
    (yes_if ~ segmentation.any_true('n > 50') ~ " then 'yes' else 'no' end from " ~ values_of ~ ")", 'no'),
    (yes_if ~ segmentation.all_true('n > 0') ~ " then 'yes' else 'no' end from " ~ values_of ~ ")", 'no'),
    (yes_if ~ segmentation.all_true('n > 0') ~ " then 'yes' else 'no' end from " ~ values_of ~ " where n is not null)", 'yes'),
    ("(select " ~ segmentation.count_if('n > 2') ~ " from " ~ values_of ~ ")", '3'),
    ("(select max(case when place = 5 then word end) from (select word, row_number() over (order by " ~ segmentation.nulls_last('n') ~ ", word) as place from "
        ~ values_of ~ ") as placed)", 'e'),
    ("(select max(case when place = 5 then word end) from (select word, row_number() over (order by " ~ segmentation.nulls_last('n', 'desc') ~ ", word) as place from "
        ~ values_of ~ ") as placed)", 'e'),
]) }}

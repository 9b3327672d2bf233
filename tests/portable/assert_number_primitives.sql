-- Literals in, literals out, on the engine of this run: decimals, quotients, NULL.
{% set yes_if = "case when " %}
{{ segmentation.literal_cases([
    (yes_if ~ segmentation.safe_decimal("'-12.50'") ~ " = -12.5 then 'yes' end", 'yes'),
    (yes_if ~ segmentation.safe_decimal("'1234567890123.1234'") ~ " = " ~ segmentation.decimal_of("'1234567890123.1234'", 18, 4) ~ " then 'yes' end", 'yes'),
    (segmentation.safe_decimal("'12345678901234'"), none),
    (segmentation.safe_decimal("'1e3'"), none),
    (segmentation.safe_decimal("'1,5'"), none),
    (segmentation.safe_decimal("''"), none),
    (yes_if ~ segmentation.decimal_of("'1.25'", 18, 1) ~ " = " ~ segmentation.decimal_of("'1.3'", 18, 1) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.decimal_of("'-1.25'", 18, 1) ~ " = " ~ segmentation.decimal_of("'-1.3'", 18, 1) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.decimal_of(segmentation.exact_product("'12345678901.2345'", "'7.12345678'"), 18, 2)
        ~ " = " ~ segmentation.decimal_of("'87943910072.70'", 18, 2) ~ " then 'yes' end", 'yes'),
    (segmentation.whole_quotient('7', '2'), '3'),
    (segmentation.whole_quotient('6', '2'), '3'),
    (segmentation.whole_quotient('0', '5'), '0'),
    (yes_if ~ segmentation.divide('1', '8', 2) ~ " = " ~ segmentation.decimal_of("'0.13'", 18, 2) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.divide('-1', '8', 2) ~ " = " ~ segmentation.decimal_of("'-0.13'", 18, 2) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.divide('2', '3', 4) ~ " = " ~ segmentation.decimal_of("'0.6667'", 18, 4) ~ " then 'yes' end", 'yes'),
    (segmentation.divide('1', '0', 2), none),
    (yes_if ~ segmentation.amount_per(segmentation.decimal_of("'10.0050'"), '1') ~ " = " ~ segmentation.decimal_of("'10.01'", 18, 2) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.line_amount(segmentation.decimal_of("'2.5'"), segmentation.decimal_of("'0.0001'"))
        ~ " = " ~ segmentation.decimal_of("'0.0003'", 18, 4) ~ " then 'yes' end", 'yes'),
    (segmentation.line_amount(segmentation.decimal_of("'1000000000'"), segmentation.decimal_of("'0'")), none),
    (segmentation.line_amount(segmentation.decimal_of("'2'"), segmentation.decimal_of("'5000000000000'")), none),
    (yes_if ~ segmentation.scaled_amount(segmentation.decimal_of("'99999999999.9999'"), segmentation.decimal_of("'0.0001'"), segmentation.decimal_of("'0.0002'"))
        ~ " = " ~ segmentation.decimal_of("'50000000000'", 18, 4) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.scaled_amount(segmentation.decimal_of("'-0.01'"), segmentation.decimal_of("'2'"), segmentation.decimal_of("'3'"))
        ~ " = " ~ segmentation.decimal_of("'-0.0067'", 18, 4) ~ " then 'yes' end", 'yes'),
    (yes_if ~ segmentation.scaled_amount(segmentation.decimal_of("'12345678901234.5678'"), segmentation.decimal_of("'7'"), segmentation.decimal_of("'7'"))
        ~ " = " ~ segmentation.decimal_of("'12345678901234.5678'", 18, 4) ~ " then 'yes' end", 'yes'),
    (segmentation.scaled_amount(segmentation.decimal_of("'1'"), segmentation.decimal_of("'0'"), segmentation.decimal_of("'0'")), none),
]) }}

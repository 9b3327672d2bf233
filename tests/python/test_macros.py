"""Every macro that models and staging build on: literals in, literals out.

All calls go through one run of dbt per set of vars; each case is compared by itself.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import RunDbt
from macro_calls import returned_texts, sql_values

VARS = {
    "run_date": "2024-02-28",
    "as_of_date": "2024-02-29",
    "business_timezone": "Asia/Shanghai",
    "reporting_currency": "CNY",
}


@dataclass(frozen=True)
class Case:
    """A macro call inside SQL and the text that it must give."""

    sql: str
    expected: str | None


def literal(text: str | None) -> str:
    """A Python text as an SQL literal inside a Jinja string in double quotes."""
    if text is None:
        return "cast(null as varchar)"
    pieces = "'" + text.replace("'", "''") + "'"
    for character in ("\t", "\n", "\r", "\\", '"'):
        pieces = pieces.replace(character, f"' || chr({ord(character)}) || '")
    return f"({pieces})"


def of_text(macro: str, text: str | None, expected: str | None) -> Case:
    return Case(f'{{{{ segmentation.{macro}("{literal(text)}") }}}}', expected)


def of(call: str, expected: str | None) -> Case:
    return Case(f"{{{{ segmentation.{call} }}}}", expected)


def at(macro: str, moment: str, expected: str, *more: str) -> Case:
    arguments = ", ".join([f"\"cast('{moment}' as timestamp)\"", *more])
    return Case(f"{{{{ segmentation.{macro}({arguments}) }}}}", expected)


CLEAN_TEXT = [
    of_text("clean_text", " a ", "a"),
    of_text("clean_text", "a b", "a b"),
    of_text("clean_text", "", None),
    of_text("clean_text", "   ", None),
    of_text("clean_text", None, None),
    of_text("clean_text", "\ta\r\n", "a"),
    of_text("clean_text", "\t\n\r ", None),
    of_text("clean_text", "\u00a0a\u3000", "a"),
    of_text("clean_text", "\u00a0\u3000", None),
    of_text("clean_text", "a\tb\u3000c", "a b c"),
    of("clean_text('12')", "12"),
]

TYPES = [
    Case("'{{ segmentation.portable_type('date') }}'", "date"),
    Case("'{{ segmentation.portable_type('decimal(18, 4)') }}'", "decimal(18, 4)"),
    *(
        Case(f"typeof({{{{ segmentation.null_of('{portable}') }}}})", engine)
        for portable, engine in {
            "string": "VARCHAR",
            "timestamp": "TIMESTAMP",
            "date": "DATE",
            "boolean": "BOOLEAN",
            "integer": "INTEGER",
            "bigint": "BIGINT",
            "decimal(18, 4)": "DECIMAL(18,4)",
        }.items()
    ),
    of("null_of('string')", None),
]

REGULAR_EXPRESSIONS = [
    of("regexp_like(\"'a1'\", '[0-9]')", "true"),
    of("regexp_like(\"'ab'\", '[0-9]')", "false"),
    of("regexp_like(\"'a b'\", '[[:space:]]')", "true"),
    of("regexp_like('cast(null as varchar)', '[0-9]')", None),
    of("regexp_remove(\"'1-2-3'\", '[^0-9]')", "123"),
    of("regexp_remove(\"'0012'\", '^00')", "12"),
    of("regexp_remove(\"'123'\", '[^0-9]')", "123"),
]

# Germany puts the clock forward on 31 March 2024 at 01:00 UTC; China has no summer time
ZONES = [
    at("convert_zone", "2024-01-01 00:00:00", "2023-12-31 16:00:00", "'Asia/Shanghai'", "'UTC'"),
    at("convert_zone", "2024-01-01 00:00:00", "2024-01-01 00:00:00", "'UTC'", "'UTC'"),
    at("to_utc", "2024-03-31 01:59:59", "2024-03-31 00:59:59", "'Europe/Berlin'"),
    at("to_utc", "2024-03-31 03:00:00", "2024-03-31 01:00:00", "'Europe/Berlin'"),
    at("to_utc", "2024-07-01 12:00:00", "2024-07-01 16:00:00", "'America/New_York'"),
    at("to_utc", "2024-07-01 12:00:00", "2024-07-01 12:00:00", "'UTC'"),
    at("to_business_time", "2024-02-28 15:59:59", "2024-02-28 23:59:59"),
    at("to_business_time", "2024-02-28 16:00:00", "2024-02-29 00:00:00"),
    at("business_date", "2024-02-28 15:59:59.999999", "2024-02-28"),
    at("business_date", "2024-02-28 16:00:00", "2024-02-29"),
]

DAYS = [
    of("date_literal('2024-02-29')", "2024-02-29"),
    of("last_known_day()", "2024-02-29"),
    of("days_between(\"date '2024-02-28'\", \"date '2024-03-01'\")", "2"),
    of("days_between(\"date '2023-02-28'\", \"date '2023-03-01'\")", "1"),
    of("days_between(\"date '2024-03-01'\", \"date '2024-02-28'\")", "-2"),
    of("days_between(\"date '2024-03-01'\", \"date '2024-03-01'\")", "0"),
    of("days_between('cast(null as date)', \"date '2024-03-01'\")", None),
    of("updated_or_never('cast(null as timestamp)')", "1900-01-01 00:00:00"),
    at("updated_or_never", "2024-02-29 01:02:03", "2024-02-29 01:02:03"),
    at("sortable_time", "2024-02-29 01:02:03", "2024-02-29 01:02:03"),
    at("sortable_time", "2024-02-29 01:02:03.9", "2024-02-29 01:02:03"),
    at("sortable_time", "2024-02-29 00:00:00", "2024-02-29 00:00:00"),
    of("behind_time(\"'2024-02-29 01:02:03|order:shop:1|2'\")", "order:shop:1|2"),
    of("behind_time('cast(null as varchar)')", None),
]

DECIMALS = [
    of_text("safe_decimal", text, expected)
    for text, expected in {
        "12.50": "12.5000",
        " -12.50 ": "-12.5000",
        "+3": "3.0000",
        "0": "0.0000",
        "007": "7.0000",
        "1.23456": "1.2346",
        "-1.00005": "-1.0001",
        "\t12\u00a0": "12.0000",
        "1234567890123.1234": "1234567890123.1234",
        "-9999999999999.99994": "-9999999999999.9999",
        "9999999999999.99995": "10000000000000.0000",
        "12345678901234": None,
        "1,234.50": None,
        "12,50": None,
        "1e3": None,
        ".5": None,
        "5.": None,
        "--5": None,
        "5 000": None,
        "¥5": None,
        "NaN": None,
        "Infinity": None,
        "n/a": None,
        "": None,
        "１２": None,
    }.items()
] + [of_text("safe_decimal", None, None)]

CALENDAR = {
    "2024-02-29": True,
    "2023-02-29": False,
    "2000-02-29": True,
    "1900-02-29": False,
    "2024-02-30": False,
    "2024-04-30": True,
    "2024-04-31": False,
    "2024-06-31": False,
    "2024-09-31": False,
    "2024-11-31": False,
    "2024-12-31": True,
    "2024-13-01": False,
    "2024-00-10": False,
    "2024-01-00": False,
    "2024-01-32": False,
    "0001-01-01": True,
}
# Postgres has no cast that gives NULL: its days are counted in SQL, which any engine can run.
CALENDAR_DATES = [
    Case(
        f"{{{{ segmentation.{call} }}}}".replace("TEXT", f"'{text}'"),
        text if is_a_day else None,
    )
    for call in ('safe_date("TEXT")', "postgres__cast_or_null(\"TEXT\", 'date')")
    for text, is_a_day in CALENDAR.items()
]

TIMESTAMPS = [
    of_text("safe_timestamp", text, expected)
    for text, expected in {
        "2024-01-31": "2024-01-31 00:00:00",
        "2024-01-31 08:15": "2024-01-31 08:15:00",
        "2024-01-31 08:15:59": "2024-01-31 08:15:59",
        "2024-01-31T08:15:59Z": "2024-01-31 08:15:59",
        " 2024-01-31 08:15:59.123456 ": "2024-01-31 08:15:59.123456",
        "2024-02-29 23:59:59": "2024-02-29 23:59:59",
        "2023-02-29 00:00:00": None,
        "0000-00-00 00:00:00": None,
        "0000-01-01 00:00:00": None,
        "\t2024-01-31\n": "2024-01-31 00:00:00",
        "2024-01-31 24:00:00": None,
        "2024-01-31 23:60:00": None,
        "2024-01-31 23:59:60": None,
        "2024-01-31 08": None,
        "2024-01-31 8:15": None,
        "2024-01-31T08:15:59+08:00": None,
        "2024-01-31 08:15:59 PM": None,
        "2024-1-31": None,
        "20240131": None,
        "31.01.2024 08:15": None,
        "01/31/2024": None,
        "yesterday": None,
        "": None,
    }.items()
] + [of_text("safe_timestamp", None, None)]

DATES = [
    of_text("safe_date", text, expected)
    for text, expected in {
        "2024-02-29": "2024-02-29",
        " 2024-02-28 ": "2024-02-28",
        "2023-02-29": None,
        "0000-01-01": None,
        "2024-02-29 00:00:00": None,
        "2024-2-9": None,
        "29/02/2024": None,
        "": None,
    }.items()
] + [of_text("safe_date", None, None)]

DIVISIONS = [
    of(f"divide('{numerator}', '{denominator}', {places})", expected)
    for numerator, denominator, places, expected in [
        ("1", "8", 2, "0.13"),
        ("-1", "8", 2, "-0.13"),
        ("1", "3", 4, "0.3333"),
        ("2", "3", 4, "0.6667"),
        ("2", "3", 2, "0.67"),
        ("1", "200", 2, "0.01"),
        ("-1", "200", 2, "-0.01"),
        ("1", "201", 2, "0.00"),
        ("5", "2", 0, "3"),
        ("-5", "2", 0, "-3"),
        ("4", "2", 0, "2"),
        ("0", "7", 4, "0.0000"),
        ("7", "0", 2, None),
        ("0", "0", 2, None),
        ("cast(null as bigint)", "7", 2, None),
        ("7", "cast(null as bigint)", 2, None),
        ("1 + 1", "1 + 2", 4, "0.6667"),
        ("123456789012", "7", 2, "17636684144.57"),
        ("1", "3", 1, "0.3"),
        ("1", "4", 1, "0.3"),
        ("-1", "4", 1, "-0.3"),
        ("2", "3", 3, "0.667"),
        ("1", "2000", 3, "0.001"),
        ("1", "2001", 3, "0.000"),
        ("123456789012345", "1000", 4, "123456789012.3450"),
    ]
] + [
    of("amount_per('62.505', '3')", "20.84"),
    of("amount_per('0.0149', '3')", "0.00"),
    of("amount_per('0.0150', '3')", "0.01"),
    of("amount_per('-0.0150', '3')", "-0.01"),
    of("amount_per('10', '0')", None),
    of("amount_per('cast(1234567890.1234 as decimal(18, 4))', '1')", "1234567890.12"),
    of("amount_per('cast(9999999999.9949 as decimal(18, 4))', '1')", "9999999999.99"),
    of("amount_per('cast(9999999999999.9949 as decimal(38, 4))', '1')", "9999999999999.99"),
    of("amount_per('cast(-9999999999999.9950 as decimal(38, 4))', '1')", "-10000000000000.00"),
    of("amount_per('cast(9999999999999.9999 as decimal(38, 4))', '3000')", "3333333333.33"),
]

MEDIANS = [
    Case(
        "(select {{ segmentation.median('gap') }} from (values " + values + ") as gaps (gap))",
        expected,
    )
    for values, expected in [
        ("(3), (1), (2)", "2.00000"),
        ("(4), (1), (2), (3)", "2.50000"),
        ("(7)", "7.00000"),
        ("(1), (null), (3)", "2.00000"),
        ("(cast(null as integer))", None),
    ]
]

MONEY = [
    of(f"to_reporting_currency('{amount}', \"{currency}\", '{rate}')", expected)
    for amount, currency, rate, expected in [
        ("10.0049", "'CNY'", "1", "10.0049"),
        ("10.0049", "'CNY'", "cast(null as decimal(18, 8))", "10.0049"),
        ("0.67", "'EUR'", "7.5", "5.0300"),
        ("-0.67", "'EUR'", "7.5", "-5.0300"),
        ("1.01 - 0.01", "'EUR'", "7.5", "7.5000"),
        ("1", "'EUR'", "0.00125", "0.0000"),
        ("1", "'EUR'", "0.00500", "0.0100"),
        ("cast(null as decimal(18, 4))", "'EUR'", "7.5", None),
        ("1", "'EUR'", "cast(null as decimal(18, 8))", None),
    ]
]

TOUCHES = [
    *(
        of(f'matches_pattern("\'{value}\'", "{pattern}")', expected)
        for value, pattern, expected in [
            ("google", "null", "true"),
            ("", "null", "true"),
            ("google", "''", "true"),
            ("", "'(none)'", "true"),
            ("google", "'(none)'", "false"),
            ("(none)", "'(none)'", "true"),
            ("google", "'goo%'", "true"),
            ("goo", "'goo%'", "true"),
            ("agoo", "'goo%'", "false"),
            ("google", "'google'", "true"),
            ("google.com", "'google'", "false"),
            ("e-mail", "'e_mail'", "true"),
            ("", "'%'", "true"),
            ("", "'google'", "false"),
        ]
    ),
    at("touch_position", "2000-01-01 00:00:10", "1003", "'3'"),
    at("touch_position", "2000-01-01 00:00:00", "20", "'20'"),
    at("touch_position", "1999-12-31 23:59:59", "-97", "'3'"),
    at("touch_position", "2026-07-01 00:00:00", "83617920019", "'19'"),
    of("rank_of_touch('1003')", "3"),
    of("rank_of_touch('20')", "20"),
    of("rank_of_touch('-97')", "3"),
    of("rank_of_touch('83617920019')", "19"),
    of("rank_of_touch('cast(null as bigint)')", None),
]

GUEST_DETAILS = [
    Case(
        "(select {{ segmentation.guest_detail('email') }} from (values ("
        + ", ".join(literal(value) for value in row)
        + ")) as records (contact_id, email))",
        expected,
    )
    for row, expected in [
        ((None, "A@x.cn "), "A@x.cn "),
        ((None, None), ""),
        (("7", "a@x.cn"), None),
        (("7", None), None),
    ]
]

GROUPS = {
    "clean_text": CLEAN_TEXT,
    "types": TYPES,
    "regular expressions": REGULAR_EXPRESSIONS,
    "zones": ZONES,
    "days": DAYS,
    "decimals": DECIMALS,
    "calendar dates": CALENDAR_DATES,
    "timestamps": TIMESTAMPS,
    "dates": DATES,
    "divisions": DIVISIONS,
    "medians": MEDIANS,
    "money": MONEY,
    "touches": TOUCHES,
    "guest details": GUEST_DETAILS,
}
CASES = [case for group in GROUPS.values() for case in group]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("macros")


@pytest.fixture(scope="module")
def answers(run_dbt: RunDbt, folder: Path) -> dict[str, str | None]:
    """What the engine says to each case, by its SQL."""
    values = sql_values(run_dbt, [case.sql for case in CASES], folder=folder, vars=VARS)
    return {case.sql: value for case, value in zip(CASES, values, strict=True)}


@pytest.mark.parametrize("group", GROUPS)
def test_literals_in_literals_out(group: str, answers: dict[str, str | None]) -> None:
    expected = {case.sql: case.expected for case in GROUPS[group]}
    assert {sql: answers[sql] for sql in expected} == expected


def test_a_touch_gives_its_rank_back(run_dbt: RunDbt, folder: Path) -> None:
    moments = ["1970-01-01 00:00:00", "1999-12-31 23:59:59", "2000-01-01 00:00:00"]
    position = "segmentation.touch_position(\"cast('{moment}' as timestamp)\", '{rank}')"
    cases = [(moment, rank) for moment in moments for rank in (0, 1, 20, 99)]
    values = sql_values(
        run_dbt,
        [
            "{{ segmentation.rank_of_touch(" + position.format(moment=moment, rank=rank) + ") }}"
            for moment, rank in cases
        ],
        folder=folder,
        vars=VARS,
    )
    assert values == [str(rank) for _, rank in cases]


RAW_ROWS: list[dict[str, str | None]] = [
    {"order_id": "o1", "note": 'say "hi"', "email": "lily@example.com", "phone": None},
    {"order_id": None, "note": "C:\\path\\", "email": None, "phone": "13800138000"},
    {"order_id": "o3", "note": "two\nlines\r\nof it's\t中文", "email": "", "phone": ""},
]


def test_raw_values_are_json_and_mask_what_is_personal(run_dbt: RunDbt, folder: Path) -> None:
    expressions = []
    for row in RAW_ROWS:
        columns = ", ".join(f"{literal(value)} as {name}" for name, value in row.items())
        expressions.append(
            "(select {{ segmentation.raw_values(['order_id', 'note'], personal=['email', 'phone'])"
            " }} from (select " + columns + ") as raw_rows)"
        )
    expressions.append(
        "(select {{ segmentation.raw_values(['amount', 'day', 'is_paid']) }} from"
        " (select 12.50 as amount, date '2024-02-29' as day, true as is_paid) as raw_rows)"
    )
    values = sql_values(run_dbt, expressions, folder=folder, vars=VARS)
    *rows, typed = [json.loads(value or "") for value in values]
    masked = [
        {
            name: "[personal]" if name in {"email", "phone"} and value is not None else value
            for name, value in row.items()
        }
        for row in RAW_ROWS
    ]
    assert rows == masked
    assert typed == {"amount": "12.50", "day": "2024-02-29", "is_paid": "true"}


def test_any_text_is_a_json_value(run_dbt: RunDbt, folder: Path) -> None:
    """Every control character but 0, which Postgres has no text with, and what JSON quotes with."""
    texts = ["", 'a "b" c:\\d', "中文 /", *(f"a{chr(code)}b" for code in range(1, 32))]
    pieces = [
        f"'a' || chr({ord(text[1])}) || 'b'" if text[1:2] and ord(text[1]) < 32 else literal(text)
        for text in texts
    ]
    macros = ("json_text", "default__json_text")  # DuckDB's own, and that of most engines
    calls = [
        f"(select {{{{ segmentation.{macro}('one') }}}} from (select {piece} as one) as ones)"
        for macro in macros
        for piece in pieces
    ]
    values = sql_values(run_dbt, calls, folder=folder, vars=VARS)
    assert [json.loads(value or "") for value in values] == texts * 2
    assert values[: len(texts)] == values[len(texts) :]


def test_the_clock_is_the_run_and_its_vars(run_dbt: RunDbt, folder: Path) -> None:
    calls = ["segmentation.run_date() | trim", "segmentation.as_of_date() | trim"]
    assert returned_texts(run_dbt, calls, folder=folder, vars=VARS) == ["2024-02-28", "2024-02-29"]


def test_without_vars_the_clock_is_the_business_day_of_the_start(
    run_dbt: RunDbt, folder: Path
) -> None:
    zone = "Pacific/Kiritimati"  # 14 hours ahead of UTC: another day there than here, mostly
    given = {"as_of_date": None, "run_date": None, "business_timezone": zone}
    before = datetime.now(UTC)
    *days, tomorrow = returned_texts(
        run_dbt,
        [
            "segmentation.run_date() | trim",
            "segmentation.as_of_date() | trim",
            "segmentation.last_known_day() | trim",
        ],
        folder=folder,
        vars=given,
    )
    possible = {moment.astimezone(ZoneInfo(zone)).date() for moment in (before, datetime.now(UTC))}
    assert days[0] == days[1]
    assert days[0] in {day.isoformat() for day in possible}
    assert tomorrow in {f"cast('{day + timedelta(days=1)}' as date)" for day in possible}


def test_the_nearest_name_is_suggested_and_a_far_one_is_not(run_dbt: RunDbt, folder: Path) -> None:
    names = "['as_of_date', 'run_date', 'rfm_preset']"
    calls = {
        f"segmentation.closest('as_of_dat', {names})": "as_of_date",
        f"segmentation.closest('RFM_PRESETS', {names})": "rfm_preset",
        f"segmentation.closest('colour', {names})": "None",
        "segmentation.closest('anything', [])": "None",
        f"segmentation.did_you_mean('rundate', {names})": ' Did you mean "run_date"?',
        f"segmentation.did_you_mean('colour', {names})": "",
        "segmentation.is_date_text('2024-02-29')": "True",
        "segmentation.is_date_text('2023-02-29')": "False",
        "segmentation.is_date_text('1900-02-29')": "False",
        "segmentation.is_date_text('2000-02-29')": "True",
        "segmentation.is_date_text('2024-04-31')": "False",
        "segmentation.is_date_text('2024-13-01')": "False",
        "segmentation.is_date_text('2024-2-9')": "False",
        r"segmentation.is_date_text('2024-02-29\n')": "False",
        "segmentation.is_date_text(20240229)": "False",
        "segmentation.is_date_text(none)": "False",
        "segmentation.is_date_text(modules.datetime.date(2024, 2, 29))": "True",
        "segmentation.shown(['a', 1, none, true, 'true'])": '["a", 1, empty, true, "true"]',
        "segmentation.shown({'a': false})": "{a: false}",
        "segmentation.shown({'a': [modules.datetime.date(2024, 2, 29)]})": '{a: ["2024-02-29"]}',
    }
    values = returned_texts(run_dbt, list(calls), folder=folder, vars=VARS)
    assert dict(zip(calls, values, strict=True)) == calls


def test_definitions_are_filled_with_the_values_of_vars(run_dbt: RunDbt, folder: Path) -> None:
    given = VARS | {
        "pareto_head_share": 0.07,
        "pareto_torso_share": 0.1234,
        "churn_falling_share": 1,
        "value_tier_high_amount": 100000,
        "churn_overdue_ratio": 1.5,
    }
    words = {
        "the first pareto_head_share, then pareto_torso_share": "the first 7%, then 12.34%",
        "合计贡献前 pareto_head_share": "合计贡献前 7%",
        "above value_tier_high_amount, churn_falling_share": "above 100000, 100%",
        "churn_overdue_ratio times": "1.5 times",
        "no var in it": "no var in it",
    }
    known = [f"segmentation.with_var_values({text!r})" for text in words]
    assert returned_texts(run_dbt, known, folder=folder, vars=given) == list(words.values())

    column = (
        "{{% set text = namespace(sql=\"'{}'\") %}}"
        "{{% for values in segmentation.var_value_steps() %}}"
        "{{% set text.sql = segmentation.with_values(text.sql, values) %}}"
        "{{% endfor %}}{{{{ text.sql }}}}"
    )
    filled = sql_values(run_dbt, [column.format(text) for text in words], folder=folder, vars=given)
    assert filled == list(words.values())


def test_no_step_nests_more_than_ten_calls_and_none_is_missing(
    run_dbt: RunDbt, folder: Path
) -> None:
    steps, rules = returned_texts(
        run_dbt,
        ["segmentation.var_value_steps() | tojson", "segmentation.var_rules() | tojson"],
        folder=folder,
        vars=VARS,
    )
    named = [[entry["name"] for entry in step] for step in json.loads(str(steps))]
    assert max(map(len, named)) <= 10
    numeric = {"integer", "number", "share"}
    wanted = [name for name, rule in json.loads(str(rules)).items() if rule["kind"] in numeric]
    assert sorted(name for step in named for name in step) == sorted(wanted)


def test_weights_are_whole_numbers(run_dbt: RunDbt, folder: Path) -> None:
    given = VARS | {
        "vip_weight_recency": 0.1,
        "vip_weight_frequency": 2.5,
        "vip_weight_monetary": 0.00004,
    }
    (weights,) = returned_texts(
        run_dbt, ["segmentation.vip_weights() | tojson"], folder=folder, vars=given
    )
    assert json.loads(str(weights)) == {"r_score": 1000, "f_score": 25000, "m_score": 0}

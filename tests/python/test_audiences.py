"""Audiences: every error sentence, and random rules against a plain Python evaluator."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from audience_oracle import Customer, Key, Line, Sale, World, members
from conftest import PROJECT_ROOT, RunDbt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from macro_calls import returned_texts
from project_copy import change, copy_project
from segmentation.audiences import REFERENCE, reference_page, worded_segments

Audience = dict[str, Any]

MARTS = PROJECT_ROOT / "models" / "marts"

WORDS = {
    "label_en": "A",
    "label_zh": "甲",
    "description_en": "A",
    "description_zh": "甲",
    "owner": "crm",
}
FIELDS = {
    "order_count": "number",
    "net_revenue": "number",
    "gross_revenue": "number",
    "recency_days": "number",
    "city": "text",
    "tags": "text",
    "registered_date": "date",
    "has_marketing_consent": "boolean",
}


def audience(where: Any, **parts: Any) -> Audience:
    """An audience with nothing wrong but what is given."""
    return {"id": "vip", **WORDS, "where": where, **parts}


SOME = {"field": "order_count", "at_least": 1}

# --- sentences

NUMBER_OPERATORS = (
    "is, is_not, in, not_in, at_least, at_most, more_than, less_than, between, top_percent, "
    "bottom_percent, is_known"
)
MEASURE_OPERATORS = "is, is_not, in, not_in, at_least, at_most, more_than, less_than, between"
TEXT_OPERATORS = "is, is_not, in, not_in, starts_with, has_tag, is_known"
DATE_OPERATORS = "between, on_day, before, on_or_before, after, on_or_after, is_known"
ORDER_FILTERS = (
    "from_days_ago, to_days_ago, purchase_channel, marketing_channel, category, product_id, "
    "paid_at_least, paid_at_most, is_discounted"
)
SUBJECTS = "all, any, not, field, segment, orders, audience, list, model"

# a rule, and what is said of it behind 'The audience "vip", where'
RULES: list[tuple[Any, str]] = [
    # fields
    (
        {"field": "order_cout", "at_least": 1},
        '.field: "order_cout" is no column of marts.customers. Did you mean "order_count"?',
    ),
    (
        {"all": [SOME, {"any": [{"field": "zzz", "is": 1}]}]},
        '.all[1].any[0].field: "zzz" is no column of marts.customers.',
    ),
    (
        {"not": {"field": "'); drop table customers; --", "is": 1}},
        '.not.field: "\'); drop table customers; --" is no column of marts.customers.',
    ),
    ({"field": ["city"], "is": "a"}, '.field: ["city"] is no column of marts.customers.'),
    # operators
    (
        {"field": "order_count"},
        f': "order_count" needs one operator, and has none; allowed: {NUMBER_OPERATORS}.',
    ),
    (
        {"field": "order_count", "at_least": 1, "at_most": 2},
        ': "order_count" needs one operator, and has at_least and at_most; allowed: '
        f'{NUMBER_OPERATORS}. Two conditions are written as two, in a list behind "all".',
    ),
    (
        {"field": "order_count", ">=": 1},
        '.>=: "order_count" is a number and has no operator ">="; allowed: '
        f'{NUMBER_OPERATORS}. Did you mean "at_least"?',
    ),
    (
        {"field": "order_count", "at_lest": 1},
        '.at_lest: "order_count" is a number and has no operator "at_lest"; allowed: '
        f'{NUMBER_OPERATORS}. Did you mean "at_least"?',
    ),
    (
        {"field": "order_count", "starts_with": "1"},
        '.starts_with: "order_count" is a number and has no operator "starts_with"; allowed: '
        f"{NUMBER_OPERATORS}.",
    ),
    (
        {"field": "city", "more_than": 3},
        f'.more_than: "city" is a text and has no operator "more_than"; allowed: {TEXT_OPERATORS}.',
    ),
    (
        {"field": "registered_date", "less_than": {"days_ago": 30}},
        '.less_than: "registered_date" is a date and has no operator "less_than"; allowed: '
        f'{DATE_OPERATORS}. Did you mean "before"?',
    ),
    (
        {"field": "registered_date", "is": "2026-01-01"},
        '.is: "registered_date" is a date and has no operator "is"; allowed: '
        f'{DATE_OPERATORS}. Did you mean "on_day"?',
    ),
    (
        {"field": "has_marketing_consent", "is_not": True},
        '.is_not: "has_marketing_consent" is a boolean and has no operator "is_not"; allowed: '
        'is, is_known. Did you mean "is_known"?',
    ),
    # values
    (
        {"field": "order_count", "at_least": "3"},
        '.at_least: "3" is no plain number, such as 10 or 0.5, without quotes.',
    ),
    (
        {"field": "order_count", "is": True},
        ".is: true is no plain number, such as 10 or 0.5.",
    ),
    (
        {"field": "order_count", "at_least": 1e-9},
        ".at_least: 1e-09 is no plain number, such as 10 or 0.5.",
    ),
    (
        {"field": "order_count", "at_least": None},
        ".at_least: empty is no plain number, such as 10 or 0.5.",
    ),
    (
        {"field": "order_count", "between": [5, 1]},
        ".between: [5, 1] ends before it begins: nothing is in it.",
    ),
    (
        {"field": "order_count", "between": [1, 2, 3]},
        ".between: [1, 2, 3] is no range; allowed: a list of two, the lower first, such as "
        "[100, 500].",
    ),
    (
        {"field": "order_count", "between": [1, "2"]},
        '.between: "2" is no plain number, such as 10 or 0.5, without quotes.',
    ),
    (
        {"field": "registered_date", "between": ["2026-02-01", "2026-01-31"]},
        '.between: ["2026-02-01", "2026-01-31"] ends before it begins: nothing is in it.',
    ),
    (
        {"field": "registered_date", "between": [{"days_ago": 10}, {"days_ago": 20}]},
        ".between: [{days_ago: 10}, {days_ago: 20}] ends before it begins: nothing is in it.",
    ),
    (
        {"field": "order_count", "less_than": 0},
        '.less_than: nobody is in it: "order_count" is never below 0.',
    ),
    (
        {"field": "recency_days", "at_most": -1},
        '.at_most: nobody is in it: "recency_days" is never below 0.',
    ),
    (
        {"not": {"field": "gross_revenue", "is": -0.5}},
        '.not.is: nobody is in it: "gross_revenue" is never below 0.',
    ),
    (
        {"field": "order_count", "in": [-2, -1]},
        '.in: nobody is in it: "order_count" is never below 0.',
    ),
    (
        {"field": "order_count", "between": [-5, -1]},
        '.between: nobody is in it: "order_count" is never below 0.',
    ),
    (
        {"field": "order_count", "top_percent": 100},
        ".top_percent: 100 is no percentage; allowed: a number above 0 and below 100, of at most "
        "4 decimal places.",
    ),
    (
        {"field": "order_count", "bottom_percent": "10"},
        '.bottom_percent: "10" is no percentage; allowed: a number above 0 and below 100, of at '
        "most 4 decimal places, without quotes.",
    ),
    (
        {"field": "city", "is": False},
        ".is: false is no text; allowed: a text, in quotes where YAML would read something "
        "else (yes, no, 10).",
    ),
    (
        {"field": "city", "in": "London"},
        '.in: "London" is no list of values; allowed: at least one, such as [London, Leeds].',
    ),
    (
        {"field": "order_count", "in": []},
        ".in: [] is no list of values; allowed: at least one, such as [1, 2].",
    ),
    (
        {"field": "city", "not_in": ["a", "a"]},
        '.not_in: ["a", "a"] holds the same value twice.',
    ),
    (
        {"field": "city", "in": ["a", 1]},
        ".in: 1 is no text; allowed: a text, in quotes where YAML would read something else "
        "(yes, no, 10).",
    ),
    (
        {"field": "tags", "has_tag": "a;b"},
        '.has_tag: "a;b" is no single tag; allowed: a text without , ; | and their Chinese forms, '
        "which stand between tags.",
    ),
    (
        {"field": "registered_date", "before": "2026-02-30"},
        '.before: "2026-02-30" is no day; allowed: a day of the calendar written YYYY-MM-DD, or '
        "{days_ago: 30}.",
    ),
    (
        {"field": "registered_date", "after": {"days_ago": -1}},
        ".after: {days_ago: -1} is no day; allowed: {days_ago: a whole number of at least 0}.",
    ),
    (
        {"field": "has_marketing_consent", "is": "true"},
        '.is: "true" is neither true nor false, without quotes.',
    ),
    (
        {"field": "city", "is_known": "no"},
        '.is_known: "no" is neither true nor false, without quotes.',
    ),
    # conditions
    ("order_count > 1", ""),
    (
        {"all": [SOME, "vip"]},
        '.all[1]: "vip" is no condition; allowed: a map such as {field: order_count, at_least: 2}.',
    ),
    (
        {"any": []},
        ".any: [] is no list of conditions; allowed: at least one, such as "
        "[{field: order_count, at_least: 2}].",
    ),
    (
        {"not": [SOME]},
        '.not: [{field: "order_count", at_least: 1}] is no condition; allowed: a map such as '
        "{field: order_count, at_least: 2}.",
    ),
    (
        {"filed": "city", "is": "a"},
        ': {filed: "city", is: "a"} says not what it is about; allowed: one of '
        f'{SUBJECTS}. Did you mean "field"?',
    ),
    (
        {"all": [SOME], "any": [SOME]},
        ": a condition is about one thing, this one about all and any; allowed: one of "
        f"{SUBJECTS}.",
    ),
    ({"list": "a", "is": "b"}, '.is: nothing may stand beside "list".'),
    ({"list": ""}, '.list: "" is no list_id of the seed audience_lists; allowed: a text.'),
    ({"model": "a b"}, '.model: "a b" is no name of a model.'),
    # segments and audiences
    (
        {"segment": "lifecyle", "is": "loyal"},
        '.segment: "lifecyle" is no registered segmentation; allowed: SEGMENTATIONS. '
        'Did you mean "lifecycle"?',
    ),
    (
        {"segment": "rfm", "starts_with": "c"},
        '.starts_with: a segment is a text and has no operator "starts_with"; allowed: '
        "is, is_not, in, not_in.",
    ),
    ({"audience": "vips"}, '.audience: "vips" is no audience; allowed: vip. Did you mean "vip"?'),
    # orders
    (
        {"orders": "web", "count": {"at_least": 1}},
        f'.orders: "web" is no choice of orders; allowed: a map of {ORDER_FILTERS}, or {{}} for '
        "all.",
    ),
    (
        {"orders": {"chanel": "web"}, "count": {"at_least": 1}},
        f'.orders.chanel: orders have no "chanel"; allowed: {ORDER_FILTERS}. '
        'Did you mean "purchase_channel"?',
    ),
    (
        {"orders": {"from_days_ago": 30, "to_days_ago": 90}, "count": {"at_least": 1}},
        ".orders: a window from 30 to 90 days ago holds no day; from_days_ago must be more than "
        "to_days_ago.",
    ),
    (
        {"orders": {"from_days_ago": 0}, "count": {"at_least": 1}},
        ".orders: a window from 0 to 0 days ago holds no day; from_days_ago must be more than "
        "to_days_ago, which is 0 where it is left out.",
    ),
    (
        {"orders": {"from_days_ago": 30}, "count": {"less_than": 0}},
        '.count.less_than: nobody is in it: "count" is never below 0.',
    ),
    (
        {"orders": {}, "discount_amount": {"is": -1}},
        '.discount_amount.is: nobody is in it: "discount_amount" is never below 0.',
    ),
    (
        {"orders": {"from_days_ago": -30}, "count": {"at_least": 1}},
        ".orders.from_days_ago: -30 is no number of days; allowed: a whole number from 0 to 36500.",
    ),
    (
        {"orders": {"to_days_ago": "7"}, "count": {"at_least": 1}},
        '.orders.to_days_ago: "7" is no number of days; allowed: a whole number from 0 to 36500, '
        "without quotes.",
    ),
    (
        {"orders": {"paid_at_least": 10, "paid_at_most": 5}, "count": {"at_least": 1}},
        ".orders: no order is paid at least 10 and at most 5.",
    ),
    (
        {"orders": {"purchase_channel": [1]}, "count": {"at_least": 1}},
        ".orders.purchase_channel: 1 is no text; allowed: a text, in quotes where YAML would read "
        "something else (yes, no, 10).",
    ),
    (
        {"orders": {"category": [1]}, "count": {"at_least": 1}},
        ".orders.category: 1 is no text; allowed: a text, in quotes where YAML would read "
        "something else (yes, no, 10).",
    ),
    (
        {"orders": {"category": " "}, "count": {"at_least": 1}},
        ".orders.category: a text is missing.",
    ),
    (
        {"orders": {"category": ["tea", " "]}, "count": {"at_least": 1}},
        ".orders.category: a text is missing.",
    ),
    (
        {"orders": {"product_id": 22423}, "count": {"at_least": 1}},
        ".orders.product_id: 22423 is no text; allowed: a text, in quotes where YAML would read "
        "something else (yes, no, 10).",
    ),
    (
        {"orders": {"categories": "tea"}, "count": {"at_least": 1}},
        f'.orders.categories: orders have no "categories"; allowed: {ORDER_FILTERS}. '
        'Did you mean "category"?',
    ),
    (
        {"orders": {"category": "tea"}, "paid_amount": {"at_least": 1}},
        '.paid_amount: "paid_amount" is of whole orders, whatever else is in them, and can\'t be '
        'asked of a category; "line_amount" is what was paid for the lines themselves.',
    ),
    (
        {"orders": {"product_id": "p", "category": "tea"}, "discount_amount": {"is": 0}},
        '.discount_amount: "discount_amount" is of whole orders, whatever else is in them, and '
        'can\'t be asked of a product_id or category; "line_amount" is what was paid for the '
        "lines themselves.",
    ),
    (
        {"orders": {"from_days_ago": 30}, "line_amount": {"at_least": 1}},
        '.line_amount: "line_amount" is what was paid for certain lines, and "orders" names no '
        'category or product_id; "paid_amount" is of whole orders.',
    ),
    (
        {"orders": {}},
        ': "orders" needs beside it one of count, paid_amount, gross_amount, discount_amount, '
        "line_amount, and has none.",
    ),
    (
        {"orders": {}, "paid": {"at_least": 1}},
        ': "orders" needs beside it one of count, paid_amount, gross_amount, discount_amount, '
        "line_amount, and has paid.",
    ),
    (
        {"orders": {}, "count": 2},
        f".count: 2 is no comparison; allowed: one of {MEASURE_OPERATORS} with a value, such as "
        "{at_least: 2}.",
    ),
    (
        {"orders": {}, "count": {"top_percent": 2}},
        '.count.top_percent: "count" is a number and has no operator "top_percent"; allowed: '
        f"{MEASURE_OPERATORS}.",
    ),
    (
        {"field": "order_count", "at_least": {"param": "least"}},
        '.at_least: "least" is none of its parameters; allowed: none, as it has none.',
    ),
    (
        {"field": "order_count", "at_least": {"param": ["least"]}},
        '.at_least: ["least"] is none of its parameters; allowed: none, as it has none.',
    ),
]

# parts of an audience, and all that is said of it
PARTS: list[tuple[Audience, str]] = [
    (
        {"label_em": "x"},
        'The audience "vip" has the part "label_em"; allowed: id, label_en, label_zh, '
        "description_en, description_zh, owner, where, parameters, expires, precedence, "
        "next_action_en, next_action_zh, contact_channel, cool_down_days. "
        'Did you mean "label_en"?',
    ),
    ({"label_zh": None}, 'The audience "vip" has no "label_zh".'),
    ({"where": None}, 'The audience "vip" has no "where".'),
    ({"owner": " "}, 'The audience "vip" has " " as its owner; allowed: a text.'),
    (
        {"id": "'); drop table customers; --"},
        'The audience "\'); drop table customers; --" has "\'); drop table customers; --" as its '
        "id; allowed: at most 50 lower-case letters, digits and underscores, a letter first.",
    ),
    (
        {"id": ["vip"]},
        'The audience number 1 has ["vip"] as its id; allowed: at most 50 lower-case letters, '
        "digits and underscores, a letter first.",
    ),
    (
        {"id": "VIP"},
        'The audience "VIP" has "VIP" as its id; allowed: at most 50 lower-case letters, digits '
        "and underscores, a letter first.",
    ),
    (
        {"id": "vip\n"},
        'The audience "vip\n" has "vip\n" as its id; allowed: at most 50 lower-case letters, '
        "digits and underscores, a letter first.",
    ),
    (
        {"id": True},
        "The audience number 1 has true as its id; allowed: at most 50 lower-case letters, "
        "digits and underscores, a letter first.",
    ),
    (
        {"where": [SOME]},
        'The audience "vip" has [{field: "order_count", at_least: 1}] as its where; allowed: one '
        "condition, such as {field: order_count, at_least: 2} or {all: [...]}.",
    ),
    (
        {"expires": "31.12.2026"},
        'The audience "vip" has "31.12.2026" as its expires; allowed: a day of the calendar '
        "written YYYY-MM-DD.",
    ),
    (
        {"contact_channel": "e-mail"},
        'The audience "vip" has "e-mail" as its contact_channel; allowed: email, sms, phone, '
        'app_push, wechat, mail, ads, sales_visit. Did you mean "email"?',
    ),
    (
        {"cool_down_days": -1},
        'The audience "vip" has -1 as its cool_down_days; allowed: a whole number of at least 0.',
    ),
    (
        {"precedence": {"group": "offers"}},
        'The audience "vip" has {group: "offers"} as its precedence; allowed: {group: a name, '
        "rank: a whole number}, such as {group: offers, rank: 1}.",
    ),
    (
        {"parameters": ["days"]},
        'The audience "vip" has ["days"] as its parameters; allowed: names with values, such as '
        "{days: 60}.",
    ),
    (
        {"parameters": {"days": 60}},
        'The audience "vip" has the parameter "days", which nothing in it uses.',
    ),
    (
        {"description_en": "In {dais} days", "parameters": {"days": 60}, "label_en": "{days}"},
        'The audience "vip" says {dais} in its description_en, which is none of its parameters. '
        'Did you mean "days"?',
    ),
]

# whole lists of audiences
LISTS: list[tuple[Any, str]] = [
    (
        [audience(SOME), "vip"],
        'The var "audiences" holds "vip"; allowed: audiences such as {id: vip, label_en: VIPs, '
        "..., where: {field: order_count, at_least: 10}}.",
    ),
    (
        [audience(SOME), audience(SOME)],
        'The audience "vip" stands 2 times in the var "audiences"; an id names one.',
    ),
    (
        [
            audience(SOME, precedence={"group": "offers", "rank": 1}),
            audience(SOME, id="due", precedence={"group": "offers", "rank": 1}),
        ],
        'The audience "due" has rank 1 in the precedence group "offers", and so has "vip"; each '
        "needs a rank of its own.",
    ),
    (
        [audience({"not": {"audience": "vip"}})],
        'The audience "vip" depends on itself: vip -> vip. An audience depends on those it names '
        "and on those before it in its precedence group.",
    ),
    (
        [
            audience({"any": [SOME, {"audience": "b"}]}, id="a"),
            audience({"audience": "c"}, id="b"),
            audience({"all": [{"audience": "d"}, {"not": {"audience": "b"}}]}, id="c"),
            audience(SOME, id="d"),
        ],
        'The audience "b" depends on itself: b -> c -> b. An audience depends on those it names '
        "and on those before it in its precedence group.",
    ),
    (
        [
            audience({"audience": "b"}, id="a", precedence={"group": "x", "rank": 1}),
            audience(SOME, id="b", precedence={"group": "x", "rank": 2}),
        ],
        'The audience "a" depends on itself: a -> b -> a. An audience depends on those it names '
        "and on those before it in its precedence group.",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audiences")


def problems_call(audiences: Any) -> str:
    return f"segmentation.audience_problems({audiences!r}, {FIELDS!r}) | join('\\n')"


# as near to a comparison that nobody fulfils as may be
RIGHT_RULES: list[Any] = [
    {"field": "order_count", "less_than": 0.5},
    {"field": "order_count", "at_most": 0},
    {"field": "order_count", "is": 0},
    {"field": "order_count", "in": [-1, 0]},
    {"field": "order_count", "between": [-5, 0]},
    {"field": "order_count", "between": [2, 2]},
    {"field": "registered_date", "between": [{"days_ago": 30}, {"days_ago": 30}]},
    {"orders": {"from_days_ago": 30}, "count": {"less_than": 1}},
    # refunds of what was bought before may make it negative
    {"field": "net_revenue", "less_than": 0},
]


def test_a_rule_that_somebody_may_fulfil_is_right(run_dbt: RunDbt, folder: Path) -> None:
    calls = [problems_call([audience(rule)]) for rule in RIGHT_RULES]
    assert returned_texts(run_dbt, calls, folder=folder) == [""] * len(calls)


def test_each_wrong_rule_is_answered_with_its_place_and_what_is_allowed(
    run_dbt: RunDbt, folder: Path
) -> None:
    registered = "segmentation.registered_segmentations() | map(attribute='id') | join(', ')"
    rules = [(rule, said) for rule, said in RULES if said]
    *sentences, segmentations = returned_texts(
        run_dbt, [problems_call([audience(rule)]) for rule, _ in rules] + [registered],
        folder=folder,
    )  # fmt: skip
    expected = [
        f'The audience "vip", where{said}'.replace("SEGMENTATIONS", str(segmentations))
        for _, said in rules
    ]
    assert sentences == expected


def test_each_wrong_part_and_list_is_named(run_dbt: RunDbt, folder: Path) -> None:
    cases = [([audience(SOME) | part], said) for part, said in PARTS] + LISTS
    sentences = returned_texts(run_dbt, [problems_call(given) for given, _ in cases], folder=folder)
    assert sentences == [said for _, said in cases]


def test_the_shipped_audiences_have_nothing_wrong(run_dbt: RunDbt, folder: Path) -> None:
    calls = [
        "segmentation.audience_problems(var('audiences'), segmentation.audience_fields())"
        " | join('\\n')",
        "(segmentation.audience_fields() or {}) | length > 30",
    ]
    assert returned_texts(run_dbt, calls, folder=folder) == ["", "True"]


def test_all_problems_of_all_audiences_stop_the_run_at_once(
    run_dbt: RunDbt, folder: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "wrong")
    file = project / "dbt_project.yml"
    change(file, "{field: order_count, is: 1}", "{field: order_cont, is: 1}")
    change(file, "segment: lifecycle, is: declining", "segment: life_cycle, is: declining")
    change(file, "label_en: Buys in stores only", "label: Buys in stores only")
    result = run_dbt(
        ["--quiet", "run", "--select", "int_as_of_dates"],
        db_path=folder / "wrong.duckdb",
        target_path=folder / "wrong",
        project_dir=project,
    )
    said = (result.error or "\n".join(node.message for node in result.failed)).splitlines()
    lines = [line.strip() for line in said if line.strip().startswith("The ")]
    assert lines[0] == (
        'The audience "first_order_fresh", where.all[0].field: "order_cont" is no column of '
        'marts.customers. Did you mean "order_count"?'
    )
    assert lines[1].startswith('The audience "vip_slipping_away", where.all[1].segment: "life_cyc')
    assert lines[2].startswith('The audience "store_only" has the part "label"; allowed: ')
    assert lines[3] == 'The audience "store_only" has no "label_en".'
    assert len(lines) == 4


# --- the pages

EXAMPLE = re.compile(r"`(\{[^`]*\})` \|$", flags=re.MULTILINE)


def test_the_reference_is_what_the_code_writes_and_its_examples_are_rules(
    run_dbt: RunDbt, folder: Path
) -> None:
    (told,) = returned_texts(run_dbt, ["tojson(segmentation.audience_reference())"], folder=folder)
    grammar = json.loads(str(told))
    contract = yaml.safe_load((MARTS / "customers" / "customers.yml").read_text(encoding="utf-8"))
    columns = [column["name"] for column in contract["models"][0]["columns"]]
    assert list(grammar["fields"]) == [name for name in columns if name != "as_of_date"]

    page = (PROJECT_ROOT / REFERENCE).read_text(encoding="utf-8")
    segments = worded_segments(PROJECT_ROOT / "seeds" / "reference")
    assert reference_page(grammar, segments) == page, "run: segmentation audiences --reference"

    examples = EXAMPLE.findall(page)
    named = [
        *grammar["subjects"],
        *(name for operator in grammar["operators"] for name in [f"{operator}:"]),
        *grammar["order_filters"],
        *grammar["order_measures"],
        *(name for name in grammar["fields"] if not grammar["fields"][name]["segmentation"]),
    ]
    assert [name for name in named if not any(name in example for example in examples)] == []
    rules = [yaml.safe_load(example) for example in examples]
    calls = [
        f"segmentation.audience_problems(var('audiences') + {[audience(rule)]!r}, "
        "segmentation.audience_fields()) | join('\\n')"
        for rule in rules
    ]
    said = returned_texts(run_dbt, calls, folder=folder)
    assert [pair for pair in zip(examples, said, strict=True) if pair[1]] == []


def test_what_the_guide_shows_can_be_copied(run_dbt: RunDbt, folder: Path) -> None:
    guide = (PROJECT_ROOT / "docs" / "guides" / "audiences.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)]
    audiences = [part for block in shown for part in block if "id" in part]
    conditions = [audience(part) for block in shown for part in block if "id" not in part]
    assert audiences
    assert len(conditions) > 5
    calls = [
        f"segmentation.audience_problems(var('audiences') + {[given]!r}, "
        "segmentation.audience_fields()) | join('\\n')"
        for given in audiences + conditions
    ]
    assert returned_texts(run_dbt, calls, folder=folder) == [""] * len(calls)


def test_every_shipped_audience_says_what_to_do_in_both_languages() -> None:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    audiences = project["vars"]["segmentation"]["audiences"]
    assert len(audiences) >= 12
    texts = ("label", "description", "next_action")
    assert [
        (one["id"], part)
        for one in audiences
        for part in (*(f"{text}_{language}" for text in texts for language in ("en", "zh")),
                     "contact_channel", "cool_down_days")
        if not one.get(part)
    ] == []  # fmt: skip


# --- what only the data knows

NAMES = {
    "segments": ("segmentation_id varchar, segment_id varchar", [("rfm", "champions")]),
    "channels": ("channel_kind varchar, channel_id varchar",
                 [("purchase", "web"), ("acquisition", "email")]),
    "int_product_categories": ("category_written varchar, category varchar, category_number int",
                               [("Tea", "tea", 1), ("TEA", "tea", 1), ("Cups", "cups", 2)]),
    "int_order_lines": ("product_id varchar", [("p1",), ("p1",), (None,)]),
    "audience_lists": ("list_id varchar, customer_id varchar",
                       [("key_accounts", "c1"), ("key_accounts", "c9")]),
    "customers": ("customer_id varchar", [("c1",)]),
    "int_audiences": ("audience_id varchar, owner varchar, expires_date date, is_expired boolean",
                      [("old", "crm", "2026-07-01", True), ("young", "crm", None, False)]),
}  # fmt: skip


def test_misspelt_segments_and_lists_and_old_audiences_are_found(
    run_dbt: RunDbt, folder: Path
) -> None:
    audiences = [
        audience({"segment": "rfm", "in": ["champions", "champion"]}, id="a"),
        audience({"not": {"any": [{"field": "rfm_segment", "is_not": "lots"}]}}, id="b"),
        audience({"orders": {"purchase_channel": "wev"}, "count": {"at_least": 1}}, id="c"),
        audience({"orders": {"marketing_channel": ["email", "mail"]}, "count": {"is": 0}}, id="d"),
        audience({"segment": "purchase_channel", "is": {"param": "p"}}, id="e",
                 parameters={"p": "online"}),
        audience({"any": [{"list": "key_accounts"}, {"list": "key_account"}]}, id="f"),
        audience({"orders": {"category": ["TEA", "Cup"]}, "count": {"is": 0}}, id="g"),
        audience({"not": {"orders": {"product_id": {"param": "p"}, "category": " cups "},
                          "line_amount": {"at_least": 9}}}, id="h", parameters={"p": ["P1", "p1"]}),
    ]  # fmt: skip
    names = (
        "assert_audiences_name_known_segments",
        "assert_audiences_name_known_lists",
        "assert_listed_customers_are_known",
        "assert_no_audience_has_expired",
        "assert_audiences_name_known_products",
    )
    target = folder / "names"
    result = run_dbt(
        ["--quiet", "compile", "--select", *names],
        vars={"audiences": audiences}, db_path=folder / "names.duckdb", target_path=target,
    )  # fmt: skip
    assert result.success, result.error
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    relations = {node["name"]: node["relation_name"] for node in manifest["nodes"].values()}
    with duckdb.connect(":memory:") as connection:
        for name, (columns, rows) in NAMES.items():
            database, schema, _ = relations[name].split(".")
            connection.execute(f"attach if not exists ':memory:' as {database}")
            connection.execute(f"create schema if not exists {database}.{schema}")
            connection.execute(f"create table {relations[name]} ({columns})")
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into {relations[name]} values ({marks})", rows)
        found = {
            name: sorted(connection.execute(
                (target / "compiled/segmentation/tests/dbt" / f"{name}.sql").read_text("utf-8")
            ).fetchall())
            for name in names
        }  # fmt: skip
    assert found == {
        names[0]: [
            ("a", "rfm", "champion"),
            ("b", "rfm", "lots"),
            ("c", "purchase_channel", "wev"),
            ("d", "acquisition_channel", "mail"),
            ("e", "purchase_channel", "online"),
        ],
        names[1]: [("f", "key_account")],
        names[2]: [("key_accounts", "c9")],
        names[3]: [("old", "crm", date(2026, 7, 1))],
        names[4]: [
            ("g", "category", "cup", "No order line has it, so it fits nobody."),
            ("h", "product_id", "P1", "No order line has it, so it fits nobody."),
        ],
    }


# --- random rules against the evaluator

# The same examples every time, and no search for the smallest one that fails, as each is a run of
# dbt: the audience that differs is printed with its rule.
PROFILE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# one draw, however much chance a world needs: an example that draws too much is thrown away
SEEDS = st.integers(0, 2**32 - 1)
DAYS = (date(2026, 6, 1), date(2026, 7, 1))
TEXTS = (
    "London",
    "london",
    "Lon",
    "O'Brien",
    "a\\b",
    "'); drop table customers; --",
    "100%",
    "北京",
)
TAG_TEXTS = ("vip", "VIP;press", "tea club，b2b", "x | Press", "pressed", " ", ";;")
CHANNELS = ("web", "app", "store")
TOUCHES = ("email", "direct")
# as sources write them, each line's own way
CATEGORIES = {"tea": ("Tea", " TEA", "tea"), "o'clock": ("O'Clock",), "茶具": ("茶具",)}
PRODUCTS = ("p1", "P1", "p'2")
NUMBERS = (-1, 0, 1, 2, 5, 10, 0.5, 9.9999, 33.3333)
COLUMNS: dict[str, tuple[str, pa.DataType]] = {
    "order_count": ("number", pa.int32()),
    "net_revenue": ("number", pa.decimal128(18, 4)),
    "recency_days": ("number", pa.int32()),
    "registered_date": ("date", pa.date32()),
    "city": ("text", pa.string()),
    "tags": ("text", pa.string()),
    "has_marketing_consent": ("boolean", pa.bool_()),
    "rfm_segment": ("text", pa.string()),
    "purchase_channel": ("text", pa.string()),
}
SEGMENT_COLUMNS = {"rfm": "rfm_segment", "purchase_channel": "purchase_channel"}
SEGMENTS = ("champions", "lost", "web", "store")
LIST_NAMES = ("by hand", "'quoted'")
MODEL = "audience_top_of_city"

days_values = st.one_of(
    st.sampled_from(["2026-05-02", "2026-06-01", "2026-06-30"]),
    st.sampled_from([0, 1, 30, 31]).map(lambda ago: {"days_ago": ago}),
)


def lists_of(values: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def ranges(values: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=2, max_size=2).map(sorted)


@st.composite
def comparisons(
    draw: st.DrawFn, kind: str, *, measured: bool = False, is_signed: bool = False
) -> dict[str, Any]:
    """An operator that fits a type, with a value; one that can hold, where none is below 0."""
    numbers = NUMBERS if is_signed else tuple(one for one in NUMBERS if one >= 0)
    number = st.sampled_from(numbers)
    text = st.sampled_from(TEXTS)
    chosen: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "number": {
            **dict.fromkeys(
                ("is", "is_not", "at_least", "at_most", "more_than"), number
            ),
            "less_than": st.sampled_from([one for one in numbers if one > 0 or is_signed]),
            "in": lists_of(numbers),
            "not_in": lists_of(numbers),
            "between": ranges(numbers),
        },
        "text": {
            "is": text,
            "is_not": text,
            "in": lists_of(TEXTS),
            "not_in": lists_of(TEXTS),
            "starts_with": st.sampled_from(["L", "Lon", "'", "%", "_", "北", "London Bridge"]),
            "has_tag": st.sampled_from(["vip", "Press", "tea club", "x"]),
            "is_known": st.booleans(),
        },
        "segment": {
            "is": st.sampled_from(SEGMENTS),
            "is_not": st.sampled_from(SEGMENTS),
            "in": lists_of(SEGMENTS),
            "not_in": lists_of(SEGMENTS),
        },
        "date": {
            **dict.fromkeys(
                ("on_day", "before", "on_or_before", "after", "on_or_after"), days_values
            ),
            "between": st.sampled_from(
                [["2026-05-02", "2026-06-01"], ["2026-05-02", {"days_ago": 30}],
                 [{"days_ago": 31}, {"days_ago": 1}]]
            ),
            "is_known": st.booleans(),
        },
        "boolean": {"is": st.booleans(), "is_known": st.booleans()},
    }  # fmt: skip
    if kind == "number" and not measured:
        percent = st.sampled_from([0.5, 10, 25, 33.3333, 50, 99.5])
        chosen["number"] |= {
            "top_percent": percent, "bottom_percent": percent, "is_known": st.booleans()
        }  # fmt: skip
    operator = draw(st.sampled_from(sorted(chosen[kind])))
    return {operator: draw(chosen[kind][operator])}


@st.composite
def order_conditions(draw: st.DrawFn) -> dict[str, Any]:
    orders: dict[str, Any] = {}
    window = draw(st.sampled_from([(), (30,), (90, 30), (31, 30), (None, 30), (1,)]))
    orders |= {
        name: days
        for name, days in zip(("from_days_ago", "to_days_ago"), window, strict=False)
        if days is not None
    }
    if draw(st.booleans()):
        orders["purchase_channel"] = draw(st.one_of(st.sampled_from(CHANNELS), lists_of(CHANNELS)))
    if draw(st.integers(0, 3)) == 0:
        orders["marketing_channel"] = draw(st.sampled_from(TOUCHES))
    if draw(st.integers(0, 3)) == 0:
        orders[draw(st.sampled_from(["paid_at_least", "paid_at_most"]))] = draw(
            st.sampled_from([5, 9.9999, 10])
        )
    if draw(st.integers(0, 3)) == 0:
        orders["is_discounted"] = draw(st.booleans())
    measures = ["count", "count", "paid_amount", "gross_amount", "discount_amount"]
    if draw(st.booleans()):
        writings = [writing for some in CATEGORIES.values() for writing in some] + ["unheard of"]
        asked = {"category": tuple(writings), "product_id": (*PRODUCTS, " p1")}
        for name in draw(st.sampled_from([("category",), ("product_id",), tuple(asked)])):
            names = asked[name]
            orders[name] = draw(st.one_of(st.sampled_from(names), lists_of(names)))
        measures = ["count", "line_amount"]
    measure = draw(st.sampled_from(measures))
    return {"orders": orders, measure: draw(comparisons("number", measured=True))}


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    column = draw(st.sampled_from(sorted(COLUMNS)))
    kind = "segment" if column in SEGMENT_COLUMNS.values() else COLUMNS[column][0]
    return {"field": column, **draw(comparisons(kind, is_signed=column == "net_revenue"))}


def rules(earlier: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A rule of any depth that may name audiences made earlier."""
    leaves = [
        fields(),
        fields(),
        order_conditions(),
        st.tuples(st.sampled_from(sorted(SEGMENT_COLUMNS)), comparisons("segment")).map(
            lambda pair: {"segment": pair[0], **pair[1]}
        ),
        st.sampled_from(LIST_NAMES).map(lambda name: {"list": name}),
        st.just({"model": MODEL}),
    ]
    if earlier:
        leaves.append(st.sampled_from(earlier).map(lambda name: {"audience": name}))

    def wider(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        several = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda parts: {"all": parts}),
            several.map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        )

    return st.recursive(st.one_of(leaves), wider, max_leaves=6)


def with_parameters(rule: Any, parameters: dict[str, Any], chance: Random) -> Any:
    """The rule with some of its values moved into the parameters."""
    if isinstance(rule, Mapping):
        moved = {}
        for key, value in rule.items():
            is_value = key not in {"all", "any", "not", "field", "segment", "orders", "audience"}
            if is_value and not isinstance(value, Mapping) and chance.random() < 0.2:
                name = f"p{len(parameters)}"
                parameters[name] = value
                moved[key] = {"param": name}
            else:
                moved[key] = with_parameters(value, parameters, chance)
        return moved
    if isinstance(rule, list):
        return [with_parameters(value, parameters, chance) for value in rule]
    return rule


@st.composite
def audience_lists(draw: st.DrawFn) -> list[Audience]:
    """Some thirty audiences that may name each other, in any order."""
    made: list[Audience] = []
    chance = Random(draw(SEEDS))
    for number in range(draw(st.integers(20, 35))):
        parameters: dict[str, Any] = {}
        rule = draw(rules([one["id"] for one in made]))
        parts: dict[str, Any] = {}
        if chance.random() < 0.2:
            parts["precedence"] = {"group": chance.choice(["offers", "calls"]), "rank": number}
        if chance.random() < 0.1:
            parts["expires"] = chance.choice(["2026-06-01", "2026-07-01", "2026-07-02"])
        where = with_parameters(rule, parameters, chance)
        if parameters:
            parts["parameters"] = parameters
        made.append(audience(where, id=f"a{number}", **parts))
    chance.shuffle(made)
    return made


def make_world(chance: Random) -> World:
    """Customers of two days with anything missing, orders around the edges of the windows."""

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.2 else value

    customers: list[Customer] = []
    for day in DAYS:
        for number in range(1, chance.choice([0, 1, 8, 25]) + 1):
            amounts = [0, 1, 2, 5, 10, "0.5", "9.9999", "33.3333", 100]
            customers.append(
                {
                    "customer_number": number,
                    "customer_id": f"c{number}",
                    "as_of_date": day,
                    "order_count": maybe(chance.choice([0, 1, 1, 2, 5, 10])),
                    "net_revenue": maybe(Decimal(chance.choice(amounts))),
                    "recency_days": maybe(chance.choice([1, 2, 5, 10])),
                    "registered_date": maybe(
                        chance.choice([date(2026, 5, 2), date(2026, 6, 1), date(2026, 6, 30),
                                       DAYS[0] - timedelta(days=31), DAYS[1] - timedelta(days=1)])
                    ),
                    "city": maybe(chance.choice(TEXTS)),
                    "tags": maybe(chance.choice(TAG_TEXTS)),
                    "has_marketing_consent": maybe(chance.random() < 0.5),
                    "rfm_segment": maybe(chance.choice(SEGMENTS)),
                    "purchase_channel": maybe(chance.choice(SEGMENTS)),
                }
            )  # fmt: skip
    sales = []
    has_lines = chance.random() < 0.8
    for _ in range(chance.choice([0, 30, 120])):
        gross = Decimal(chance.choice(["5", "9.9999", "10", "100"]))
        ago = chance.choice([0, 1, 2, 29, 30, 31, 32, 89, 90, 91])
        sales.append(
            Sale(
                customer=maybe(chance.randint(1, 25)),
                day=chance.choice(DAYS) - timedelta(days=ago),
                is_valid=chance.random() < 0.9,
                gross=gross,
                paid=gross - Decimal(chance.choice(["0", "0", "0.0001", "2.5"])),
                purchase_channel=chance.choice(CHANNELS),
                marketing_channel=chance.choice(TOUCHES),
                lines=tuple(
                    Line(
                        category=maybe(chance.choice(sorted(CATEGORIES))),
                        product=maybe(chance.choice(PRODUCTS)),
                        net=Decimal(chance.choice(["0", "0.0001", "2.5", "5"])),
                    )
                    for _ in range(chance.choice([0, 1, 1, 2, 4]) if has_lines else 0)
                ),
            )
        )
    people = [f"c{number}" for number in range(1, 26)]
    return World(
        customers=customers,
        sales=sales,
        lists={(name, one) for name in LIST_NAMES for one in chance.sample(people, 5)},
        models={MODEL: {(one, chance.choice(DAYS)) for one in chance.sample(people, 8)}},
        segment_columns=SEGMENT_COLUMNS,
    )


class Compiled:
    """The audience models, compiled once for a list of audiences, run over any world."""

    MODELS = (
        "int_audience_order_windows",
        "int_audience_cut_points",
        "int_audience_matches",
        "int_audience_members",
    )

    def __init__(self, run_dbt: RunDbt, folder: Path, audiences: list[Audience]) -> None:
        target = folder / "compiled"
        result = run_dbt(
            ["--quiet", "compile", "--select", *self.MODELS],
            vars={"audiences": audiences},
            db_path=folder / "compiled.duckdb",
            target_path=target,
        )
        assert result.success, result.error or [node.message for node in result.failed]
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        self.relations = {
            node["name"]: node["relation_name"] for node in manifest["nodes"].values()
        }
        base = target / "compiled" / "segmentation" / "models" / "intermediate" / "audiences"
        self.sql = {
            name: (base / f"{name}.sql").read_text(encoding="utf-8") for name in self.MODELS
        }

    def times_read(self, name: str) -> int:
        """How often a table stands in the SQL of all models."""
        return sum(sql.count(f'"{name}"') for sql in self.sql.values())

    def members(self, world: World) -> dict[str, set[Key]]:
        """Who is in which audience, by the SQL."""
        with duckdb.connect(":memory:") as connection:
            places = {
                relation.rsplit(".", 1)[0] for relation in self.relations.values() if relation
            }
            for database in {place.split(".")[0] for place in places}:
                connection.execute(f"attach ':memory:' as {database}")
            for place in places:
                connection.execute(f"create schema if not exists {place}")
            for name, table in tables(world).items():
                connection.register("arriving", table)
                connection.execute(f"create table {self.relations[name]} as from arriving")
                connection.unregister("arriving")
            for name in self.MODELS:
                connection.execute(f"create table {self.relations[name]} as {self.sql[name]}")
            rows = connection.execute(f"from {self.relations['int_audience_members']}").fetchall()
        found: dict[str, set[Key]] = {}
        for number, day, name in rows:
            assert (number, day) not in found.setdefault(name, set()), "a member twice"
            found[name].add((number, day))
        return found


def tables(world: World) -> dict[str, pa.Table]:
    """The inputs of the audience models as Arrow tables."""
    pairs = sorted({(sale.purchase_channel, sale.marketing_channel) for sale in world.sales})
    profiles = [
        pairs.index((sale.purchase_channel, sale.marketing_channel)) for sale in world.sales
    ]

    numbers: dict[str | None, int] = {name: place for place, name in enumerate(CATEGORIES)}

    def order_id(number: int) -> str:
        """Unique within a profile only, as sources number their orders by themselves."""
        return f"o{profiles[:number].count(profiles[number])}"

    keys = {"customer_number": pa.int32(), "customer_id": pa.string(), "as_of_date": pa.date32()}
    types = keys | {name: arrow for name, (_, arrow) in COLUMNS.items()}
    amount = pa.decimal128(18, 4)
    orders = pa.schema(
        {
            "order_id": pa.string(),
            "customer_number": pa.int32(),
            "profile_number": pa.int32(),
            "order_date": pa.date32(),
            "is_valid": pa.bool_(),
            "gross_amount": amount,
            "paid_amount": amount,
        }.items()
    )
    lines = pa.schema(
        {
            "order_id": pa.string(),
            "profile_number": pa.int32(),
            "is_valid": pa.bool_(),
            "category_number": pa.int32(),
            "product_id": pa.string(),
            "net_amount": amount,
        }.items()
    )
    channels = pa.schema(
        {
            "profile_number": pa.int32(),
            "purchase_channel": pa.string(),
            "marketing_channel": pa.string(),
        }.items()
    )
    found = [{"customer_id": one, "as_of_date": day} for one, day in sorted(world.models[MODEL])]
    return {
        "int_customer_profiles": pa.Table.from_pylist(
            [dict(customer) for customer in world.customers], schema=pa.schema(types.items())
        ),
        "int_orders": pa.Table.from_pylist(
            [
                {
                    "order_id": order_id(number),
                    "customer_number": sale.customer,
                    "profile_number": profiles[number],
                    "order_date": sale.day,
                    "is_valid": sale.is_valid,
                    "gross_amount": sale.gross,
                    "paid_amount": sale.paid,
                }
                for number, sale in enumerate(world.sales)
            ],
            schema=orders,
        ),
        "int_order_lines": pa.Table.from_pylist(
            [
                {
                    "order_id": order_id(number),
                    "profile_number": profiles[number],
                    "is_valid": sale.is_valid,
                    "category_number": numbers.get(line.category),
                    "product_id": line.product,
                    "net_amount": line.net,
                }
                for number, sale in enumerate(world.sales)
                for line in sale.lines
            ],
            schema=lines,
        ),
        "int_product_categories": pa.table(
            {
                "category_written": [one for some in CATEGORIES.values() for one in some],
                "category": [name for name, some in CATEGORIES.items() for _ in some],
                "category_number": pa.array(
                    [numbers[name] for name, some in CATEGORIES.items() for _ in some], pa.int32()
                ),
            }
        ),
        "int_order_channels": pa.Table.from_pylist(
            [
                {"profile_number": number, "purchase_channel": bought, "marketing_channel": won}
                for number, (bought, won) in enumerate(pairs)
            ],
            schema=channels,
        ),
        "int_as_of_dates": pa.table({"as_of_date": pa.array(DAYS, pa.date32())}),
        "audience_lists": pa.table(
            {
                "list_id": [name for name, _ in sorted(world.lists)],
                "customer_id": [one for _, one in sorted(world.lists)],
            }
        ),
        MODEL: pa.Table.from_pylist(
            found, schema=pa.schema([("customer_id", pa.string()), ("as_of_date", pa.date32())])
        ),
    }


def choices_of(rule: Any) -> Iterator[Mapping[str, Any]]:
    """What stands behind every `orders` in a rule or a list of audiences."""
    if isinstance(rule, Mapping):
        if isinstance(rule.get("orders"), Mapping):
            yield rule["orders"]
        for value in rule.values():
            yield from choices_of(value)
    elif isinstance(rule, list):
        for value in rule:
            yield from choices_of(value)


@pytest.mark.slow
@settings(PROFILE)
@given(audiences=audience_lists(), seed=SEEDS)
def test_random_rules_hold_for_whom_the_definitions_say(
    run_dbt: RunDbt, folder: Path, audiences: list[Audience], seed: int
) -> None:
    chance = Random(seed)
    compiled = Compiled(run_dbt, folder, audiences)
    for _ in range(12):
        world = make_world(chance)
        expected = members(audiences, world)
        found = compiled.members(world)
        wrong = {
            one["id"]: {"rule": one, "sql": sorted(found.get(one["id"], set())),
                        "oracle": sorted(expected[one["id"]])}
            for one in audiences if found.get(one["id"], set()) != expected[one["id"]]
        }  # fmt: skip
        assert not wrong
    assert compiled.times_read("int_orders") == 1, "one pass, however many audiences there are"
    assert compiled.sql["int_audience_matches"].count('"int_customer_profiles"') == 1
    asks = any({"category", "product_id"} & set(orders) for orders in choices_of(audiences))
    assert compiled.times_read("int_order_lines") == int(asks), "only if they are asked for"

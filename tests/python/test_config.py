"""The config check: each wrong var or input stops the run with a sentence that helps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT_ROOT, RunDbt
from macro_calls import returned_texts
from project_copy import change, copy_project

ORDERS = "stg_web_shop__orders"
Complain = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config")


@pytest.fixture
def complain(run_dbt: RunDbt, folder: Path) -> Complain:
    """Call with vars for the command line: what dbt says before it stops."""

    def run(project_dir: Path = PROJECT_ROOT, **given: Any) -> str:
        result = run_dbt(
            ["--quiet", "run", "--select", "int_as_of_dates"],
            vars=given,
            db_path=folder / "config.duckdb",
            target_path=folder / ("target" if project_dir == PROJECT_ROOT else project_dir.name),
            project_dir=project_dir,
        )
        assert not result.success
        return result.error or "\n".join(node.message for node in result.failed)

    return run


def lines_of(said: str) -> list[str]:
    """The sentences about vars and models, without dbt's lines around them."""
    return [line.strip() for line in said.splitlines() if line.strip().startswith("The ")]


# --- unknown names


def test_an_unknown_var_on_the_command_line_stops_with_a_suggestion(complain: Complain) -> None:
    lines = lines_of(complain(as_of_dat="2026-07-01", colour="blue"))
    assert len(lines) == 2
    near, far = lines
    assert near.startswith(
        'The var "as_of_dat" on the command line is unknown. Did you mean "as_of_date"? '
        "Allowed: inputs, input_preset, spark_file_format, as_of_date, "
    )
    assert far.startswith('The var "colour" on the command line is unknown. Allowed: inputs, ')


def test_an_unknown_var_in_the_project_file_stops_with_a_suggestion(
    complain: Complain, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "unknown")
    change(project / "dbt_project.yml", "    lifecycle_min_gaps: 3", "    lifecycle_min_gap: 3")
    unknown, missing = lines_of(complain(project))
    assert unknown.startswith(
        'The var "lifecycle_min_gap" is unknown. Did you mean "lifecycle_min_gaps"? Allowed: '
    )
    assert missing == (
        'The var "lifecycle_min_gaps" is empty; allowed: a whole number of at least 1.'
    )


# --- wrong kinds: every problem is listed in one go

WRONG: dict[str, list[tuple[Any, str]]] = {
    "as_of_date": [
        ("2026-02-30", "a day of the calendar written YYYY-MM-DD, such as 2026-07-01."),
        (20260701, "a day of the calendar written YYYY-MM-DD, such as 2026-07-01."),
        ("1 July 2026", "a day of the calendar written YYYY-MM-DD, such as 2026-07-01."),
        ("2026-07-01 00:00", "a day of the calendar written YYYY-MM-DD, such as 2026-07-01."),
    ],
    "run_date": [
        ("today", "a day of the calendar written YYYY-MM-DD, such as 2026-07-01."),
        ("2025-02-29", "a day of the calendar written YYYY-MM-DD, such as 2026-07-01."),
    ],
    "history_dates": [
        ("2026-06-01", 'a list, such as ["2026-05-01", "2026-06-01"].'),
        (None, 'a list, such as ["2026-05-01", "2026-06-01"].'),
    ],
    "business_timezone": [
        (
            "Europe/Lodnon",
            "a zone of the IANA time zone database, such as Europe/London."
            ' Did you mean "Europe/London"?',
        ),
        (8, "a zone of the IANA time zone database, such as Europe/London."),
        (None, "a zone of the IANA time zone database, such as Europe/London."),
    ],
    "reporting_currency": [
        ("cny", "three capital letters (ISO 4217), such as EUR."),
        ("EURO", "three capital letters (ISO 4217), such as EUR."),
        ("EUR\n", "three capital letters (ISO 4217), such as EUR."),
        (["CNY"], "three capital letters (ISO 4217), such as EUR."),
        (None, "three capital letters (ISO 4217), such as EUR."),
    ],
    "default_country": [
        ("China", "two capital letters (ISO 3166), such as DE."),
        ("cn", "two capital letters (ISO 3166), such as DE."),
        ("CN\n", "two capital letters (ISO 3166), such as DE."),
        (86, "two capital letters (ISO 3166), such as DE."),
    ],
    "valid_order_statuses": [
        ("paid", "a list, such as [paid, shipped]."),
        ([], "a list with at least one name."),
        ({"paid": True}, "a list, such as [paid, shipped]."),
    ],
    "spark_file_format": [
        ("icebreg", 'iceberg, delta, hudi, parquet. Did you mean "iceberg"?'),
        (1, "iceberg, delta, hudi, parquet."),
    ],
    "input_preset": [
        (
            "onlineretail",
            'sample, online_retail, files, own, all. Did you mean "online_retail"?',
        ),
        (1, "sample, online_retail, files, own, all."),
    ],
    "segmentations": [
        ("rfm", "a list of entries such as {id: rfm, model: int_rfm_segments}."),
        (None, "a list of entries such as {id: rfm, model: int_rfm_segments}."),
        ([], "a list of entries such as {id: rfm, model: int_rfm_segments}."),
    ],
    "open_segments_max": [
        (0, "a whole number of at least 1."),
        ("50", "a whole number of at least 1, without quotes."),
    ],
    "audiences": [
        (
            "vip",
            "a list of audiences such as {id: vip, label_en: VIPs, ..., "
            "where: {field: order_count, at_least: 10}}.",
        ),
        (
            None,
            "a list of audiences such as {id: vip, label_en: VIPs, ..., "
            "where: {field: order_count, at_least: 10}}.",
        ),
    ],
    "rfm_preset": [
        ("rfmr", 'rfm, rfm_r, fm_grid, rfm_8. Did you mean "rfm_r"?'),
        (["rfm"], "rfm, rfm_r, fm_grid, rfm_8."),
        (None, "rfm, rfm_r, fm_grid, rfm_8."),
    ],
    "rfm_cut_points": [("quantiles", 'quantile, fixed. Did you mean "quantile"?')],
    "identity_max_accounts_per_identifier": [
        (0, "a whole number of at least 1."),
        ("10", "a whole number of at least 1, without quotes."),
    ],
    "identity_max_identifiers_per_customer": [(-1, "a whole number of at least 1.")],
    "activity_new_days": [
        (-1, "a whole number of at least 0."),
        (True, "a whole number of at least 0."),
    ],
    "activity_active_days": [
        (0, "a whole number of at least 1."),
        (1.5, "a whole number of at least 1."),
    ],
    "activity_lost_days": [
        (0, "a whole number of at least 1."),
        ([365], "a whole number of at least 1."),
    ],
    "lifecycle_min_gaps": [
        (0, "a whole number of at least 1."),
        (None, "a whole number of at least 1."),
    ],
    "lifecycle_min_rhythm_days": [(0, "a whole number of at least 1.")],
    "lifecycle_fallback_rhythm_days": [("a year", "a whole number of at least 1.")],
    "lifecycle_declining_ratio": [
        (0.9, "a number of at least 1."),
        ("2.5", "a number of at least 1, without quotes."),
        (True, "a number of at least 1."),
    ],
    "lifecycle_churned_ratio": [(None, "a number of at least 1.")],
    "lifecycle_mature_orders": [(1, "a whole number of at least 2.")],
    "lifecycle_loyal_orders": [(1, "a whole number of at least 2.")],
    "lifecycle_loyal_days": [(-1, "a whole number of at least 0.")],
    "habit_min_orders": [(0, "a whole number of at least 1.")],
    "southern_hemisphere": [
        ("yes", "true or false, without quotes."),
        (1, "true or false."),
        (None, "true or false."),
    ],
    "frequency_high_days": [(0, "a whole number of at least 1.")],
    "frequency_regular_days": [(1.5, "a whole number of at least 1.")],
    "price_high_share": [
        (1.0001, "a share, a number from 0 to 1."),
        ("0.5", "a share, a number from 0 to 1, without quotes."),
        (True, "a share, a number from 0 to 1."),
    ],
    "price_high_depth": [(10, "a share, a number from 0 to 1.")],
    "price_low_share": [(-0.1, "a share, a number from 0 to 1.")],
    "price_low_depth": [(None, "a share, a number from 0 to 1.")],
    "value_tier_high_amount": [
        (-0.01, "a number of at least 0."),
        ("100000", "a number of at least 0, without quotes."),
    ],
    "value_tier_mid_amount": [(None, "a number of at least 0.")],
    "value_tier_high_orders": [(1, "a whole number of at least 2.")],
    "value_tier_mid_orders": [(1, "a whole number of at least 2.")],
    "value_tier_policy": [("matrx", 'min, max, matrix. Did you mean "matrix"?')],
    "pareto_head_share": [
        (1.01, "a share, a number from 0 to 1."),
        (80, "a share, a number from 0 to 1."),
        ("0.8", "a share, a number from 0 to 1, without quotes."),
        (True, "a share, a number from 0 to 1."),
    ],
    "pareto_torso_share": [
        (-0.1, "a share, a number from 0 to 1."),
        (None, "a share, a number from 0 to 1."),
    ],
    "vip_weight_recency": [(-1, "a number of at least 0.")],
    "vip_weight_frequency": [("3", "a number of at least 0, without quotes.")],
    "vip_weight_monetary": [(True, "a number of at least 0.")],
    "churn_window_days": [
        ("180", "a whole number of at least 1, without quotes."),
        (0, "a whole number of at least 1."),
    ],
    "churn_overdue_ratio": [(0.5, "a number of at least 1.")],
    "churn_falling_share": [(1.5, "a share, a number from 0 to 1.")],
    "churn_min_previous_orders": [(0, "a whole number of at least 1.")],
    "churn_high_reasons": [(1, "a whole number of at least 2.")],
    "profit_high_amount": [(-1, "a number of at least 0."), ("1e3", "a number of at least 0.")],
    "profit_mid_amount": [(None, "a number of at least 0.")],
    "profit_min_cost_share": [
        (1.1, "a share, a number from 0 to 1."),
        ("0.5", "a share, a number from 0 to 1, without quotes."),
    ],
    "inputs": [
        (
            "stg_shop__orders",
            "a map of orders, contacts, refunds, order_lines, rejected_rows to lists of staging"
            " models.",
        ),
        (
            None,
            "a map of orders, contacts, refunds, order_lines, rejected_rows to lists of staging"
            " models.",
        ),
    ],
}
# without these dbt can't even read the models
NEEDED_TO_PARSE = ("run_date", "business_timezone", "inputs", "segmentations")
# how a value is shown, where it isn't simply put in quotes
SHOWN = {
    "None": "empty",
    "['CNY']": '["CNY"]',
    "['rfm']": '["rfm"]',
    "{'paid': True}": "{paid: true}",
    "True": "true",
    "False": "false",
}


def shown(value: Any) -> str:
    if str(value) in SHOWN:
        return SHOWN[str(value)]
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_every_var_has_a_wrong_value_here(run_dbt: RunDbt, folder: Path) -> None:
    (names,) = returned_texts(
        run_dbt, ["segmentation.var_rules().keys() | join(' ')"], folder=folder
    )
    assert set(str(names).split()) == set(WRONG)


def test_each_wrong_value_is_answered_with_what_is_allowed(run_dbt: RunDbt, folder: Path) -> None:
    cases = [(name, value, allowed) for name, pairs in WRONG.items() for value, allowed in pairs]
    calls = [
        f"segmentation.var_problem('{name}', {value!r}, segmentation.var_rules().{name})"
        for name, value, _ in cases
    ]
    sentences = returned_texts(run_dbt, calls, folder=folder)
    assert sentences == [
        f'The var "{name}" is {shown(value)}; allowed: {allowed}' for name, value, allowed in cases
    ]


RIGHT: dict[str, list[Any]] = {
    "as_of_date": ["2024-02-29", None],
    "run_date": ["2026-07-01", None],
    "history_dates": [[], ["2024-02-29", "2025-02-28"]],
    "business_timezone": ["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires"],
    "reporting_currency": ["EUR"],
    "default_country": ["GB"],
    "valid_order_statuses": [["paid"], ["paid", "已付款", "ready to ship"]],
    "input_preset": ["own", None],
    "spark_file_format": ["parquet", None],
    "rfm_preset": ["rfm", "rfm_r", "fm_grid", "rfm_8"],
    "rfm_cut_points": ["quantile", "fixed"],
    "activity_new_days": [0, 30],
    "lifecycle_declining_ratio": [1, 1.5, 1e3],
    "lifecycle_mature_orders": [2],
    "southern_hemisphere": [True, False],
    "price_low_share": [0, 0.2, 1],
    "value_tier_high_amount": [0, 99.5],
    "value_tier_policy": ["min", "max", "matrix"],
    "pareto_head_share": [0, 0.8, 1],
    "vip_weight_recency": [0, 2.5],
    "segmentations": [
        [{"id": "rfm", "model": "int_rfm_segments", "preset_var": "rfm_preset"}],
        [{"id": "a", "model": "m", "reads": "b", "column": "c", "otherwise": "d", "is_open": True}],
        [{"id": "rfm", "model": "m", "explained_by": "int_rfm_explanations"}],
    ],
    "inputs": [{"orders": [ORDERS]}, {"orders": [ORDERS], "contacts": [], "refunds": ["stg_x"]}],
}


def test_right_values_are_not_complained_of(run_dbt: RunDbt, folder: Path) -> None:
    calls = [
        f"segmentation.var_problem('{name}', {value!r}, segmentation.var_rules().{name})"
        for name, values in RIGHT.items()
        for value in values
    ]
    calls.append(
        "segmentation.var_problem('history_dates', [modules.datetime.date(2024, 2, 29)],"
        " segmentation.var_rules().history_dates)"
    )
    sentences = returned_texts(run_dbt, calls, folder=folder)
    assert dict(zip(calls, sentences, strict=True)) == dict.fromkeys(calls, "")


WRONG_ITEMS: list[tuple[str, Any, str]] = [
    (
        "history_dates",
        ["2026-05-01", "2026-06-31"],
        'The var "history_dates" holds "2026-06-31"; '
        "allowed: days of the calendar written YYYY-MM-DD.",
    ),
    (
        "history_dates",
        ["2026-05-01", "2026-05-01"],
        'The var "history_dates" is ["2026-05-01", "2026-05-01"]; '
        "the same value stands in it twice.",
    ),
    (
        "valid_order_statuses",
        ["paid", "Shipped"],
        'The var "valid_order_statuses" holds "Shipped"; '
        "allowed: lower-case text without blanks around it.",
    ),
    (
        "valid_order_statuses",
        ["paid", " shipped"],
        'The var "valid_order_statuses" holds " shipped"; '
        "allowed: lower-case text without blanks around it.",
    ),
    (
        "valid_order_statuses",
        ["paid", 7],
        'The var "valid_order_statuses" holds "7"; '
        "allowed: lower-case text without blanks around it.",
    ),
    (
        "valid_order_statuses",
        ["paid", "paid"],
        'The var "valid_order_statuses" is ["paid", "paid"]; the same value stands in it twice.',
    ),
    (
        "inputs",
        {"orders": [ORDERS], "contact": []},
        'The var "inputs" names the entity "contact"; '
        'allowed: orders, contacts, refunds, order_lines, rejected_rows. Did you mean "contacts"?',
    ),
    (
        "inputs",
        {"orders": ORDERS},
        f'The var "inputs" has "{ORDERS}" for orders; '
        "allowed: a list of staging models, such as [stg_shop__orders].",
    ),
    (
        "inputs",
        {"orders": [ORDERS], "refunds": None},
        'The var "inputs" has empty for refunds; '
        "allowed: a list of staging models, such as [stg_shop__refunds].",
    ),
    (
        "inputs",
        {"orders": ["staging.orders"]},
        'The var "inputs" has "staging.orders" among its orders; allowed: the name of a model.',
    ),
    (
        "inputs",
        {"orders": [ORDERS, ORDERS]},
        f'The var "inputs" names the same model twice for orders: {ORDERS}, {ORDERS}. '
        "Every row would count twice.",
    ),
    (
        "inputs",
        {"contacts": ["stg_crm__contacts"]},
        'The var "inputs" has no staging model for orders; at least one is required. '
        "See models/staging/README.md.",
    ),
    (
        "inputs",
        {"orders": []},
        'The var "inputs" has no staging model for orders; at least one is required. '
        "See models/staging/README.md.",
    ),
    (
        "segmentations",
        ["rfm"],
        'The var "segmentations" holds "rfm"; '
        "allowed: entries such as {id: rfm, model: int_rfm_segments}.",
    ),
    (
        "segmentations",
        [{"id": "rfm", "modl": "int_rfm_segments"}],
        'The entry {id: "rfm", modl: "int_rfm_segments"} of the var "segmentations" has the field '
        '"modl"; allowed: id, model, reads, column, otherwise, preset_var, is_open, explained_by. '
        'Did you mean "model"?',
    ),
    (
        "segmentations",
        [{"id": "rfm"}],
        'The entry {id: "rfm"} of the var "segmentations" has no "model".',
    ),
    (
        "segmentations",
        [{"id": "RFM", "model": "int_rfm_segments"}],
        'The entry {id: "RFM", model: "int_rfm_segments"} of the var "segmentations" has "RFM" as '
        "its id; allowed: lower-case letters, digits and underscores.",
    ),
    (
        "segmentations",
        [{"id": "rfm", "model": "m", "otherwise": "'); drop table customers; --"}],
        """The entry {id: "rfm", model: "m", otherwise: "'); drop table customers; --"} of the """
        """var "segmentations" has "'); drop table customers; --" as its otherwise; """
        "allowed: lower-case letters, digits and underscores.",
    ),
    (
        "segmentations",
        [{"id": "rfm", "model": "m", "preset_var": "rfm_presets"}],
        'The entry {id: "rfm", model: "m", preset_var: "rfm_presets"} of the var "segmentations" '
        'names the var "rfm_presets", which is unknown. Did you mean "rfm_preset"?',
    ),
    (
        "segmentations",
        [{"id": "rfm", "model": "m", "is_open": "yes"}],
        'The entry {id: "rfm", model: "m", is_open: "yes"} of the var "segmentations" has "yes" as '
        "its is_open; allowed: true or false.",
    ),
    (
        "segmentations",
        [{"id": "rfm", "model": "m"}, {"id": "rfm", "model": "n"}],
        'The var "segmentations" has "rfm" twice.',
    ),
    (
        "segmentations",
        [{"id": "a", "model": "m"}, {"id": "b", "model": "m", "column": "a_segment"}],
        'The var "segmentations" gives the column "a_segment" to two segmentations.',
    ),
]


def test_each_wrong_item_of_a_list_or_map_is_named(run_dbt: RunDbt, folder: Path) -> None:
    calls = [
        f"segmentation.var_problem('{name}', {value!r}, segmentation.var_rules().{name})"
        for name, value, _ in WRONG_ITEMS
    ]
    sentences = returned_texts(run_dbt, calls, folder=folder)
    assert sentences == [sentence for _, _, sentence in WRONG_ITEMS]


# --- the same, all the way from the command line or the project file


def test_all_wrong_vars_are_listed_in_one_go(complain: Complain) -> None:
    given = {name: pairs[0][0] for name, pairs in WRONG.items() if name not in NEEDED_TO_PARSE}
    said = lines_of(complain(**given))
    assert sorted(said) == sorted(
        f'The var "{name}" is {shown(value)}; allowed: {WRONG[name][0][1]}'
        for name, value in given.items()
    )


@pytest.mark.parametrize("name", NEEDED_TO_PARSE)
def test_a_var_that_parsing_needs_is_answered_as_well(name: str, complain: Complain) -> None:
    value, allowed = WRONG[name][0]
    said = complain(**{name: value})
    assert f'The var "{name}" is {shown(value)}; allowed: {allowed}' in said


def test_infinity_is_no_ratio(complain: Complain) -> None:
    said = complain(
        lifecycle_declining_ratio=float("nan"),
        lifecycle_churned_ratio=float("inf"),
        pareto_head_share=float("nan"),
    )
    assert lines_of(said) == [
        'The var "lifecycle_declining_ratio" is nan; allowed: a number of at least 1.',
        'The var "lifecycle_churned_ratio" is inf; allowed: a number of at least 1.',
        'The var "pareto_head_share" is nan; allowed: a share, a number from 0 to 1.',
    ]


def test_a_wrong_value_in_the_project_file_stops_the_run(
    complain: Complain, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "wrong")
    change(project / "dbt_project.yml", "rfm_preset: rfm ", "rfm_preset: rfn ")
    change(project / "dbt_project.yml", "activity_new_days: 30", "activity_new_days: '30'")
    assert lines_of(complain(project)) == [
        'The var "rfm_preset" is "rfn"; allowed: rfm, rfm_r, fm_grid, rfm_8. Did you mean "rfm"?',
        'The var "activity_new_days" is "30"; '
        "allowed: a whole number of at least 0, without quotes.",
    ]


def test_vars_that_contradict_each_other_are_named_with_the_consequence(
    complain: Complain,
) -> None:
    said = lines_of(
        complain(
            run_date="2026-07-01",
            as_of_date="2026-07-03",
            history_dates=["2026-07-02", "2026-07-03", "2026-07-04"],
            activity_active_days=365,
            activity_lost_days=365,
            activity_new_days=366,
            lifecycle_declining_ratio=4,
            lifecycle_churned_ratio=4.0,
            lifecycle_mature_orders=9,
            lifecycle_loyal_orders=8,
            frequency_high_days=90,
            price_low_share=0.6,
            price_low_depth=0.1,
            value_tier_mid_amount=100.5,
            value_tier_high_amount=100.5,
            value_tier_mid_orders=13,
            value_tier_high_orders=12,
            churn_overdue_ratio=4,
            pareto_head_share=0.9,
            pareto_torso_share=0.2,
            vip_weight_recency=0,
            vip_weight_frequency=0.00001,
            vip_weight_monetary=0,
            profit_mid_amount=1000,
        )
    )
    assert said == [
        'The var "activity_active_days" is 365 and "activity_lost_days" is 365: '
        "the first must be smaller, or a customer would be lost before being dormant.",
        'The var "activity_new_days" is 366 and "activity_lost_days" is 365: '
        "the first must be smaller, or a customer would be new and lost at once.",
        'The var "lifecycle_declining_ratio" is 4 and "lifecycle_churned_ratio" is 4.0: '
        "the first must be smaller, or a customer would be churned before declining.",
        'The var "lifecycle_mature_orders" is 9 and "lifecycle_loyal_orders" is 8: '
        "the first must be smaller, or a customer would be loyal before being mature.",
        'The var "frequency_high_days" is 90 and "frequency_regular_days" is 90: '
        "the first must be smaller, or nobody would buy regularly without buying often.",
        'The var "price_low_share" is 0.6 and "price_high_share" is 0.5: the first must be '
        "smaller, or a customer could be of low and high price sensitivity at once.",
        'The var "price_low_depth" is 0.1 and "price_high_depth" is 0.1: the first must be '
        "smaller, or a customer could be of low and high price sensitivity at once.",
        'The var "value_tier_mid_amount" is 100.5 and "value_tier_high_amount" is 100.5: '
        "the first must be smaller, or no spend would be of the mid grade.",
        'The var "value_tier_mid_orders" is 13 and "value_tier_high_orders" is 12: '
        "the first must be smaller, or no frequency would be of the mid grade.",
        'The var "churn_overdue_ratio" is 4 and "lifecycle_churned_ratio" is 4.0: '
        "the first must be smaller, or every overdue customer would be gone already.",
        'The var "profit_mid_amount" is 1000 and "profit_high_amount" is 1000: '
        "the first must be smaller, or nobody would be in the tier mid.",
        'The vars "pareto_head_share" and "pareto_torso_share" are 0.9 and 0.2: '
        "together they must be at most 1, or they would share out more than there is.",
        'The vars "vip_weight_recency", "vip_weight_frequency" and "vip_weight_monetary" are all '
        "below 0.0001: at least one score must weigh something, or nobody has a VIP score.",
        'The var "history_dates" holds 2026-07-03, which is not before as_of_date 2026-07-03.',
        'The var "history_dates" holds 2026-07-04, which is not before as_of_date 2026-07-03.',
        'The var "as_of_date" is 2026-07-03, after tomorrow (today is 2026-07-01): '
        "what customers will have done by then is not known.",
    ]


def test_declining_has_to_last_a_day(complain: Complain) -> None:
    said = complain(
        lifecycle_declining_ratio=2, lifecycle_churned_ratio=2.07, lifecycle_min_rhythm_days=14
    )
    assert lines_of(said) == [
        'The var "lifecycle_churned_ratio" is 2.07 and "lifecycle_declining_ratio" is 2: at a '
        '"lifecycle_min_rhythm_days" of 14 declining would last less than a day, and a customer '
        "could be churned without having been declining."
    ]


def test_declining_may_last_one_day(run_dbt: RunDbt, folder: Path) -> None:
    """Ratios a tenth apart at ten days, though binary fractions say a little less."""
    result = run_dbt(
        ["--quiet", "run", "--select", "int_as_of_dates"],
        vars={
            "lifecycle_declining_ratio": 4,
            "lifecycle_churned_ratio": 4.1,
            "lifecycle_min_rhythm_days": 10,
        },
        db_path=folder / "config.duckdb",
        target_path=folder / "target",
    )
    assert result.success, result.error


def test_as_of_date_may_be_tomorrow(run_dbt: RunDbt, folder: Path) -> None:
    result = run_dbt(
        ["--quiet", "run", "--select", "int_as_of_dates"],
        vars={
            "run_date": "2026-06-30",
            "as_of_date": "2026-07-01",
            "history_dates": ["2026-06-30"],
        },
        db_path=folder / "config.duckdb",
        target_path=folder / "target",
    )
    assert result.success, result.error


# --- what the named inputs are


def test_a_seed_is_no_input(complain: Complain) -> None:
    (sentence,) = lines_of(complain(inputs={"orders": [ORDERS, "web_shop_orders"]}))
    assert sentence == (
        'The var "inputs" has "web_shop_orders" among its orders, which is no model of this '
        "project or its packages, but a seed or snapshot: a staging model on top of it is needed."
    )


def test_a_model_of_another_entity_is_told_what_it_lacks(complain: Complain) -> None:
    lines = lines_of(complain(inputs={"orders": [ORDERS], "refunds": [ORDERS]}))
    assert len(lines) == 3
    for line, (column, kind) in zip(
        lines,
        [
            ("refund_id", "string"),
            ("refunded_at", "timestamp"),
            ("refund_amount", "decimal(18, 4)"),
        ],
        strict=True,
    ):
        assert line.startswith(
            f'The staging model "{ORDERS}" feeds refunds but has no column "{column}" ({kind}).'
        )
        assert line.endswith(f"written as a typed NULL: null_of('{kind}').")


def test_a_staging_model_that_breaks_its_contract_is_told_how_to_mend_it(
    complain: Complain, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "shape")
    staging = project / "models" / "staging"
    change(
        staging / "tills" / "stg_tills__orders.yml", "- name: discount_amount", "- name: discount"
    )
    change(
        staging / "web_shop" / "stg_web_shop__orders.yml",
        "- name: is_test\n        data_type: boolean",
        "- name: is_test\n        data_type: string",
    )
    change(
        staging / "crm" / "stg_crm__contacts.yml", "contract: {enforced: true}", "tags: [contacts]"
    )
    assert lines_of(complain(project)) == [
        f'The staging model "{ORDERS}" feeds orders with "is_test" as string; '
        "the contract says boolean.",
        'The staging model "stg_tills__orders" feeds orders but has no column "discount_amount" '
        '(decimal(18, 4)). Did you mean "discount"? A column your source lacks is written as a '
        "typed NULL: null_of('decimal(18, 4)').",
        'The staging model "stg_crm__contacts" feeds contacts without an enforced contract. Add '
        '"config: {contract: {enforced: true}}" and its columns to stg_crm__contacts.yml.',
    ]


# --- the registry against the contract of marts.customers


def test_a_segmentation_without_its_column_is_told_where_to_add_it(
    complain: Complain, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "no_column")
    change(
        project / "dbt_project.yml",
        "      - {id: lifecycle, ",
        "      - {id: mood, model: int_activity_segments}\n"
        "      - {id: taste, model: int_activity_segments, column: favourite}\n"
        "      - {id: lifecycle, ",
    )
    assert lines_of(complain(project)) == [
        f'The segmentation "{name}" is registered, but the contract of marts.customers has no '
        f'column "{column}": add it to models/marts/customers/customers.yml, after the others.'
        for name, column in [("mood", "mood_segment"), ("taste", "favourite")]
    ]


def test_a_segment_column_that_nothing_fills_is_named(complain: Complain, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "no_entry")
    change(
        project / "models" / "marts" / "customers" / "customers.yml",
        "      - name: lifecycle_segment\n",
        "      - name: mood_segment\n        data_type: string\n      - name: lifecycle_segment\n",
    )
    change(
        project / "dbt_project.yml",
        "      - {id: activity, model: int_activity_segments, "
        "explained_by: int_activity_explanations}\n",
        "",
    )
    assert lines_of(complain(project)) == [
        f'The contract of marts.customers promises "{column}", but no entry of the var '
        '"segmentations" fills it: register the segmentation again, or take the column out of '
        "models/marts/customers/customers.yml."
        for column in ("mood_segment", "activity_segment")
    ]

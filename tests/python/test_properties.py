"""Properties of the real SQL over generated worlds, and its equality with the oracle.

Each example is a small world (`world.py`); the compiled models run over it (`sql_engine.py`) and
are compared with the definitions in plain Python (`oracle.py`) or with another run of the models.
"""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import RunDbt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Contact, Metrics, Order, Outcome, Reference, Refund, Settings, run
from reference_seeds import read_reference
from sql_engine import Built, Rows, SqlEngine
from world import (
    AS_OF_DATES,
    RUN_DATE,
    TODAY,
    Party,
    World,
    as_of_dates,
    order_rows,
    utc,
    worlds,
)

settings.register_profile(
    "dev", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

pytestmark = pytest.mark.slow

VARS: dict[str, Any] = {
    "input_preset": "all",
    "inputs": {
        "orders": ["stg_files__orders", "stg_web_shop__orders"],
        "contacts": ["stg_files__contacts", "stg_web_shop__contacts"],
        "refunds": ["stg_files__refunds", "stg_web_shop__refunds"],
        "rejected_rows": [],
    },
    "as_of_date": str(max(AS_OF_DATES)),
    "run_date": str(RUN_DATE),
}
# The other preset, with caps so low that small worlds reach them.
TIGHT_VARS: dict[str, Any] = VARS | {
    "rfm_preset": "rfm_r",
    "identity_max_accounts_per_identifier": 2,
    "identity_max_identifiers_per_customer": 3,
    "lifecycle_min_gaps": 1,
    "lifecycle_min_rhythm_days": 1,
    "activity_new_days": 14,
    "activity_active_days": 15,
    "activity_lost_days": 30,
    "valid_order_statuses": ["paid", "pending"],
}
NOT_SETTINGS = {"input_preset", "inputs", "as_of_date", "run_date"}

CUSTOMER_COLUMNS = (
    "first_seen_date",
    "registered_date",
    "first_order_date",
    "last_order_date",
    "recency_days",
    "tenure_days",
    "order_count",
    "gross_revenue",
    "discount_amount",
    "refund_amount",
    "net_revenue",
    "average_order_value",
    "rhythm_days",
    "overdue_ratio",
    "r_score",
    "f_score",
    "m_score",
    "rfm_segment",
    "lifecycle_segment",
    "activity_segment",
    "acquisition_channel",
    "purchase_channel",
    "purchase_channel_share",
    "purchase_channel_entropy",
    "is_omnichannel",
)
SEGMENTATIONS = {
    "rfm": "rfm_segment",
    "lifecycle": "lifecycle_segment",
    "activity": "activity_segment",
    "acquisition_channel": "acquisition_channel",
    "purchase_channel": "purchase_channel",
}
# Who the customer is follows the precedence of the staging models, so it may differ with them.
ATTRIBUTES = ("country", "region", "city")


# ---------------------------------------------------------------------------------------------
# Fixtures and small helpers
# ---------------------------------------------------------------------------------------------
class Case:
    """An engine with the oracle's view of the same vars and seeds."""

    def __init__(self, run_dbt: RunDbt, folder: Path, root: Path, variables: dict[str, Any]):
        self.engine = SqlEngine(run_dbt, folder, variables)
        given = {name: value for name, value in variables.items() if name not in NOT_SETTINGS}
        if "valid_order_statuses" in given:
            given["valid_order_statuses"] = tuple(given["valid_order_statuses"])
        self.settings = Settings(run_date=RUN_DATE, **given)
        self.reference: Reference = read_reference(root / "seeds" / "reference", self.settings)

    def expect(self, world: World, days: Iterable[date]) -> Outcome:
        """What the definitions say."""
        return run(
            world.orders,
            world.contacts,
            world.refunds,
            as_of_dates=days,
            settings=self.settings,
            reference=self.reference,
        )


@pytest.fixture(scope="module")
def default(run_dbt, project_root, tmp_path_factory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("default"), project_root, VARS)


@pytest.fixture(scope="module")
def tight(run_dbt, project_root, tmp_path_factory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("tight"), project_root, TIGHT_VARS)


def agrees(found: Any, exact: Any) -> bool:
    """Whether a value of the mart is the exact one, to the decimals that the mart keeps."""
    if found is None or exact is None or not isinstance(found, Decimal):
        return bool(found == exact)
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Fraction(10) ** exponent / 2
    slack = Fraction(1, 10**9) if isinstance(exact, float) else 0
    return abs(Fraction(found) - Fraction(exact)) <= half + slack


def customer_ids(built: Built, outcome: Outcome) -> dict[Any, set[str]]:
    """The customer ids that the SQL gives to the records of each of the oracle's customers."""
    by_order = {(row["source_name"], row["order_id"]): row for row in built.rows("int_orders")}
    by_refund = {(row["source_name"], row["refund_id"]): row for row in built.rows("int_refunds")}
    by_contact = {
        (row["source_name"], row["contact_id"]): row
        for row in built.rows("int_identity_bridge")
        if row["record_kind"] == "contact"
    }
    pairs = (
        (outcome.customer_of_order, by_order),
        (outcome.customer_of_refund, by_refund),
        (outcome.customer_of_contact, by_contact),
    )
    found = defaultdict(set)
    for expected, rows in pairs:
        assert expected.keys() == rows.keys()
        for key, customer in expected.items():
            found[customer].add(rows[key]["customer_id"])
    return found


def without(rows: Rows, *columns: str) -> list[tuple[tuple[str, Any], ...]]:
    """Rows as a sorted list to compare, less some columns."""
    kept = (
        tuple((name, value) for name, value in row.items() if name not in columns) for row in rows
    )
    return sorted(kept, key=repr)


CUSTOMERS_AT_EVERY_DATE = """
    select
        metrics.*,
        lifecycle.rhythm_days,
        lifecycle.overdue_ratio,
        lifecycle.segment_id as lifecycle_segment,
        rfm.r_score,
        rfm.f_score,
        rfm.m_score,
        rfm.segment_id as rfm_segment,
        activity.segment_id as activity_segment,
        acquired.segment_id as acquisition_channel,
        coalesce(bought.segment_id, 'none') as purchase_channel,
        bought.purchase_channel_share,
        bought.purchase_channel_entropy,
        coalesce(bought.is_omnichannel, false) as is_omnichannel
    from {int_customer_metrics} as metrics
    left join {int_lifecycle_segments} as lifecycle using (customer_id, as_of_date)
    left join {int_rfm_segments} as rfm using (customer_id, as_of_date)
    left join {int_activity_segments} as activity using (customer_id, as_of_date)
    left join {int_acquisition_channels} as acquired using (customer_id, as_of_date)
    left join {int_purchase_channels} as bought using (customer_id, as_of_date)
"""


def customers_at_every_date(built: Built) -> Rows:
    """What the mart `customers` shows for the current date, for every date of the build."""
    return built.query(CUSTOMERS_AT_EVERY_DATE.format_map(built.relations))


# ---------------------------------------------------------------------------------------------
# The SQL against the oracle
# ---------------------------------------------------------------------------------------------
def check_rejects(built: Built, outcome: Outcome) -> None:
    expected = Counter()
    for entity in ("orders", "contacts", "refunds"):
        for judged in getattr(outcome, entity):
            if judged.reason is not None:
                row = judged.row
                amount = getattr(row, "gross_amount", getattr(row, "refund_amount", None))
                key = getattr(row, f"{entity[:-1]}_id")
                expected[row.source_name, entity, key, judged.reason, row.raw_values, amount] += 1
    names = ("source_name", "entity", "record_key", "reason", "raw_values", "amount")
    found = Counter(tuple(row[name] for name in names) for row in built.rows("rejected_records"))
    assert found == expected


def check_orders(built: Built, outcome: Outcome, today: date) -> None:
    """Every accepted order known at the current date: money, validity, refunds, new or repeat."""
    rows = built.rows("orders")
    expected, returned = {}, defaultdict(Decimal)
    for back in outcome.accepted_refunds:
        if back.order is not None and back.counts and back.refund_date < today:
            returned[back.order.key] += back.amount
    for key, sale in outcome.accepted_orders.items():
        if sale.order_date < today:
            net = sale.paid - returned[key] if sale.is_valid else 0
            expected[":".join(key)] = (
                sale.order_date, sale.gross, sale.discount, returned[key], net, sale.is_valid
            )  # fmt: skip
    names = (
        "order_date", "gross_amount", "discount_amount", "refund_amount", "net_revenue", "is_valid"
    )  # fmt: skip
    assert {row["order_key"]: tuple(row[name] for name in names) for row in rows} == expected
    first: dict[str, Any] = {}
    for row in rows:
        if row["order_type"] == "new":
            assert row["customer_id"] not in first
            first[row["customer_id"]] = row["ordered_at"]
    for row in rows:
        if row["is_valid"] and row["customer_id"] is not None:
            assert row["ordered_at"] >= first[row["customer_id"]]


def check_customers(built: Built, outcome: Outcome, days: list[date]) -> None:
    ids = customer_ids(built, outcome)
    assert ids.pop(None, {None}) == {None}
    assert all(len(found) == 1 for found in ids.values()), "one customer, one id"
    id_of = {customer: next(iter(found)) for customer, found in ids.items()}
    assert len(set(id_of.values())) == len(id_of), "one id, one customer"
    history = customers_at_every_date(built)
    rows = {(row["customer_id"], row["as_of_date"]): row for row in history}
    assert len(rows) == len(history)
    expected: dict[Any, Metrics] = {
        (id_of[customer], day): metrics for (customer, day), metrics in outcome.customers.items()
    }
    assert rows.keys() == expected.keys()
    wrong = [
        (customer, str(day), name, rows[customer, day][name], getattr(metrics, name))
        for (customer, day), metrics in expected.items()
        for name in CUSTOMER_COLUMNS
        if not agrees(rows[customer, day][name], getattr(metrics, name))
    ]
    assert not wrong, "customer, day, column, SQL, oracle"
    today = max(days)
    mart = {row["customer_id"]: row for row in built.rows("customers")}
    assert mart.keys() == {customer for customer, day in rows if day == today}
    for customer, shown in mart.items():
        assert shown["as_of_date"] == today
        assert all(shown[name] == rows[customer, today][name] for name in CUSTOMER_COLUMNS)


def check_cut_points(built: Built, outcome: Outcome) -> None:
    found = defaultdict(dict)
    for row in built.rows("int_rfm_cut_points"):
        found[row["as_of_date"], row["metric"]][row["cut_number"]] = row["cut_value"]
    for day, cuts in outcome.cut_points.items():
        for metric in ("recency", "frequency", "monetary"):
            values = [value for _, value in sorted(found[day, metric].items())]
            if cuts is None:
                assert set(values) <= {None}
            else:
                exact = getattr(cuts, metric)
                assert all(map(agrees, values, exact)), (metric, values, exact)
                assert len(values) == len(exact)


def check_partitions(built: Built, outcome: Outcome) -> None:
    """Exactly one segment of every segmentation, the one the mart shows, counted once."""
    rows = {
        (row["customer_id"], row["as_of_date"]): row for row in customers_at_every_date(built)
    }
    seen = Counter()
    for row in built.rows("int_segment_assignments"):
        key = (row["customer_id"], row["as_of_date"])
        seen[key, row["segmentation_id"]] += 1
        assert row["segment_id"] == rows[key][SEGMENTATIONS[row["segmentation_id"]]]
    assert seen == {(key, name): 1 for key in rows for name in SEGMENTATIONS}
    sizes = Counter(
        (day, name, getattr(metrics, column))
        for (_, day), metrics in outcome.customers.items()
        for name, column in SEGMENTATIONS.items()
    )
    summary = {
        (row["as_of_date"], row["segmentation_id"], row["segment_id"]): row["customer_count"]
        for row in built.rows("segment_summary")
    }
    assert +Counter(summary) == sizes


def check_equal_values_score_alike(built: Built) -> None:
    for value, scored in (
        ("recency_days", "r_score"),
        ("order_count", "f_score"),
        ("net_revenue", "m_score"),
    ):
        scores = defaultdict(set)
        for row in customers_at_every_date(built):
            if row["order_count"]:
                scores[row["as_of_date"], row[value]].add(row[scored])
        assert all(len(found) == 1 for found in scores.values()), (scored, scores)


def check_reconciliation(built: Built, world: World) -> None:
    rows = built.rows("reconciliation")
    assert [row for row in rows if row["difference"] != 0] == []
    raw = Counter()
    for row in rows:
        if row["check_name"].endswith("_rows"):
            raw[row["as_of_date"], row["check_name"].removesuffix("_rows")] += row["expected"]
    days = {day for day, _ in raw}
    for entity in ("orders", "contacts", "refunds"):
        assert all(raw[day, entity] == len(getattr(world, entity)) for day in days)


def check_everything(case: Case, world: World, days: list[date]) -> None:
    outcome = case.expect(world, days)
    built = case.engine.build(world, days)
    check_rejects(built, outcome)
    check_customers(built, outcome, days)
    check_cut_points(built, outcome)
    check_partitions(built, outcome)
    check_equal_values_score_alike(built)
    check_orders(built, outcome, max(days))
    check_reconciliation(built, world)


@settings(max_examples=60)
@given(world=worlds(), days=as_of_dates())
def test_the_marts_are_what_the_definitions_say(default, world, days):
    check_everything(default, world, days)


@settings(max_examples=40)
@given(world=worlds(), days=as_of_dates())
def test_so_they_are_under_other_vars_with_caps_reached(tight, world, days):
    check_everything(tight, world, days)


def test_an_empty_world_gives_empty_marts(default):
    check_everything(default, World(), list(AS_OF_DATES))


# ---------------------------------------------------------------------------------------------
# The SQL against itself
# ---------------------------------------------------------------------------------------------
MARTS = (
    "customers",
    "orders",
    "segment_summary",
    "channel_performance",
    "rejected_records",
    "reconciliation",
)


@settings(max_examples=12)
@given(world=worlds(), days=as_of_dates(), chance=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(default, world, days, chance):
    before = {name: without(default.engine.build(world, days).rows(name)) for name in MARTS}
    shuffled = World(
        *(
            tuple(chance.sample(rows, len(rows)))
            for rows in (world.orders, world.contacts, world.refunds)
        )
    )
    after = default.engine.build(shuffled, days)
    for name in MARTS:
        assert without(after.rows(name)) == before[name], name

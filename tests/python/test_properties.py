"""Properties of the real SQL over generated worlds, and its equality with the oracle.

Each example is a small world (`world.py`); the compiled models run over it (`sql_engine.py`) and
are compared with the definitions in plain Python (`oracle.py`) or with another run of the models.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import phonenumbers
import pytest
from conftest import RunDbt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import (
    Account,
    Contact,
    Customer,
    Metrics,
    Order,
    OrderKey,
    Outcome,
    Reference,
    Settings,
    line_amount,
    run,
)
from reference_seeds import read_reference, read_seed
from sql_engine import Built, Rows, SqlEngine
from world import (
    AS_OF_DATES,
    LATEST,
    PEOPLE,
    RUN_DATE,
    TODAY,
    Party,
    World,
    as_of_dates,
    parties,
    utc,
    worlds,
)

# In CI the same examples every time, and no long search for the smallest one that fails: run the
# file without CI set for that.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci",
    settings.get_profile("dev"),
    derandomize=True,
    database=None,
    phases=[phase for phase in Phase if phase not in {Phase.shrink, Phase.explain}],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

pytestmark = pytest.mark.slow

VARS: dict[str, Any] = {
    "input_preset": "all",
    "inputs": {
        "orders": ["stg_files__orders", "stg_web_shop__orders"],
        "contacts": ["stg_files__contacts", "stg_web_shop__contacts"],
        "refunds": ["stg_files__refunds", "stg_web_shop__refunds"],
        "order_lines": ["stg_files__order_lines", "stg_web_shop__order_lines"],
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
    # a zone with summer time, in which eight o'clock in Shanghai is midnight
    "business_timezone": "Europe/London",
    "habit_min_orders": 1,
    "southern_hemisphere": True,
    "frequency_high_days": 14,
    "frequency_regular_days": 45,
    "price_high_share": 0.75,
    "price_high_depth": 0.3,
    "price_low_share": 0.34,
    "price_low_depth": 0.1,
    "value_tier_policy": "matrix",
    "value_tier_high_amount": 150,
    "value_tier_mid_amount": 100,
    "value_tier_high_orders": 4,
    "value_tier_mid_orders": 2,
    "pareto_head_share": 0.5,
    "pareto_torso_share": 0.3,
    "vip_weight_recency": 0.1,
    "vip_weight_frequency": 0,
    "vip_weight_monetary": 0.25,
    "churn_window_days": 56,
    "churn_overdue_ratio": 1,
    "churn_falling_share": 0.3,
    "churn_min_previous_orders": 1,
    "churn_high_reasons": 2,
    "profit_high_amount": 60,
    "profit_mid_amount": 12.995,
    "profit_min_cost_share": 0.125,
}
# A shop elsewhere, with segments by the mean.
ABROAD_VARS: dict[str, Any] = VARS | {"rfm_preset": "rfm_8", "default_country": "GB"}
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
    "median_gap_days",
    "gap_variation",
    "next_order_expected_date",
    "r_score",
    "f_score",
    "m_score",
    "rfm_segment",
    "lifecycle_segment",
    "activity_segment",
    "preferred_time_segment",
    "preferred_time_share",
    "preferred_weekday_segment",
    "preferred_weekday_share",
    "preferred_season_segment",
    "preferred_season_share",
    "price_sensitivity_segment",
    "discounted_order_share",
    "discount_depth",
    "purchase_frequency_segment",
    "acquisition_channel",
    "purchase_channel",
    "purchase_channel_share",
    "purchase_channel_entropy",
    "is_omnichannel",
    "year_order_count",
    "year_net_revenue",
    "spend_grade",
    "frequency_grade",
    "value_tier_segment",
    "cumulative_revenue_share",
    "pareto_segment",
    "vip_score",
    "vip_level_segment",
    "churn_reason_count",
    "churn_risk_segment",
    "age_band_segment",
    "gender_segment",
    "region_segment",
    "urban_segment",
    "occupation_segment",
    "industry_segment",
    "company_size_segment",
    "partner_type_segment",
    "category_preference_segment",
    "category_preference_share",
    "category_count",
    "gross_profit",
    "gross_margin_share",
    "line_revenue_share",
    "costed_revenue_share",
    "profit_tier_segment",
)
# by who the customer is
PROFILE = {
    name: f"{name}_segment"
    for name in (
        "age_band",
        "gender",
        "region",
        "urban",
        "occupation",
        "industry",
        "company_size",
        "partner_type",
    )
}
SEGMENTATIONS = PROFILE | {
    "rfm": "rfm_segment",
    "lifecycle": "lifecycle_segment",
    "activity": "activity_segment",
    "acquisition_channel": "acquisition_channel",
    "purchase_channel": "purchase_channel",
    "purchase_frequency": "purchase_frequency_segment",
    "price_sensitivity": "price_sensitivity_segment",
    "preferred_time": "preferred_time_segment",
    "preferred_weekday": "preferred_weekday_segment",
    "preferred_season": "preferred_season_segment",
    "value_tier": "value_tier_segment",
    "pareto": "pareto_segment",
    "vip_level": "vip_level_segment",
    "churn_risk": "churn_risk_segment",
    "category_preference": "category_preference_segment",
    "profit_tier": "profit_tier_segment",
}
# Who the customer is follows the precedence of the staging models, so it may differ with them.
ATTRIBUTES = (
    "country",
    "region",
    "city",
    "gender",
    "occupation",
    "industry",
    "company_size",
    "partner_type",
    "tags",
    *PROFILE.values(),
)


Cells = list[tuple[tuple[str, Any], ...]]


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
        given |= {name: Fraction(str(value)) for name, value in given.items()
                  if isinstance(value, float)}  # fmt: skip
        self.settings = Settings(run_date=RUN_DATE, **given)
        seeds = root / "seeds" / "reference"
        self.reference: Reference = read_reference(seeds, self.settings)
        self.phone_countries = [row["country"] for row in read_seed(seeds, "phone_countries")]

    def expect(self, world: World, days: Iterable[date]) -> Outcome:
        """What the definitions say."""
        return run(
            world.orders,
            world.contacts,
            world.refunds,
            world.order_lines,
            as_of_dates=days,
            settings=self.settings,
            reference=self.reference,
        )


@pytest.fixture(scope="module")
def default(run_dbt: RunDbt, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("default"), project_root, VARS)


@pytest.fixture(scope="module")
def tight(run_dbt: RunDbt, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("tight"), project_root, TIGHT_VARS)


@pytest.fixture(scope="module")
def abroad(run_dbt: RunDbt, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("abroad"), project_root, ABROAD_VARS)


def agrees(found: Any, exact: Any) -> bool:
    """Whether a value of the mart is the exact one, to the decimals that the mart keeps."""
    if found is None or exact is None or not isinstance(found, Decimal):
        return bool(found == exact)
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Fraction(10) ** exponent / 2
    slack = Fraction(1, 10**9) if isinstance(exact, float) else 0
    return abs(Fraction(found) - Fraction(exact)) <= half + slack


def account_key(account: Account) -> str:
    """An account as the bridge writes it."""
    kind, *rest = account
    return ":".join(["id" if kind == "contact" else kind, *rest])


def customer_ids(built: Built, outcome: Outcome) -> dict[Customer, str]:
    """The id of each of the oracle's customers.

    The bridge must know the same accounts, and join and part them in the same way.
    """
    bridge: dict[str | None, set[str]] = defaultdict(set)
    for row in built.rows("int_identity_bridge"):
        bridge[row["account_key"]].add(row["customer_id"])
    assert bridge.pop(None, {None}) == {None}
    customer_of = {
        account_key(account): customer for account, customer in outcome.identity.customer_of.items()
    }
    assert bridge.keys() == customer_of.keys()
    found: dict[Customer, set[str]] = defaultdict(set)
    for key, customer in customer_of.items():
        found[customer] |= bridge[key]
    parted = {customer: ids for customer, ids in found.items() if len(ids) != 1}
    assert not parted, "one customer, one id"
    id_of = {customer: next(iter(ids)) for customer, ids in found.items()}
    joined = [one for one, times in Counter(id_of.values()).items() if times > 1]
    assert not joined, "one id, one customer"
    return id_of


def without(rows: Rows, *columns: str) -> Cells:
    """Rows as a sorted list to compare, less some columns."""
    kept = (
        tuple((name, value) for name, value in row.items() if name not in columns) for row in rows
    )
    return sorted(kept, key=repr)


# ---------------------------------------------------------------------------------------------
# The SQL against the oracle
# ---------------------------------------------------------------------------------------------
def check_rejects(built: Built, outcome: Outcome) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for entity in ("orders", "contacts", "refunds"):
        for judged in getattr(outcome, entity):
            if judged.reason is not None:
                row = judged.row
                amount = getattr(row, "gross_amount", getattr(row, "refund_amount", None))
                key = getattr(row, f"{entity[:-1]}_id")
                expected[row.source_name, entity, key, judged.reason, row.raw_values, amount] += 1
    for judged in outcome.order_lines:
        if judged.reason is not None:
            line = judged.row
            key = "/".join(filter(None, (line.order_id, line.line_id))) if line.order_id else None
            amount = line_amount(line.quantity, line.unit_price)
            found_in = (line.source_name, "order_lines", key, judged.reason)
            expected[*found_in, line.raw_values, amount] += 1
    names = ("source_name", "entity", "record_key", "reason", "raw_values", "amount")
    found = Counter(tuple(row[name] for name in names) for row in built.rows("rejected_records"))
    assert found == expected


def check_orders(built: Built, outcome: Outcome, today: date) -> None:
    """Every accepted order known today: its customer, money and refunds; one new per customer."""
    id_of = customer_ids(built, outcome)
    expected: dict[str, dict[str, Any]] = {}
    returned: dict[OrderKey, Decimal] = defaultdict(Decimal)
    for back in outcome.accepted_refunds:
        if back.order is not None and back.counts and back.refund_date < today:
            returned[back.order.key] += back.amount
    for key, sale in outcome.accepted_orders.items():
        customer = outcome.customer_of_order[key]
        if sale.order_date < today:
            expected[":".join(key)] = {
                "customer_id": None if customer is None else id_of[customer],
                "order_date": sale.order_date,
                "is_valid": sale.is_valid,
                "gross_amount": sale.gross,
                "discount_amount": sale.discount,
                "refund_amount": returned[key],
                "net_revenue": sale.paid - returned[key] if sale.is_valid else 0,
            }
    rows = {row["order_key"]: row for row in built.rows("orders")}
    assert rows.keys() == expected.keys()
    wrong = [
        (key, name, rows[key][name], value)
        for key, columns in expected.items()
        for name, value in columns.items()
        if rows[key][name] != value
    ]
    assert not wrong, "order, column, SQL, oracle"

    sales: dict[str, list[tuple[bool, datetime]]] = defaultdict(list)
    for row in rows.values():
        if row["is_valid"] and row["customer_id"] is not None:
            sales[row["customer_id"]].append((row["order_type"] != "new", row["ordered_at"]))
    for found in sales.values():
        kinds = [is_repeat for is_repeat, _ in sorted(found, key=lambda sale: sale[1])]
        assert sorted(kinds) == [False] + [True] * (len(kinds) - 1), "one order is the first"
        assert min(found)[1] == min(moment for _, moment in found), "it is the earliest"


def check_customers(built: Built, outcome: Outcome, today: date) -> None:
    """Who is a customer today, and every column that the definitions speak of."""
    id_of = customer_ids(built, outcome)
    expected: dict[str, Metrics] = {
        id_of[customer]: metrics
        for (customer, day), metrics in outcome.customers.items()
        if day == today
    }
    rows = {row["customer_id"]: row for row in built.rows("customers")}
    assert rows.keys() == expected.keys()
    wrong = [
        (customer, name, rows[customer][name], getattr(metrics, name))
        for customer, metrics in expected.items()
        for name in ("as_of_date", *CUSTOMER_COLUMNS)
        if not agrees(rows[customer][name], getattr(metrics, name))
    ]
    assert not wrong, "customer, column, SQL, oracle"


def check_cut_points(built: Built, outcome: Outcome) -> None:
    """Four cut points of each score at each date, none where nobody has bought."""
    found: dict[tuple[date, str], dict[int, Decimal]] = defaultdict(dict)
    for row in built.rows("int_rfm_cut_points"):
        found[row["as_of_date"], row["metric"]][row["cut_number"]] = row["cut_value"]
    for day, cuts in outcome.cut_points.items():
        for metric in ("recency", "frequency", "monetary"):
            values = [value for _, value in sorted(found[day, metric].items())]
            exact = () if cuts is None else getattr(cuts, metric)
            assert len(values) == len(exact)
            assert all(map(agrees, values, exact)), (day, metric, values, exact)


def check_partitions(built: Built, outcome: Outcome) -> None:
    """Every customer is in exactly one known segment of every segmentation, at every date.

    Audiences are no partitions; test_audiences.py compares them with an evaluator of their own.
    """
    known = {(row["segmentation_id"], row["segment_id"]) for row in built.rows("segments")}
    for row in built.rows("customers"):
        assert all((name, row[column]) in known for name, column in SEGMENTATIONS.items())
    sizes = Counter(
        (day, name, getattr(metrics, column))
        for (_, day), metrics in outcome.customers.items()
        for name, column in SEGMENTATIONS.items()
    )
    summary = {
        (row["as_of_date"], row["segmentation_id"], row["segment_id"]): row["customer_count"]
        for row in built.rows("segment_summary")
        if row["segmentation_id"] != "audience"
    }
    assert +Counter(summary) == sizes


def check_concentration(built: Built, outcome: Outcome) -> None:
    """One row a date, every figure as the definitions say; nothing is said without buyers."""
    rows = {row["as_of_date"]: row for row in built.rows("revenue_concentration")}
    assert rows.keys() == outcome.concentrations.keys()
    for day, exact in outcome.concentrations.items():
        for name, value in asdict(exact).items():
            assert agrees(rows[day][name], value), (day, name, rows[day][name], value)
        share = (
            Fraction(exact.head_customer_count, exact.buyer_count) if exact.buyer_count else None
        )
        assert agrees(rows[day]["head_customer_share"], share)


def check_churn_reasons(built: Built, outcome: Outcome) -> None:
    """Each reason of each customer at each date, with the facts; no other row."""
    id_of = customer_ids(built, outcome)
    expected = {
        (id_of[customer], day, reason): facts
        for (customer, day), metrics in outcome.customers.items()
        for reason, facts in metrics.churn_reasons.items()
    }
    found = {
        (row["customer_id"], row["as_of_date"], row["reason_id"]): (
            row["severity"],
            row["measured_value"],
            row["compared_value"],
        )
        for row in built.rows("churn_reasons")
    }
    assert found.keys() == expected.keys()
    for key, facts in expected.items():
        assert all(map(agrees, found[key], facts)), (key, found[key], facts)


PARTS = {"none": 0, "tail": 1, "torso": 2, "head": 3}


def check_equal_values_score_alike(built: Built) -> None:
    """Tie-fair: one value, one score; a better value never a lower one."""
    rows = [row for row in built.rows("customers") if row["order_count"]]
    for value, name, sign in (
        ("recency_days", "r_score", -1),
        ("order_count", "f_score", 1),
        ("net_revenue", "m_score", 1),
        ("net_revenue", "pareto_segment", 1),
    ):
        scores: dict[Any, set[Any]] = defaultdict(set)
        for row in rows:
            scores[sign * row[value]].add(PARTS.get(row[name], row[name]))
        assert all(len(found) == 1 for found in scores.values()), (name, scores)
        climbing = [next(iter(found)) for _, found in sorted(scores.items())]
        assert climbing == sorted(climbing), (name, scores)


def check_reconciliation(built: Built, world: World) -> None:
    rows = built.rows("reconciliation")
    assert [row for row in rows if row["difference"] != 0] == []
    raw: Counter[tuple[date, str]] = Counter()
    for row in rows:
        if row["check_name"].endswith("_rows"):
            raw[row["as_of_date"], row["check_name"].removesuffix("_rows")] += row["expected"]
    days = {day for day, _ in raw}
    for entity in ("orders", "contacts", "refunds", "order_lines"):
        assert all(raw[day, entity] == len(getattr(world, entity)) for day in days)


def check_everything(case: Case, world: World, days: list[date]) -> None:
    outcome = case.expect(world, days)
    built = case.engine.build(days, world)
    check_rejects(built, outcome)
    check_customers(built, outcome, max(days))
    check_cut_points(built, outcome)
    check_partitions(built, outcome)
    check_equal_values_score_alike(built)
    check_concentration(built, outcome)
    check_churn_reasons(built, outcome)
    check_orders(built, outcome, max(days))
    check_reconciliation(built, world)


@settings(max_examples=40)
@given(world=worlds(), days=as_of_dates())
def test_the_marts_are_what_the_definitions_say(
    default: Case, world: World, days: list[date]
) -> None:
    check_everything(default, world, days)


@settings(max_examples=25)
@given(world=worlds(), days=as_of_dates())
def test_so_they_are_under_other_vars_with_caps_reached(
    tight: Case, world: World, days: list[date]
) -> None:
    check_everything(tight, world, days)


@settings(max_examples=25)
@given(world=worlds(), days=as_of_dates())
def test_so_they_are_in_another_country_with_segments_by_the_mean(
    abroad: Case, world: World, days: list[date]
) -> None:
    check_everything(abroad, world, days)


def test_phones_are_read_as_the_phone_number_library_reads_them(default: Case) -> None:
    """Of every country in the seed a mobile and a landline number, each written in many ways."""
    formats = phonenumbers.PhoneNumberFormat
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    written: set[tuple[str, str | None]] = set()
    for country in default.phone_countries:
        for kind in kinds:
            number = phonenumbers.example_number_for_type(country, kind)
            assert number is not None
            e164 = phonenumbers.format_number(number, formats.E164)
            written |= {
                (e164, "US"),
                (f"00{e164[1:]}", "DE"),
                (str(number.national_number), country),
                (phonenumbers.format_number(number, formats.NATIONAL), country),
                (phonenumbers.format_number(number, formats.INTERNATIONAL), None),
                (phonenumbers.format_number(number, formats.RFC3966), None),
            }
            if country in {"AT", "CH", "DE", "FR", "GB", "NL", "SE"}:  # where people write it so
                written.add((f"+{number.country_code} (0){number.national_number}", "CN"))
    contacts = tuple(
        Contact(
            "crm",
            contact_id=str(place),
            phone=phone,
            country=country,
            created_at=utc(TODAY, time()),
            raw_values="{}",
        )
        for place, (phone, country) in enumerate(sorted(written, key=str))
    )
    world = World(contacts=contacts)
    outcome = default.expect(world, [TODAY])
    assert len(set(outcome.identity.customer_of.values())) < len(contacts) / 4
    customer_ids(default.engine.build([TODAY], world), outcome)


def test_an_empty_world_gives_empty_marts(default: Case) -> None:
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
    "revenue_concentration",
    "churn_reasons",
)


def marts(
    case: Case, days: Iterable[date], *parts: World, less: tuple[str, ...] = ()
) -> dict[str, Cells]:
    """All rows of all marts, less some columns, to compare with those of another build."""
    built = case.engine.build(days, *parts)
    return {name: without(built.rows(name), *less) for name in MARTS}


def customers(case: Case, day: date, world: World) -> dict[str, dict[str, Any]]:
    """The mart `customers` at one day."""
    return {row["customer_id"]: row for row in case.engine.build([day], world).rows("customers")}


@settings(max_examples=8)
@given(world=worlds(), days=as_of_dates(), chance=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    default: Case, world: World, days: list[date], chance: Random
) -> None:
    shuffled = World(
        tuple(chance.sample(world.orders, len(world.orders))),
        tuple(chance.sample(world.contacts, len(world.contacts))),
        tuple(chance.sample(world.refunds, len(world.refunds))),
        tuple(chance.sample(world.order_lines, len(world.order_lines))),
    )
    assert marts(default, days, shuffled) == marts(default, days, world)


@settings(max_examples=8)
@given(world=worlds(), days=as_of_dates(), chance=st.randoms(use_true_random=False))
def test_renamed_contacts_and_split_files_change_no_segment_and_no_revenue(
    default: Case, world: World, days: list[date], chance: Random
) -> None:
    names = {f"c{person}": f"x{9 - person}" for person in range(10)}
    renamed = world.mapped(lambda row: {"contact_id": names.get(row.contact_id or "")})
    rows = (*renamed.orders, *renamed.contacts, *renamed.refunds, *renamed.order_lines)
    first = {id(row) for row in rows if chance.random() < 0.5}
    parts = (
        renamed.where(lambda row: id(row) in first),
        renamed.where(lambda row: id(row) not in first),
    )
    changing = ("customer_id", "record_key", *ATTRIBUTES)

    def found(*rows: World) -> dict[str, Cells]:
        tables = marts(default, days, *rows, less=changing)
        tables["segment_summary"] = [
            row for row in tables["segment_summary"] if dict(row)["segmentation_id"] not in PROFILE
        ]
        return tables

    assert found(*parts) == found(world)


@settings(max_examples=8)
@given(world=worlds(), day=st.sampled_from(AS_OF_DATES))
def test_a_past_day_is_built_as_if_nothing_had_happened_since(
    default: Case, world: World, day: date
) -> None:
    world = world.one_by_one()
    names = {
        "customers",
        "orders",
        "segment_summary",
        "channel_performance",
        "revenue_concentration",
        "churn_reasons",
    }
    now, then = (marts(default, [day], rows) for rows in (world, world.before(day)))
    assert {name: now[name] for name in names} == {name: then[name] for name in names}


@settings(max_examples=5)
@given(world=worlds(), days=st.permutations(AS_OF_DATES).map(lambda days: sorted(days[:3])))
def test_several_days_in_one_build_are_as_many_builds(
    default: Case, world: World, days: list[date]
) -> None:
    history = (
        "segment_summary",
        "channel_performance",
        "reconciliation",
        "revenue_concentration",
        "churn_reasons",
    )
    together = marts(default, days, world)
    alone = {day: marts(default, [day], world) for day in days}
    for name in MARTS:
        if name in history:
            rows = [row for day in days for row in alone[day][name]]
            assert together[name] == sorted(rows, key=repr), name
        else:
            assert together[name] == alone[max(days)][name], name


ALIVE = {"onboarding": 0, "growing": 0, "mature": 0, "loyal": 0, "reactivated": 0}
STALENESS = {
    "lifecycle_segment": ALIVE | {"declining": 1, "churned": 2},
    "activity_segment": {"new": 0, "active": 1, "dormant": 2, "lost": 3},
}


@settings(max_examples=10)
@given(world=worlds(), days=st.permutations(AS_OF_DATES).map(lambda days: sorted(days[:2])))
def test_waiting_alone_makes_nobody_fresher(default: Case, world: World, days: list[date]) -> None:
    earlier, later = days
    world = world.before(earlier)
    builds = []
    for day in days:
        built = default.engine.build([day], world)
        overdue = {
            row["customer_id"]: row["severity"]
            for row in built.rows("churn_reasons")
            if row["reason_id"] == "overdue"
        }
        builds.append(({row["customer_id"]: row for row in built.rows("customers")}, overdue))
    (before, overdue_before), (after, overdue_after) = builds
    assert before.keys() == after.keys()
    for customer, row in before.items():
        waited = after[customer]
        assert overdue_after.get(customer, 0) >= overdue_before.get(customer, 0)
        for name, ranks in STALENESS.items():
            if row[name] == "prospect":
                assert waited[name] == "prospect"
            else:
                assert ranks[waited[name]] >= ranks[row[name]], name
        if row["recency_days"] is not None:
            assert waited["recency_days"] == row["recency_days"] + (later - earlier).days
        for name in (
            "r_score",
            "f_score",
            "m_score",
            "net_revenue",
            "rhythm_days",
            "vip_score",
            "vip_level_segment",
            "cumulative_revenue_share",
            "pareto_segment",
        ):
            assert waited[name] == row[name], name
        assert waited["year_order_count"] <= row["year_order_count"]


@settings(max_examples=10)
@given(
    world=worlds(),
    day=st.sampled_from(AS_OF_DATES),
    person=st.integers(0, PEOPLE - 1),
    ago=st.integers(1, 400),
)
def test_one_more_order_counts_once_and_never_lowers_f(
    default: Case, world: World, day: date, person: int, ago: int
) -> None:
    sale = Order(
        "shop",
        order_id="one more",
        contact_id=f"c{person}",
        ordered_at=utc(day - timedelta(days=ago), time(12)),
        status="paid",
        gross_amount=Decimal(30),
        discount_amount=Decimal(0),
        currency="CNY",
        raw_values="{}",
    )
    before = customers(default, day, world)
    built = default.engine.build([day], world.plus(World(orders=(sale,))))
    after = {row["customer_id"]: row for row in built.rows("customers")}
    (buyer,) = {
        row["customer_id"] for row in built.rows("orders") if row["order_key"] == "shop:one more"
    }
    assert before.keys() | {buyer} == after.keys()
    for customer, row in after.items():
        known = before.get(customer, {"order_count": 0, "net_revenue": 0, "f_score": None})
        is_buyer = customer == buyer
        assert row["order_count"] == known["order_count"] + is_buyer
        assert row["net_revenue"] == known["net_revenue"] + 30 * is_buyer
        if is_buyer:
            assert row["f_score"] >= (known["f_score"] or 0)


@settings(max_examples=10)
@given(world=worlds(), party=parties())
def test_a_later_record_gives_nobody_a_new_customer_id(
    default: Case, world: World, party: Party
) -> None:
    sale = Order(
        "shop",
        order_id="latest",
        contact_id=party.contact_id,
        email=party.email,
        phone=party.phone,
        country=party.country,
        ordered_at=LATEST,
        status="paid",
        gross_amount=Decimal(30),
        discount_amount=Decimal(0),
        currency="CNY",
        raw_values="{}",
    )

    def ids(*parts: World) -> dict[str, str]:
        built = default.engine.build([TODAY], *parts)
        rows = built.rows("int_identity_bridge")
        return {row["account_key"]: row["customer_id"] for row in rows if row["account_key"]}

    before, after = ids(world), ids(world, World(orders=(sale,)))
    became: dict[str, set[str]] = defaultdict(set)
    for account, customer in before.items():
        became[customer].add(after[account])
    assert all(len(found) == 1 for found in became.values()), "nobody is torn apart"
    assert {one for found in became.values() for one in found} <= set(before.values())
    assert sum(found != {customer} for customer, found in became.items()) <= 2, "at most a merge"

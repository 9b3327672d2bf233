"""What an explanation states is done, and the customer must be where it says.

The explanations of a world are read; then every stated change is made to a copy of the customer,
with its orders, on its first and its last day, and the real models say where the copy is. So are the
changes that must not suffice: one order less, one cent less, one day late.

Copies are put into one build as far as they don't touch each other. Only the population's rhythm
could tie them together: copies that are not in it after their change share a build with the world as
it is, all others, for whom it does not matter, have a build of their own.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import RunDbt
from hypothesis import HealthCheck, Phase, given, settings
from oracle import (
    Account,
    Order,
    Record,
    Reference,
    Refund,
    Settings,
    account_of,
    recency_score,
    value_score,
)
from reference_seeds import read_reference, read_seed
from sample_rows import read_contacts, read_orders, read_refunds
from sql_engine import Rows, SqlEngine
from world import TODAY, World, utc, worlds

settings.register_profile(
    "explanations", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "explanations-ci",
    settings.get_profile("explanations"),
    derandomize=True,
    database=None,
    phases=[phase for phase in Phase if phase not in {Phase.shrink, Phase.explain}],
)
PROFILE = settings.get_profile("explanations-ci" if os.environ.get("CI") else "explanations")

pytestmark = pytest.mark.slow

CENT = Decimal("0.01")
VARS: dict[str, Any] = {
    "input_preset": "all",
    "inputs": {
        "orders": ["stg_files__orders"],
        "contacts": ["stg_files__contacts"],
        "refunds": ["stg_files__refunds"],
        "rejected_rows": [],
    },
    "as_of_date": str(TODAY),
    # orders are placed on days to come
    "run_date": "2199-12-31",
    # what is stated holds at the cut points of the day: these stay
    "rfm_cut_points": "fixed",
}
# A rhythm of one's own from two purchase days on, and so small a ratio that a gap may raise the
# rhythm and still be too long for it.
TIGHT_VARS: dict[str, Any] = VARS | {
    "rfm_preset": "rfm_r",
    "lifecycle_min_gaps": 1,
    "lifecycle_min_rhythm_days": 2,
    "lifecycle_declining_ratio": 1.25,
    "lifecycle_churned_ratio": 1.75,
    "lifecycle_mature_orders": 3,
    "lifecycle_loyal_orders": 5,
    "lifecycle_loyal_days": 60,
    "activity_new_days": 0,
    "activity_active_days": 15,
    "activity_lost_days": 30,
}
COLUMNS = {
    "activity": "activity_segment",
    "lifecycle": "lifecycle_segment",
    "rfm": "rfm_segment",
    "purchase_channel": "purchase_channel",
    "acquisition_channel": "acquisition_channel",
}
NAMED_TOUCH = {"utm_source": "google", "utm_medium": "cpc"}


class Case:
    """An engine over one staging model per entity, with the seeds in Python."""

    def __init__(self, run_dbt: RunDbt, folder: Path, root: Path, variables: dict[str, Any]):
        self.engine = SqlEngine(run_dbt, folder, variables)
        self.preset = variables.get("rfm_preset", "rfm")
        self.min_gaps = variables.get("lifecycle_min_gaps", 3)
        self.settings = Settings(run_date=date(2199, 12, 31), rfm_preset=self.preset)
        seeds = root / "seeds" / "reference"
        self.reference: Reference = read_reference(seeds, self.settings)
        names = read_seed(seeds, "sales_channel_map")
        self.sales_channels = {row["channel_id"]: row["sales_channel"] for row in names}

    def account(self, row: Record) -> Account | None:
        return account_of(row, self.settings, self.reference)


@pytest.fixture(scope="module")
def default(run_dbt: RunDbt, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("default"), project_root, VARS)


@pytest.fixture(scope="module")
def tight(run_dbt: RunDbt, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(run_dbt, tmp_path_factory.mktemp("tight"), project_root, TIGHT_VARS)


# ---------------------------------------------------------------------------------------------
# A copy of a customer, and what is done to it
# ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Trial:
    """A change to a copy of a customer: so many orders of so much together on a day, and what of it.

    ``expected`` is the segment on ``seen``, and ``unexpected`` one that it must not be.
    """

    explanation: dict[str, Any]
    seen: date
    expected: str | None = None
    unexpected: str | None = None
    count: int = 0
    amount: Decimal = Decimal(0)
    is_named_touch: bool = False

    @property
    def day(self) -> date:
        """When the orders are placed: the day before they are seen."""
        return self.seen - timedelta(days=1)


def trials_of(row: dict[str, Any]) -> Iterator[Trial]:
    """What an explanation states, and what must not suffice."""
    today, now, there = row["as_of_date"], row["segment_id"], row["nearest_segment_id"]
    tomorrow = today + timedelta(days=1)
    kind, by = row["change_kind"], row["change_by"]
    if kind == "wait":
        yield Trial(row, by, expected=there)
        yield Trial(row, by - timedelta(days=1), expected=now)
        yield Trial(row, tomorrow, expected=now, count=1, amount=CENT)
    elif kind in ("orders", "amount"):
        count = int(row["change_quantity"]) if kind == "orders" else 1
        least = row["change_amount"] if kind == "orders" else row["change_quantity"]
        amount = least or count * CENT
        change = {"count": count, "amount": amount}
        unknown = now if there is None else None
        yield Trial(row, tomorrow, expected=there, unexpected=unknown, **change)
        if by is None:
            later = tomorrow + timedelta(days=97)
            yield Trial(row, later, expected=there, unexpected=unknown, **change)
        else:
            yield Trial(row, by + timedelta(days=1), expected=there, **change)
            yield Trial(row, by + timedelta(days=2), unexpected=there, **change)
        if count > 1:
            fewer = max(amount, count * CENT)
            yield Trial(row, tomorrow, expected=now, count=count - 1, amount=fewer)
        if amount > count * CENT:
            yield Trial(row, tomorrow, expected=now, count=count, amount=amount - CENT)
    elif kind == "attribute":
        assert row["change_detail"] == "touch_channel"
        yield Trial(row, tomorrow, unexpected=now, count=1, amount=CENT, is_named_touch=True)
    elif row["segmentation_id"] == "acquisition_channel":
        yield Trial(row, tomorrow, expected=now, count=1, amount=CENT, is_named_touch=True)


def copied(rows: Iterable[Record], account: Account, number: int) -> Iterator[Record]:
    """The rows of one account as those of another that never was."""
    for row in rows:
        names: dict[str, Any] = {"phone": None, "email": None}
        if account[0] == "contact":
            names["contact_id"] = f"{row.contact_id}~{number}"
        else:
            names["email"] = guest_email(account, number)
        if isinstance(row, Order | Refund):
            names["order_id"] = row.order_id and f"{row.order_id}~{number}"
        if isinstance(row, Refund):
            names["refund_id"] = row.refund_id and f"{row.refund_id}~{number}"
        yield replace(row, **names)


def guest_email(account: Account, number: int) -> str:
    """The address of a guest's copy."""
    return f"{account[1].replace('@', '.at.').replace('+', 'p')}~{number}@copies.example.org"


def placed(case: Case, trial: Trial, account: Account, number: int) -> Iterator[Order]:
    """The orders of a trial."""
    channel = trial.explanation["change_detail"]
    source = account[1] if account[0] == "contact" else "shop"
    touch = NAMED_TOUCH if trial.is_named_touch else {}
    for place in range(trial.count):
        rest = trial.amount - (trial.count - 1) * CENT
        yield Order(
            source_name=source,
            order_id=f"trial {number} {place}",
            contact_id=f"{account[2]}~{number}" if account[0] == "contact" else None,
            email=guest_email(account, number) if account[0] != "contact" else None,
            ordered_at=utc(trial.day, time(12)),
            status="paid",
            is_test=False,
            gross_amount=rest if place == 0 else CENT,
            discount_amount=Decimal(0),
            currency="CNY",
            sales_channel=case.sales_channels.get(channel),
            raw_values="{}",
            **touch,
        )


def account_key(account: Account) -> str:
    kind, *rest = account
    return ":".join(["id" if kind == "contact" else kind, *rest])


def key_of_copy(account: Account, number: int) -> str:
    if account[0] == "contact":
        return f"id:{account[1]}:{account[2]}~{number}"
    return f"email:{guest_email(account, number)}"


def is_apart(case: Case, row: dict[str, Any]) -> bool:
    """Whether the population's rhythm doesn't matter to the customer, or it does to the population."""
    if row["segmentation_id"] != "lifecycle":
        return True
    return bool(json.loads(row["facts"])["purchase_day_count"] >= case.min_gaps)


def explanations_of(case: Case, world: World, today: date) -> dict[Account, Rows]:
    """The explanations of each account's customer at a day."""
    built = case.engine.build([today], world)
    explained: dict[Any, Rows] = defaultdict(list)
    for row in built.rows("int_segment_explanations"):
        explained[row["customer_number"]].append(row)
    numbers = {
        row["account_key"]: row["customer_number"] for row in built.rows("int_identity_accounts")
    }
    accounts = {
        account: account_key(account)
        for row in (*world.orders, *world.contacts, *world.refunds)
        if (account := case.account(row)) is not None
    }
    return {
        account: explained[numbers[key]]
        for account, key in accounts.items()
        if numbers.get(key) in explained
    }


def failures(case: Case, world: World, chosen: Sequence[tuple[Account, Trial]]) -> list[Any]:
    """The trials that come out otherwise than they should."""
    rows_of: dict[Account, list[Record]] = defaultdict(list)
    for row in (*world.orders, *world.contacts, *world.refunds):
        account = case.account(row)
        if account is not None:
            rows_of[account].append(row)
    wrong = []
    for apart in (True, False):
        copies: list[Record] = []
        numbered = [
            (number, account, trial)
            for number, (account, trial) in enumerate(chosen)
            if is_apart(case, trial.explanation) is apart
        ]
        for number, account, trial in numbered:
            copies += copied(rows_of[account], account, number)
            copies += placed(case, trial, account, number)
        together = World(
            tuple(row for row in copies if isinstance(row, Order)),
            tuple(row for row in copies if not isinstance(row, Order | Refund)),  # type: ignore[misc]
            tuple(row for row in copies if isinstance(row, Refund)),
        )
        if not numbered:
            continue
        days = {trial.seen for _, _, trial in numbered}
        built = case.engine.build(days, together if apart else world.plus(together))
        numbers = {
            row["account_key"]: row["customer_number"] for row in built.rows("int_identity_accounts")
        }
        found = {
            (row["customer_number"], row["as_of_date"]): row
            for row in built.rows("int_customer_segments")
        }
        for number, account, trial in numbered:
            column = COLUMNS[trial.explanation["segmentation_id"]]
            segment = found[numbers[key_of_copy(account, number)], trial.seen][column]
            if trial.expected not in (None, segment) or trial.unexpected == segment:
                wrong.append((segment, trial))
    return wrong


def alone(case: Case, world: World, today: date) -> World:
    """What is known today, each row of one account and of no other.

    Refunds that count for another account's order are left out.
    """
    world = world.before(today).one_by_one()
    accounts = {(row.source_name, row.order_id): case.account(row) for row in world.orders}

    def is_own(row: Record) -> bool:
        if not isinstance(row, Refund):
            return True
        account = case.account(row)
        return account is not None and (
            accounts.get((row.source_name, row.order_id), account) == account
        )

    return world.where(is_own)


def check(case: Case, world: World) -> None:
    """Every statement about every customer."""
    world = alone(case, world, TODAY)
    explained = explanations_of(case, world, TODAY)
    trials = [
        (account, trial)
        for account, rows in explained.items()
        for row in rows
        for trial in trials_of(row)
    ]
    assert failures(case, world, trials) == []


@settings(PROFILE, max_examples=40)
@given(world=worlds())
def test_a_stated_change_leads_where_it_says(default: Case, world: World) -> None:
    check(default, world)


@settings(PROFILE, max_examples=40)
@given(world=worlds())
def test_so_it_does_under_other_vars(tight: Case, world: World) -> None:
    check(tight, world)

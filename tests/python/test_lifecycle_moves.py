"""The seed of legal moves between lifecycle stages, against the definition in plain Python.

One made-up customer at a time is followed from day to day: which days it bought on, what the
population's rhythm was, under which vars. What the seed forbids never happens, what it allows does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from conftest import PROJECT_ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import (
    AcceptedContact,
    Contact,
    CustomerRecords,
    Metrics,
    Reference,
    Settings,
    lifecycle_segment,
    measure,
    median,
    rhythm,
)
from reference_seeds import read_seed

SEEDS = PROJECT_ROOT / "seeds" / "reference"
START = date(2024, 1, 1)
DEFAULT = Settings(run_date=START)
UNKNOWN = "not_yet_known"

Move = tuple[str, str, str]


@dataclass(frozen=True)
class History:
    """A customer's days: the first on which anything is known of it, orders, the population.

    ``orders`` holds the number of valid orders of each day, ``population`` the population's rhythm
    as known on the morning after each day; both run from day 0 on.
    """

    settings: Settings
    first_seen: int
    orders: tuple[int, ...]
    population: tuple[Fraction, ...]


@dataclass(frozen=True)
class Step:
    """A move from one day to the next, and whether the population's rhythm changed in between."""

    move: Move
    is_shifted: bool


def stage(history: History, day: int) -> tuple[str, Fraction]:
    """The lifecycle stage on the morning of ``day``, and the rhythm it is measured in."""
    vars_ = history.settings
    days = [bought for bought, count in enumerate(history.orders[:day]) if count]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    customer = replace(
        nobody(),
        order_count=sum(history.orders[:day]),
        recency_days=day - days[-1] if days else None,
        tenure_days=day - days[0] if days else None,
        purchase_date_count=len(days),
        own_rhythm_days=median(gaps) if len(gaps) >= vars_.lifecycle_min_gaps else None,
        last_gap_days=gaps[-1] if gaps else None,
    )
    rhythm_days = rhythm(customer, history.population[day - 1], vars_)
    return lifecycle_segment(customer, rhythm_days, vars_), rhythm_days


@cache
def nobody() -> Metrics:
    """A registered customer without an order."""
    contact = AcceptedContact(Contact("crm", created_at=datetime.combine(START, time())), START)
    metrics = measure(
        CustomerRecords(contacts=[contact]), START + timedelta(days=1), DEFAULT, Reference()
    )
    assert metrics is not None
    return metrics


def steps(history: History) -> Iterator[Step]:
    """From day to day, the entry first."""
    before, before_rhythm = UNKNOWN, Fraction(0)
    for day in range(history.first_seen + 1, len(history.orders) + 1):
        after, after_rhythm = stage(history, day)
        has_ordered = history.orders[day - 1] > 0
        days_bought = sum(count > 0 for count in history.orders[:day])
        has_own = days_bought > history.settings.lifecycle_min_gaps
        yield Step(
            (before, after, "order" if has_ordered else "time"),
            before != UNKNOWN and not has_own and after_rhythm != before_rhythm,
        )
        before, before_rhythm = after, after_rhythm


# ---------------------------------------------------------------------------------------------
# Histories
# ---------------------------------------------------------------------------------------------
def is_allowed(vars_: Settings) -> bool:
    """As macros/check_config.sql: nothing is loyal before mature, declining lasts a day or more."""
    between = vars_.lifecycle_churned_ratio - vars_.lifecycle_declining_ratio
    return (
        vars_.lifecycle_mature_orders < vars_.lifecycle_loyal_orders
        and between * vars_.lifecycle_min_rhythm_days >= 1
    )


# The default rules on a smaller clock, so that a season holds a customer's whole life.
QUICK = replace(DEFAULT, lifecycle_min_rhythm_days=2, lifecycle_loyal_days=20)
SLOW_TO_KNOW = replace(QUICK, lifecycle_min_gaps=5)
EAGER = replace(QUICK, lifecycle_min_gaps=1)

RATIOS = [Fraction(one) for one in ("1", "1.5", "2", "2.5", "4", "6")]
RHYTHMS = [Fraction(one, 2) for one in (2, 5, 6, 8, 15, 20, 40, 60)]
COUNTS = [1, 1, 1, 2, 3, 7]

all_settings = st.one_of(
    st.just(DEFAULT),
    st.just(QUICK),
    st.builds(
        replace,
        st.just(DEFAULT),
        lifecycle_min_gaps=st.integers(1, 6),
        lifecycle_min_rhythm_days=st.integers(1, 5),
        lifecycle_declining_ratio=st.sampled_from(RATIOS),
        lifecycle_churned_ratio=st.sampled_from(RATIOS),
        lifecycle_mature_orders=st.integers(2, 5),
        lifecycle_loyal_orders=st.integers(2, 9),
        lifecycle_loyal_days=st.integers(0, 40),
    ).filter(is_allowed),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A hundred days of one customer, or four hundred by the default clock."""
    vars_ = draw(all_settings)
    scale = 4 if vars_ is DEFAULT else 1
    days = 100 * scale
    bought = draw(st.dictionaries(st.integers(0, days - 1), st.sampled_from(COUNTS), max_size=12))
    shifts = draw(st.dictionaries(st.integers(0, days - 1), st.sampled_from(RHYTHMS), max_size=5))
    first = min([*bought, draw(st.integers(0, 20))])
    return history_of(vars_, days, bought, {day: scale * one for day, one in shifts.items()}, first)


def history_of(
    vars_: Settings,
    days: int,
    bought: Mapping[int, int],
    shifts: Mapping[int, Fraction],
    first_seen: int,
) -> History:
    """A history from its few eventful days."""
    population = []
    now = Fraction(vars_.lifecycle_fallback_rhythm_days)
    for day in range(days):
        now = shifts.get(day, now)
        population.append(now)
    orders = tuple(bought.get(day, 0) for day in range(days))
    return History(vars_, first_seen, orders, tuple(population))


def random_history(chance: Random, vars_: Settings, is_shifting: bool) -> History:
    """As `histories`, without their search: the first or each of the population's rhythms."""
    bought: dict[int, int] = {}
    day = chance.randrange(3)
    for _ in range(chance.randrange(11)):
        bought[day] = chance.choice(COUNTS)
        day += chance.choice([1, 1, 2, 3, 4, 5, 8, 9, 12, 20, 21, 40])
    days = day + chance.choice([1, 5, 20])
    shifts = {0: chance.choice(RHYTHMS)}
    if is_shifting:
        shifts |= {chance.randrange(days): chance.choice(RHYTHMS) for _ in range(days // 3)}
    return history_of(vars_, days, bought, shifts, min([*bought, chance.randrange(3)]))


# ---------------------------------------------------------------------------------------------
# The seed
# ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def seed() -> dict[Move, bool]:
    """The legal moves, and whether each is possible by a change of the population's rhythm only."""
    return {
        (row["from_segment"], row["to_segment"], row["cause"]): row["is_by_population"] == "true"
        for row in read_seed(SEEDS, "lifecycle_transitions")
    }


def is_legal(step: Step, seed: Mapping[Move, bool]) -> bool:
    return step.move in seed and (step.is_shifted or not seed[step.move])


@given(history=histories())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_history_holds_a_move_that_is_not_in_the_seed(
    history: History, seed: dict[Move, bool]
) -> None:
    assert [step for step in steps(history) if not is_legal(step, seed)] == []


# The one move that chance would have to be very kind for: back from a churn, and again. Here the
# own rhythm becomes known with the last purchase, and by it the gap was a churn; there the
# population's becomes short on that day.
TWICE_BACK = history_of(
    SLOW_TO_KNOW, 58, dict.fromkeys([0, 1, 2, 3, 43, 55], 1), {0: Fraction(15, 2)}, 0
)
TWICE_BACK_AMONG_OTHERS = history_of(
    QUICK, 58, dict.fromkeys([0, 43, 55], 1), {0: Fraction(15, 2), 55: Fraction(2)}, 0
)


def reached(vars_: Settings, is_shifting: bool, number: int = 1500) -> set[Move]:
    chance = Random(f"{vars_} {is_shifting}")
    found: set[Move] = set()
    for _ in range(number):
        found |= {step.move for step in steps(random_history(chance, vars_, is_shifting))}
    return found


def test_every_move_of_the_seed_happens_and_where_it_says(seed: dict[Move, bool]) -> None:
    """The seed has no row without a history, and no row is marked that needs no mark."""
    unmarked = {move for move, is_by_population in seed.items() if not is_by_population}
    by_themselves = reached(QUICK, is_shifting=False)
    assert by_themselves | ONLY_UNDER_OTHER_VARS == unmarked
    assert not by_themselves & ONLY_UNDER_OTHER_VARS
    under_others = reached(EAGER, is_shifting=False) | {step.move for step in steps(TWICE_BACK)}
    assert under_others >= ONLY_UNDER_OTHER_VARS
    among_others = reached(QUICK, is_shifting=True)
    among_others |= {step.move for step in steps(TWICE_BACK_AMONG_OTHERS)}
    assert by_themselves | among_others == set(seed)


# possible under the default vars too, but only when the population's rhythm changes that day
ONLY_UNDER_OTHER_VARS = {
    ("churned", "growing", "order"),
    ("reactivated", "reactivated", "order"),
}


# ---------------------------------------------------------------------------------------------
# The page
# ---------------------------------------------------------------------------------------------
CELLS = {
    ("order", False): "order",
    ("order", True): "order*",
    ("time", False): "time",
    ("time", True): "time*",
}


def test_the_page_shows_the_moves_of_the_seed(seed: dict[Move, bool]) -> None:
    page = (PROJECT_ROOT / "docs" / "decisions" / "lifecycle.md").read_text(encoding="utf-8")
    table = page.split("| from \\ to |")[1].split("\n\n")[0].splitlines()
    header = [cell.strip() for cell in table[0].strip("|").split("|")]
    shown = {}
    for line in table[2:]:
        before, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        for after, cell in zip(header, cells, strict=True):
            shown[before.strip("*"), after] = cell
    expected = {
        (before, after): ", ".join(
            CELLS[cause, seed[before, after, cause]]
            for cause in ("time", "order")
            if (before, after, cause) in seed
        )
        for before, after in shown
    }
    assert shown == expected
    assert {(before, after) for before, after, _ in seed} <= set(shown)

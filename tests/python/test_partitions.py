"""Promise 1 beyond the data of any day: each partition's rule, run over everything it could meet.

A rule is a classifying model. Its compiled SQL runs over a grid: every combination of the values at
which its conditions turn, one step to either side of them, and nothing at all. Each cell of the
grid must come out in exactly one segment, and in one that has a label.

A new segmentation adds a line to `rules`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from conftest import PROJECT_ROOT, RunDbt
from reference_seeds import read_seed
from sql_engine import SqlEngine

pytestmark = pytest.mark.slow

CENT = Decimal("0.01")
SMALLEST = Decimal("0.0001")  # step of an amount in the reporting currency
DAY = "2026-07-01"

Cell = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """A partition's rule and the values that it turns on.

    Attributes:
        segmentation: the id in the registry.
        models: the classifying model, and before it those it needs that are part of the rule.
        grid: by "model.column" what stands in it, None for NULL; every combination is a cell. A
            model without any value in a cell has no row for that customer.
        others: rows of models that are the same for every cell, such as cut points.
        column: the column of the last model that holds the segment.
        preset: which labels.
        is_cell: false for a combination that the models before can't give, whatever the data.
        absent: segments with a label that these vars can't give, whatever the data.
    """

    segmentation: str
    models: Sequence[str]
    grid: Mapping[str, Sequence[Any]]
    others: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    column: str = "segment_id"
    preset: str = "default"
    is_cell: Callable[[Cell], bool] = lambda cell: True
    absent: Collection[str] = ()


def around(*turns: Any, step: Any = 1) -> list[Any]:
    """Each value with its neighbours on both sides, in order."""
    return sorted({near for turn in turns for near in (turn - step, turn, turn + step)})


SEEDS = PROJECT_ROOT / "seeds" / "reference"
BANDS = {name: read_seed(SEEDS, name) for name in ("age_bands", "company_size_bands")}
REGIONS = read_seed(SEEDS, "macro_regions")
CITIES = read_seed(SEEDS, "city_tiers")
CHANNELS = read_seed(SEEDS, "channels")
WRITINGS = read_seed(SEEDS, "profile_value_map")


def birthdays(day: date) -> list[date]:
    """The birthdays on which a band turns at that day, and its neighbours; impossible ones."""
    years = [*(int(row["min_age"]) for row in BANDS["age_bands"]), 121]
    turns = [day.replace(year=day.year - age) for age in years]
    return around(*turns, step=timedelta(days=1))


def profile_rule(segmentation: str, v: Mapping[str, Any]) -> Rule:
    """Rules over who the customer is: each attribute by itself, and the places together."""
    home = v["default_country"]
    written = [row["raw_value"] for row in WRITINGS if row["segmentation_id"] == segmentation]
    # an open segmentation has a segment for whatever it meets, without a label
    unheard_of = [] if segmentation in {"occupation", "industry"} else ["unheard of"]
    values: dict[str, list[Any]] = {segmentation: [None, " ", *unheard_of, *written]}
    absent: set[str] = set()
    if segmentation == "age_band":
        values = {"birth_date": [None, "1000-01-01", *birthdays(date.fromisoformat(DAY))]}
    elif segmentation == "company_size":
        turns = [int(row["min_headcount"]) for row in BANDS["company_size_bands"]]
        values[segmentation] += [*around(*turns, 10**7), "4.5"]
    elif segmentation == "urban":
        values = {"country": [None, "CN"], "city": [None, " ", "Atlantis"]}
        values["city"] += [row["city"].title() for row in CITIES]
    elif segmentation == "region":
        places = {row["region"] for row in REGIONS if row["region"]}
        values = {
            "country": [None, " ", "XX", *sorted({home, *(row["country"] for row in REGIONS)})],
            "region": [None, " ", "Atlantis", *sorted(places)],
            "city": [None, "Atlantis", "武汉", "hong kong"],
        }
        of_home = [row for row in REGIONS if row["home_country"] == home]
        absent = {row["macro_region"] for row in REGIONS} - {row["macro_region"] for row in of_home}
        if any(row["country"] == home and row["region"] for row in of_home):
            absent |= {"domestic"}
    return Rule(
        segmentation,
        ["int_profile_values", "int_profile_segments"],
        {"int_customers.customer_id": ["c"]}
        | {f"int_customer_attributes.{column}": grid for column, grid in values.items()},
        column=segmentation,
        absent=absent,
    )


def has_row_or_not(table: str) -> Callable[[Cell], bool]:
    """That a model's columns are all NULL, which is no row, or none of them."""

    def is_cell(cell: Cell) -> bool:
        values = [value for name, value in cell.items() if name.split(".")[0] == table]
        return None not in values or set(values) == {None}

    return is_cell


def preferred(v: Mapping[str, Any], habit: str, names: Sequence[str]) -> Rule:
    """When a customer buys: any number of orders in each of the times."""
    least = v["habit_min_orders"]
    counts = [0, least - 1, least] if len(names) > 4 else [0, 1, *around(least)]
    return Rule(
        f"preferred_{habit}",
        ["int_habit_segments"],
        {
            "int_customers.customer_id": ["any"],
            **{f"int_order_habits.{name}_order_count": [None, *counts] for name in names},
        },
        column=f"preferred_{habit}",
        is_cell=has_row_or_not("int_order_habits"),
    )


def habit_rules(v: Mapping[str, Any]) -> list[Rule]:
    """How a customer buys."""
    gross = Decimal(100)
    shares = [Decimal(str(v[f"price_{level}_share"])) for level in ("low", "high")]
    depths = [Decimal(str(v[f"price_{level}_depth"])) * gross for level in ("low", "high")]
    prices: dict[str, Sequence[Any]] = {
        "int_customers.customer_id": ["any"],
        "int_order_habits.order_count": [None, *around(v["habit_min_orders"]), 10],
        "int_order_habits.gross_amount": [None, 0, gross],
        "int_order_habits.discount_amount": [None, *around(0, *depths, step=SMALLEST), gross],
    }
    return [
        preferred(v, "time", ["night", "morning", "afternoon", "evening"]),
        preferred(
            v,
            "weekday",
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        ),
        preferred(v, "season", ["spring", "summer", "autumn", "winter"]),
        *(
            Rule(
                "price_sensitivity",
                ["int_habit_segments"],
                {**prices, "int_order_habits.discounted_order_count": [None, *discounted]},
                column="price_sensitivity",
                is_cell=has_row_or_not("int_order_habits"),
            )
            # a shop with discounts, and one without
            for discounted in (around(*(int(share * 10) for share in shares)), [0])
        ),
        Rule(
            "purchase_frequency",
            ["int_habit_segments"],
            {
                "int_customers.customer_id": ["any"],
                "int_order_habits.order_count": [None, 1, 2],
                "int_purchase_rhythm.median_gap_days": [
                    None,
                    0,
                    *around(
                        v["frequency_high_days"], v["frequency_regular_days"], step=Decimal("0.5")
                    ),
                ],
            },
            column="purchase_frequency",
        ),
    ]


def rfm_rules(v: Mapping[str, Any]) -> list[Rule]:
    """The map of the scores, and values on their way to it by cut points or by the mean."""
    scores = [None, 1, 2, 3, 4, 5]
    cuts = {"recency": (5, 30, 30, 90), "frequency": (1, 1, 2, 7), "monetary": (0, 10, 99, 500)}
    buyers = 3
    means = {"recency": 30, "frequency": 2, "monetary": Decimal("99.9999")}
    by_value = Rule(
        "rfm",
        ["int_rfm_scores", "int_rfm_segments"],
        {
            "int_customer_metrics.order_count": [0, *around(*cuts["frequency"], 4)],
            "int_customer_metrics.recency_days": [None, *around(*cuts["recency"])],
            "int_customer_metrics.net_revenue": [
                -1,
                *around(*map(Decimal, cuts["monetary"]), Decimal(means["monetary"]), step=SMALLEST),
                Decimal(10**9),
            ],
        },
        others={
            "int_rfm_cut_points": [
                {
                    "metric": metric,
                    "cut_number": number,
                    "cut_value": value,
                    "is_inclusive": v["rfm_preset"] == "rfm_r" and metric != "recency",
                }
                for metric, values in cuts.items()
                for number, value in enumerate(values, start=1)
            ],
            "int_rfm_means": [
                {"metric": metric, "customer_count": buyers, "total_value": value * buyers}
                for metric, value in means.items()
            ],
        },
        preset=v["rfm_preset"],
    )
    if v["rfm_preset"] == "rfm_8":  # there scores decide nothing
        return [by_value]
    by_score = Rule(
        "rfm",
        ["int_rfm_segments"],
        {
            "int_rfm_scores.r_score": scores,
            "int_rfm_scores.f_score": scores,
            "int_rfm_scores.m_score": scores,
        },
        preset=v["rfm_preset"],
        is_cell=has_row_or_not("int_rfm_scores"),
    )
    return [by_score, by_value]


def channel_rule() -> Rule:
    """The channel of the first touch that tells, by orders: of each channel and of none."""
    ranks = [
        int(row["channel_rank"])
        for row in CHANNELS
        if row["channel_kind"] == "acquisition"
        and row["channel_id"] not in {"direct", "unassigned"}
    ]
    # seconds from the year 2000 on, in hundredths of which the channel's rank stands
    moments = [-1, 0, 800_000_000]
    orders = "int_customer_channel_orders"
    return Rule(
        "acquisition_channel",
        ["int_acquisition_channels"],
        {
            "int_customers.customer_id": ["c"],
            f"{orders}.first_touch": [None, *(at * 100 + rank for at in moments for rank in ranks)],
            f"{orders}.direct_touches": [None, 0, 1],
        },
        # who has orders with a touch has a number of direct ones
        is_cell=lambda cell: (
            cell[f"{orders}.direct_touches"] is not None or cell[f"{orders}.first_touch"] is None
        ),
    )


def rules(v: Mapping[str, Any]) -> list[Rule]:
    """Every rule, under the vars `v`."""
    rhythms = [v["lifecycle_min_rhythm_days"], Decimal("30.5")]
    windows = [
        int(ratio * rhythm)
        for rhythm in rhythms
        for ratio in (v["lifecycle_declining_ratio"], v["lifecycle_churned_ratio"])
    ]
    rhythm = Decimal("30.5")
    left = 1 - exact(v["churn_falling_share"])
    scores = [None, 1, 2, 3, 4, 5]
    paid = Decimal(3000)
    least_costed = paid * Decimal(str(v["profit_min_cost_share"]))
    tiers = [Decimal(str(v["profit_high_amount"])), Decimal(str(v["profit_mid_amount"]))]
    profits = around(Decimal(0), *tiers, step=SMALLEST)
    return [
        Rule(
            "activity",
            ["int_activity_segments"],
            {
                "int_customer_metrics.order_count": [0, 1, 2],
                "int_customer_metrics.recency_days": [
                    None,
                    *around(v["activity_active_days"], v["activity_lost_days"]),
                ],
                "int_customer_metrics.tenure_days": [None, *around(v["activity_new_days"])],
                "int_customer_metrics.registered_date": [None, "2020-02-29", DAY],
            },
        ),
        Rule(
            "lifecycle",
            ["int_lifecycle_segments"],
            {
                "int_customer_metrics.order_count": [
                    0,
                    *around(v["lifecycle_mature_orders"], v["lifecycle_loyal_orders"]),
                ],
                "int_customer_metrics.recency_days": [None, 1, *around(*windows)],
                "int_customer_metrics.tenure_days": [None, *around(v["lifecycle_loyal_days"])],
                "int_purchase_rhythm.purchase_day_count": [None, 1, 2],
                "int_purchase_rhythm.last_gap_days": [None, *around(*windows[1::2])],
                "int_purchase_rhythm.rhythm_days": [None, *rhythms],
            },
        ),
        channel_rule(),
        *rfm_rules(v),
        *habit_rules(v),
        Rule(
            "value_tier",
            ["int_value_tiers"],
            {
                "int_customers.customer_id": ["someone"],
                "int_order_windows.year_order_count": [
                    None,
                    0,
                    *around(v["value_tier_mid_orders"], v["value_tier_high_orders"]),
                ],
                "int_order_windows.year_net_revenue": [
                    None,
                    *around(
                        exact(v["value_tier_mid_amount"]),
                        exact(v["value_tier_high_amount"]),
                        step=SMALLEST,
                    ),
                ],
            },
            preset=v["value_tier_policy"],
        ),
        *pareto_rules(exact(v["pareto_head_share"]), exact(v["pareto_torso_share"])),
        Rule(
            "vip_level",
            ["int_vip_levels"],
            {
                "int_rfm_scores.r_score": scores,
                "int_rfm_scores.f_score": scores,
                "int_rfm_scores.m_score": scores,
            },
            is_cell=has_row_or_not("int_rfm_scores"),
        ),
        Rule(
            "churn_risk",
            ["int_churn_reasons", "int_churn_risk"],
            {
                "int_customer_metrics.order_count": [0, 1],
                "int_customer_metrics.recency_days": [
                    None,
                    *around(int(exact(v["churn_overdue_ratio"]) * rhythm)),
                ],
                "int_lifecycle_segments.segment_id": ["mature", "churned"],
                "int_lifecycle_segments.rhythm_source": [None, "own", "population"],
                "int_lifecycle_segments.rhythm_days": [None, rhythm],
                "int_order_windows.previous_order_count": [
                    None,
                    *around(v["churn_min_previous_orders"]),
                    10,
                ],
                "int_order_windows.recent_order_count": [None, 0, *around(int(left * 10))],
                "int_order_windows.previous_net_revenue": [None, -1, 0, 100],
                "int_order_windows.recent_net_revenue": [
                    None,
                    *around(0, left * 100, step=SMALLEST),
                ],
            },
        ),
        *(
            profile_rule(entry["id"], v)
            for entry in v["segmentations"]
            if entry["model"] == "int_profile_segments"
        ),
        Rule(
            "profit_tier",
            ["int_profit_tiers"],
            {
                "int_customer_metrics.order_count": [0, 1],
                "int_customer_metrics.gross_revenue": [paid + 7],
                "int_customer_metrics.discount_amount": [7],
                "int_customer_metrics.refund_amount": [0, *around(paid, step=SMALLEST)],
                "int_customer_categories.costed_amount": [
                    None,
                    0,
                    *around(least_costed, paid, step=SMALLEST),
                ],
                "int_customer_categories.cost_amount": [
                    None,
                    *(costed - profit for costed in (least_costed, paid) for profit in profits),
                ],
            },
            # a customer with lines of known cost has both amounts
            is_cell=lambda cell: (
                cell["int_customer_categories.costed_amount"] is not None
                or cell["int_customer_categories.cost_amount"] is None
            ),
        ),
    ]


def exact(number: float) -> Decimal:
    """A number as it is written: 0.1 is a tenth."""
    return Decimal(str(number))


def pareto_rules(head: Decimal, torso: Decimal) -> list[Rule]:
    """Three shops, each cell a customer of one: a border falls between two of them, or just not."""
    total = 10_000
    shops = [
        [total * head + shift, total * torso - shift, total * (1 - head - torso)]
        for shift in (-SMALLEST, 0, SMALLEST)
    ]
    return [
        Rule(
            "pareto",
            ["int_pareto_values", "int_pareto_segments"],
            {
                "int_customer_metrics.order_count": [0, 1],
                "int_customer_metrics.net_revenue": [None, -SMALLEST, 0, *revenues],
            },
        )
        for revenues in shops
    ]


# No thresholds, no grid: they name the greatest of several rows, whatever its name is. What a cell
# holds is one row; the ties between several are in the unit tests of the two models.
LOOKED_UP = {"purchase_channel", "category_preference"}


# ---------------------------------------------------------------------------------------------
# How a rule is run
# ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rulebook:
    """Where rules run: a database whose tables may be overwritten, and the compiled models."""

    connection: duckdb.DuckDBPyConnection
    relations: Mapping[str, str]
    statements: Mapping[str, str]

    def problems(self, rule: Rule, labels: Sequence[Mapping[str, str]]) -> list[str]:
        """The cells that are not in exactly one known segment, each as a sentence."""
        cells = list(self._fill(rule))
        for model in rule.models:
            self.connection.execute(self.statements[model])
        found: dict[int, list[str | None]] = {}
        query = f"select customer_number, {rule.column} from {self.relations[rule.models[-1]]}"
        for number, segment in self.connection.execute(query).fetchall():
            found.setdefault(number, []).append(segment)
        known = segments_of(rule, labels)
        return [
            f"{rule.segmentation}: {shown(cell)}: {problem}"
            for number, cell in enumerate(cells)
            if (problem := problem_with(found.get(number, []), known))
        ]

    def reached(self, rule: Rule) -> set[str | None]:
        """The segments that some cell of the last run came out in."""
        query = f"select distinct {rule.column} from {self.relations[rule.models[-1]]}"
        return {segment for (segment,) in self.connection.execute(query).fetchall()}

    def _fill(self, rule: Rule) -> Iterator[Cell]:
        """Put each cell into the tables that the rule reads, as a customer numbered from 0 on."""
        cells = [
            cell
            for values in itertools.product(*rule.grid.values())
            if rule.is_cell(cell := dict(zip(rule.grid, values, strict=True)))
        ]
        tables: dict[str, list[Cell]] = {name.split(".")[0]: [] for name in rule.grid}
        for number, cell in enumerate(cells):
            rows: dict[str, Cell] = {table: {} for table in tables}
            for name, value in cell.items():
                table, column = name.split(".")
                rows[table][column] = value
            for table, row in rows.items():
                # the driving table has a row for everybody
                if table == next(iter(tables)) or set(row.values()) != {None}:
                    tables[table].append({"customer_number": number, **row})
        for table, kept in (
            tables | {name: list(one) for name, one in rule.others.items()}
        ).items():
            self._load(table, [{"as_of_date": DAY, **row} for row in kept])
        return iter(cells)

    def _load(self, table: str, rows: list[Cell]) -> None:
        relation = self.relations[table]
        types = {
            row[0]: row[1] for row in self.connection.execute(f"describe {relation}").fetchall()
        }
        columns = list(rows[0])
        texts = {
            column: pa.array(
                [None if row[column] is None else str(row[column]) for row in rows], pa.string()
            )
            for column in columns
        }
        self.connection.register("arriving", pa.table(texts))
        self.connection.execute(f"delete from {relation}")
        self.connection.execute(
            f"insert into {relation} ({', '.join(columns)}) select "
            + ", ".join(f"cast({column} as {types[column]})" for column in columns)
            + " from arriving"
        )
        self.connection.unregister("arriving")


def segments_of(rule: Rule, labels: Sequence[Mapping[str, str]]) -> set[str]:
    return {
        row["segment_id"]
        for row in labels
        if (row["segmentation_id"], row["preset"]) == (rule.segmentation, rule.preset)
    }


def problem_with(segments: Sequence[str | None], known: set[str]) -> str:
    """What is wrong with the segments of one cell, or an empty text."""
    if len(segments) > 1:
        return f"in {len(segments)} segments: {', '.join(sorted(map(str, segments)))}"
    if not segments or segments[0] is None:
        return "in no segment"
    return "" if segments[0] in known else f"in {segments[0]}, which has no label"


def shown(cell: Cell) -> str:
    return ", ".join(f"{name.split('.')[1]}={value}" for name, value in cell.items())


# ---------------------------------------------------------------------------------------------
# The rules as they are
# ---------------------------------------------------------------------------------------------
INPUTS: dict[str, Any] = {
    "orders": ["stg_web_shop__orders"],
    "contacts": ["stg_web_shop__contacts"],
    "refunds": ["stg_web_shop__refunds"],
    "order_lines": ["stg_web_shop__order_lines"],
    "rejected_rows": [],
}
# Thresholds as they come, and as near to each other as they may lie; presets by themselves.
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "generous": {"value_tier_policy": "max"},
    "tight": {
        "rfm_preset": "rfm_r",
        "activity_new_days": 0,
        "activity_active_days": 1,
        "activity_lost_days": 2,
        "lifecycle_min_rhythm_days": 1,
        "lifecycle_declining_ratio": 1,
        "lifecycle_churned_ratio": 2,
        "lifecycle_mature_orders": 2,
        "lifecycle_loyal_orders": 3,
        "lifecycle_loyal_days": 0,
        "habit_min_orders": 1,
        "frequency_high_days": 1,
        "frequency_regular_days": 2,
        "price_low_share": 0,
        "price_high_share": 0.1,
        "price_low_depth": 0,
        "price_high_depth": 0.0001,
        "value_tier_policy": "matrix",
        "value_tier_mid_amount": 0,
        "value_tier_high_amount": 0.0001,
        "value_tier_mid_orders": 2,
        "value_tier_high_orders": 3,
        "pareto_head_share": 0.5,
        "pareto_torso_share": 0.0001,
        "vip_weight_recency": 0.1,
        "vip_weight_frequency": 0,
        "vip_weight_monetary": 0.25,
        "churn_overdue_ratio": 1,
        "churn_falling_share": 1,
        "churn_min_previous_orders": 1,
        "churn_high_reasons": 2,
        "default_country": "GB",
        "profit_high_amount": 0.0002,
        "profit_mid_amount": 0.0001,
        "profit_min_cost_share": 1,
    },
    "fm_grid": {"rfm_preset": "fm_grid"},
    "rfm_8": {"rfm_preset": "rfm_8"},
}


def default_vars() -> dict[str, Any]:
    settings = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = settings["vars"]["segmentation"]
    return found


DEFAULTS = default_vars()


def rules_of(variant: str) -> list[Rule]:
    """The rules under the vars of a variant; of a preset those that it changes."""
    found = rules(DEFAULTS | VARIANTS[variant])
    is_preset = set(VARIANTS[variant]) == {"rfm_preset"}
    return [rule for rule in found if rule.segmentation == "rfm" or not is_preset]


LABELS = [
    *read_seed(SEEDS, "segment_labels"),
    *(
        {
            "segmentation_id": f"{row['channel_kind']}_channel",
            "segment_id": row["channel_id"],
            "preset": "default",
        }
        for row in CHANNELS
    ),
]
CASES = [
    pytest.param(variant, place, id=f"{variant}-{rule.segmentation}-{rule.models[0]}")
    for variant in VARIANTS
    for place, rule in enumerate(rules_of(variant))
]


@pytest.fixture(scope="module")
def rulebooks(
    run_dbt: RunDbt, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Rulebook]:
    """The compiled project under the vars of a variant, each made once."""
    made: dict[str, Rulebook] = {}

    def rulebook(variant: str) -> Rulebook:
        if variant not in made:
            folder = tmp_path_factory.mktemp(variant)
            engine = SqlEngine(run_dbt, folder, VARIANTS[variant] | {"inputs": INPUTS})
            made[variant] = Rulebook(engine.connection, engine.relations, engine.statements)
        return made[variant]

    return rulebook


@pytest.mark.parametrize(("variant", "place"), CASES)
def test_every_cell_is_in_exactly_one_segment(
    rulebooks: Callable[[str], Rulebook], variant: str, place: int
) -> None:
    rule = rules_of(variant)[place]
    assert rulebooks(variant).problems(rule, LABELS) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_grids_reach_every_segment(rulebooks: Callable[[str], Rulebook], variant: str) -> None:
    """A grid that misses a segment misses the condition that leads there."""
    missed = Counter(
        (row["segmentation_id"], row["segment_id"])
        for rule in rules_of(variant)
        for row in LABELS
        if (row["segmentation_id"], row["preset"]) == (rule.segmentation, rule.preset)
        and row["segment_id"] not in rule.absent
    )
    for rule in rules_of(variant):
        rulebooks(variant).problems(rule, LABELS)
        for segment in rulebooks(variant).reached(rule):
            missed.pop((rule.segmentation, str(segment)), None)
    assert missed == Counter()


def test_every_registered_segmentation_has_a_rule_here() -> None:
    registered = {entry["id"] for entry in DEFAULTS["segmentations"]}
    covered = {rule.segmentation for rule in rules(DEFAULTS)}
    assert registered == covered | LOOKED_UP
    assert not covered & LOOKED_UP


# ---------------------------------------------------------------------------------------------
# Rules broken on purpose
# ---------------------------------------------------------------------------------------------
@contextmanager
def undone(rulebook: Rulebook) -> Iterator[None]:
    """What is done to the tables in here is undone after it."""
    rulebook.connection.execute("begin")
    try:
        yield
    finally:
        rulebook.connection.execute("rollback")


def rule_of(model: str) -> Rule:
    """The rule that ends in the model, the shortest if there are several."""
    ending = [rule for rule in rules(DEFAULTS) if rule.models[-1] == model]
    return min(ending, key=lambda rule: len(rule.models))


BROKEN_MAPS = {
    "a gap": (
        "delete from {map} where preset = 'rfm' and (r_score, f_score, m_score) = (1, 2, 3)",
        ["rfm: r_score=1, f_score=2, m_score=3: in no segment"],
    ),
    "an overlap": (
        "insert into {map} values ('rfm', 5, 4, 3, 'lost')",
        ["rfm: r_score=5, f_score=4, m_score=3: in 2 segments: lost, loyal_customers"],
    ),
    "a cell twice the same": (
        "insert into {map} values ('rfm', 5, 5, 5, 'champions')",
        ["rfm: r_score=5, f_score=5, m_score=5: in 2 segments: champions, champions"],
    ),
    "a name that has no label": (
        "update {map} set segment_id = 'golden' where preset = 'rfm'"
        " and (r_score, f_score, m_score) = (5, 5, 4)",
        ["rfm: r_score=5, f_score=5, m_score=4: in golden, which has no label"],
    ),
}


@pytest.mark.parametrize("kind", BROKEN_MAPS)
def test_a_broken_map_is_found_and_its_cell_named(
    rulebooks: Callable[[str], Rulebook], kind: str
) -> None:
    statement, expected = BROKEN_MAPS[kind]
    rulebook = rulebooks("default")
    with undone(rulebook):
        rulebook.connection.execute(statement.format(map=rulebook.relations["rfm_segment_map"]))
        assert rulebook.problems(rule_of("int_rfm_segments"), LABELS) == expected


# by model: what is put in place of what, and the first cell that it spoils
BROKEN_CASES = {
    "int_activity_segments": (
        "else 'lost'",
        "",
        "activity: order_count=1, recency_days=None, tenure_days=None, registered_date=None:"
        " in no segment",
    ),
    "int_acquisition_channels": (
        "else 'unassigned'",
        "",
        "acquisition_channel: customer_id=c, first_touch=None, direct_touches=None: in no segment",
    ),
    "int_profit_tiers": (
        "when gross_profit >= 0 then 'low'",
        "when gross_profit > 0 then 'low' when gross_profit = 0 then 'even'",
        "profit_tier: order_count=1, gross_revenue=3007, discount_amount=7, refund_amount=0,"
        " costed_amount=1500.0, cost_amount=1500.0: in even, which has no label",
    ),
    "int_lifecycle_segments": (
        "when metrics.order_count = 0 then 'prospect'",
        "when metrics.order_count = 0 then 'nobody'",
        "lifecycle: order_count=0, recency_days=None, tenure_days=None, purchase_day_count=None,"
        " last_gap_days=None, rhythm_days=None: in nobody, which has no label",
    ),
    "int_habit_segments": (
        "then 'night'",
        "then 'late'",
        "preferred_time: customer_id=any, night_order_count=2, morning_order_count=0,"
        " afternoon_order_count=0, evening_order_count=1: in late, which has no label",
    ),
    "int_value_tiers": (
        "when graded.spend_grade = 'none' then 'none'",
        "when graded.spend_grade = 'none' then 'nobody'",
        "value_tier: customer_id=someone, year_order_count=None, year_net_revenue=None:"
        " in nobody, which has no label",
    ),
    "int_vip_levels": (
        "else vip_cells.level_id",
        "else nullif(vip_cells.level_id, 'v1')",
        "vip_level: r_score=1, f_score=1, m_score=1: in no segment",
    ),
    "int_pareto_segments": (
        "coalesce(pareto_values.segment_id, 'none')",
        "pareto_values.segment_id",
        "pareto: order_count=0, net_revenue=None: in no segment",
    ),
    "int_churn_risk": (
        "else 'unknown'",
        "",
        "churn_risk: order_count=1, recency_days=None, segment_id=mature, rhythm_source=None,"
        " rhythm_days=None, previous_order_count=None, recent_order_count=None,"
        " previous_net_revenue=None, recent_net_revenue=None: in no segment",
    ),
}


@pytest.mark.parametrize("model", BROKEN_CASES)
def test_a_broken_case_is_found_and_its_cells_named(
    rulebooks: Callable[[str], Rulebook], model: str
) -> None:
    old, new, first = BROKEN_CASES[model]
    intact = rulebooks("default")
    assert intact.statements[model].count(old) == 1
    broken = {model: intact.statements[model].replace(old, new)}
    rulebook = Rulebook(intact.connection, intact.relations, {**intact.statements, **broken})
    with undone(rulebook):
        found = rulebook.problems(rule_of(model), LABELS)
    assert found[0] == first
    assert len(found) > 1


def test_a_gap_in_the_map_of_tiers_is_found_and_its_cells_named(
    rulebooks: Callable[[str], Rulebook],
) -> None:
    rulebook = rulebooks("default")
    with undone(rulebook):
        rulebook.connection.execute(
            f"delete from {rulebook.relations['value_tier_map']} where policy = 'min'"
            " and spend_grade = 'mid' and frequency_grade = 'high'"
        )
        found = rulebook.problems(rule_of("int_value_tiers"), LABELS)
    amounts = around(
        Decimal(DEFAULTS["value_tier_mid_amount"]),
        Decimal(DEFAULTS["value_tier_high_amount"]),
        step=SMALLEST,
    )
    high = DEFAULTS["value_tier_high_orders"]
    assert found == [
        f"value_tier: customer_id=someone, year_order_count={orders}, year_net_revenue={amount}:"
        " in no segment"
        for orders in (high, high + 1)
        for amount in amounts[1:-1]
    ]


def test_a_threshold_left_open_is_found_at_its_step(
    rulebooks: Callable[[str], Rulebook],
) -> None:
    """A rule with a hole of one day between two windows, and nothing else wrong."""
    intact = rulebooks("default")
    model = "int_activity_segments"
    sql = intact.statements[model].replace("else 'lost'", "when recency_days > 366 then 'lost'")
    rulebook = Rulebook(intact.connection, intact.relations, {**intact.statements, model: sql})
    with undone(rulebook):
        found = rulebook.problems(rule_of(model), LABELS)
    assert {name.split(", ")[1] for name in found} == {"recency_days=None", "recency_days=366"}


def test_a_customer_left_out_is_found(rulebooks: Callable[[str], Rulebook]) -> None:
    """An inner join in place of a left one: who has no rhythm has no row."""
    intact = rulebooks("default")
    model = "int_lifecycle_segments"
    sql = intact.statements[model].replace("left join rhythms", "inner join rhythms")
    assert sql != intact.statements[model]
    rulebook = Rulebook(intact.connection, intact.relations, {**intact.statements, model: sql})
    with undone(rulebook):
        found = rulebook.problems(rule_of(model), LABELS)
    assert found
    assert all("rhythm_days=None: in no segment" in problem for problem in found)


# by segmentation: what is put in place of what, and the first cell that it spoils
BROKEN_PROFILES = {
    "age_band": (
        "coalesce(age_segments.segment_id, 'unknown')",
        "age_segments.segment_id",
        "age_band: customer_id=c, birth_date=None: in no segment",
    ),
    "region": (
        "when facts.country is null then 'unknown'",
        "when facts.country is null then null",
        "region: customer_id=c, country=None, region=None, city=None: in no segment",
    ),
    "partner_type": (
        "coalesce(partner_types.segment_id, 'none')",
        "partner_types.segment_id",
        "partner_type: customer_id=c, partner_type=None: in no segment",
    ),
}


def profile_rule_of(segmentation: str) -> Rule:
    return next(rule for rule in rules(DEFAULTS) if rule.segmentation == segmentation)


@pytest.mark.parametrize("segmentation", BROKEN_PROFILES)
def test_a_broken_profile_is_found_and_its_cells_named(
    rulebooks: Callable[[str], Rulebook], segmentation: str
) -> None:
    old, new, first = BROKEN_PROFILES[segmentation]
    model = "int_profile_segments"
    intact = rulebooks("default")
    assert intact.statements[model].count(old) == 1
    broken = {model: intact.statements[model].replace(old, new)}
    rulebook = Rulebook(intact.connection, intact.relations, {**intact.statements, **broken})
    with undone(rulebook):
        found = rulebook.problems(profile_rule_of(segmentation), LABELS)
    assert found[0] == first


def test_bands_that_begin_at_the_same_age_are_found_at_their_birthdays(
    rulebooks: Callable[[str], Rulebook],
) -> None:
    rulebook = rulebooks("default")
    with undone(rulebook):
        bands = rulebook.relations["age_bands"]
        rulebook.connection.execute(f"insert into {bands} values ('18_24', 25)")
        found = rulebook.problems(profile_rule_of("age_band"), LABELS)
    two = "in 2 segments: 18_24, 25_34"
    dates = ("1991-07-02", "2001-06-30", "2001-07-01")
    assert found == [f"age_band: customer_id=c, birth_date={day}: {two}" for day in dates]

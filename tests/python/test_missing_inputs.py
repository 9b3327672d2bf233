"""What happens when an optional input is not there: the build is green, and who needs it says so.

The sample, each time without one of its inputs, and once with orders alone. Whatever does not need
the input must come out as if nothing had happened, so each build is compared with a complete one.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import PROJECT_ROOT, RunDbt

pytestmark = pytest.mark.slow

CATEGORY = {"category_preference_segment", "category_preference_share", "category_count"}
LINES = {"line_revenue_share"}
PROFIT = {"profit_tier_segment", "gross_profit", "gross_margin_share", "costed_revenue_share"}
# not where a cost is negative: that is a reason to reject the line
NO_COSTS = (
    "update {schema}.web_shop_order_lines set cost = null where cost not like '-%'",
    "update {schema}.till_order_lines set purchase_price = null where purchase_price not like '-%'",
)


@dataclass(frozen=True)
class Lack:
    """An input that is not there.

    Attributes:
        entities: left out of the var inputs.
        statements: run over the raw tables before the build.
        columns: of customers that may differ from the complete build; None for any, as another
            set of customers does.
        sayings: conditions that hold for every row of customers.
    """

    entities: frozenset[str] = frozenset()
    statements: tuple[str, ...] = ()
    columns: frozenset[str] | None = None
    sayings: tuple[str, ...] = field(default=())


def lack(
    *entities: str,
    statements: tuple[str, ...] = (),
    columns: set[str] | None = None,
    sayings: tuple[str, ...] = (),
) -> Lack:
    allowed = None if columns is None else frozenset(columns)
    return Lack(frozenset(entities), statements, allowed, sayings)


NO_PROFIT_SAID = (
    "profit_tier_segment = if(order_count = 0, 'none', 'unknown')",
    "gross_profit is null and gross_margin_share is null",
    "costed_revenue_share is not distinct from if(order_count = 0, null, 0)",
)
NO_CATEGORY_SAID = (
    "category_preference_segment = if(order_count = 0, 'none', 'unknown')",
    "category_preference_share is null and category_count = 0",
    "line_revenue_share is not distinct from if(order_count = 0, null, 0)",
)
NO_REFUND_SAID = ("refund_amount = 0", "net_revenue = gross_revenue - discount_amount")
NO_CONTACT_SAID = (
    "registered_date is null",
    "contact_record_count = 0 and not has_erased_record",
    "country is null and region is null and city is null",
)
LACKS = {
    "contacts": lack("contacts", sayings=NO_CONTACT_SAID),
    "refunds": lack("refunds", sayings=NO_REFUND_SAID),
    "order_lines": lack(
        "order_lines", columns=CATEGORY | PROFIT | LINES, sayings=NO_CATEGORY_SAID + NO_PROFIT_SAID
    ),
    "costs": lack(statements=NO_COSTS, columns=PROFIT, sayings=NO_PROFIT_SAID),
    "all but orders": lack(
        "contacts",
        "refunds",
        "order_lines",
        sayings=NO_CONTACT_SAID + NO_REFUND_SAID + NO_CATEGORY_SAID + NO_PROFIT_SAID,
    ),
}


def sample_inputs() -> dict[str, list[str]]:
    settings = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = settings["vars"]["segmentation"]["inputs"]
    return found


@dataclass(frozen=True)
class Builds:
    """Builds of the sample, each on its own copy of a database that holds the seeds."""

    run_dbt: RunDbt
    folder: Path

    def build(self, name: str, lacking: Lack, *, command: str = "build") -> Path:
        """The database after dbt ran over a copy of the raw tables.

        Args:
            name: of the copy.
            lacking: what to do without.
            command: build, with all data tests, or run, without any.
        """
        database = self.folder / f"{name}.duckdb"
        shutil.copy(self.folder / "seeds.duckdb", database)
        with duckdb.connect(str(database)) as connection:
            found = connection.execute(
                "select schema_name from duckdb_tables() where table_name = 'till_order_lines'"
            ).fetchall()
            for statement in lacking.statements:
                connection.execute(statement.format(schema=found[0][0]))
        inputs: Mapping[str, Any] = {
            entity: [] if entity in lacking.entities else models
            for entity, models in sample_inputs().items()
        }
        kinds = ["--exclude-resource-type", "unit_test", "seed"] if command == "build" else []
        result = self.run_dbt(
            ["--quiet", command, *kinds],
            vars={"inputs": inputs},
            db_path=database,
            target_path=self.folder / "target",
        )
        assert result.success, result.error or result.failed
        # levels may collapse, and who is picked by hand may be a customer of an input left out
        warned = {node.name for node in result.nodes if node.status == "warn"}
        assert warned <= {"int_rfm_levels_has_an_empty_level", "assert_listed_customers_are_known"}
        return database


@pytest.fixture(scope="module")
def builds(run_dbt: RunDbt, tmp_path_factory: pytest.TempPathFactory) -> Builds:
    folder = tmp_path_factory.mktemp("lacking")
    result = run_dbt(
        ["--quiet", "seed"],
        vars={"inputs": sample_inputs()},
        db_path=folder / "seeds.duckdb",
        target_path=folder / "target",
    )
    assert result.success, result.error or result.failed
    return Builds(run_dbt, folder)


@pytest.fixture(scope="module")
def complete(builds: Builds) -> Path:
    """The sample with all its inputs."""
    return builds.build("complete", Lack(), command="run")


def rows_of(database: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def changed_columns(before: Path, after: Path) -> set[str]:
    """The columns of customers that are not the same for every customer."""
    with duckdb.connect(str(after), read_only=True) as connection:
        connection.execute(f"attach '{before}' as before (read_only)")
        columns = [row[0] for row in connection.execute("describe marts.customers").fetchall()]
        differing = ", ".join(
            f"count(*) filter (x.{one} is distinct from y.{one})" for one in columns
        )
        counts = connection.execute(
            f"select {differing} from marts.customers as x full join before.marts.customers as y"
            " using (customer_id, as_of_date)"
        ).fetchone()
        assert counts is not None
        return {name for name, count in zip(columns, counts, strict=True) if count}


@pytest.mark.parametrize("name", LACKS)
def test_without_an_input_the_build_is_green_and_says_so(
    builds: Builds, complete: Path, name: str
) -> None:
    lacking = LACKS[name]
    database = builds.build(name.replace(" ", "_"), lacking)
    for saying in lacking.sayings:
        query = f"select count(*), count(*) filter (not ({saying})) from marts.customers"
        [(customers, others)] = rows_of(database, query)
        assert customers > 1000
        assert others == 0, saying
    if lacking.columns is not None:
        assert changed_columns(complete, database) == lacking.columns

    names = "select distinct split_part(check_name, '_rows', 1) from marts.reconciliation"
    checked = {row[0] for row in rows_of(database, names)}
    assert not checked & lacking.entities
    assert checked >= {"orders", "contacts", "refunds", "order_lines"} - lacking.entities
    orders = "select count(*), sum(gross_amount) from marts.orders"
    assert rows_of(database, orders) == rows_of(complete, orders)


def test_the_sayings_do_not_hold_when_everything_is_there(complete: Path) -> None:
    """Or they would say nothing."""
    for saying in {one for lacking in LACKS.values() for one in lacking.sayings}:
        query = f"select count(*) from marts.customers where not ({saying})"
        assert rows_of(complete, query) != [(0,)], saying

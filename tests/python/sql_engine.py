"""The project's own SQL, run over a generated world in a fraction of a second.

dbt compiles the project once. After that its `compiled_code` is run in the order of the graph in
an in-memory DuckDB: the staging models are tables that hold the world, `int_as_of_dates` is a
table that holds the days asked for, everything else is the SQL that `dbt build` would run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, get_args, get_type_hints

import duckdb
import pyarrow as pa
from conftest import RunDbt
from oracle import Contact, Order, Record, Refund
from world import World

SHAPES: dict[str, type[Record]] = {"orders": Order, "contacts": Contact, "refunds": Refund}
DAYS_MODEL = "int_as_of_dates"
ARROW_TYPES: dict[type, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us"),
    Decimal: pa.decimal128(18, 4),
}

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Step:
    """One model that is run again for every world."""

    name: str
    statement: str


class SqlEngine:
    """The compiled project over an in-memory database.

    Args:
        run_dbt: the fixture of that name.
        folder: where dbt may write.
        variables: the vars to compile with, fixed for the life of the engine; `inputs` in them
            names the staging models that hold the world.
    """

    def __init__(self, run_dbt: RunDbt, folder: Path, variables: Mapping[str, Any]) -> None:
        self.inputs: dict[str, list[str]] = {
            entity: list(variables["inputs"][entity]) for entity in SHAPES
        }
        seeds = folder / "reference.duckdb"
        target = folder / "target"
        folder.mkdir(parents=True, exist_ok=True)
        for command in (["seed", "--select", "path:seeds/reference"], ["compile"]):
            result = run_dbt(
                ["--quiet", *command], vars=variables, db_path=seeds, target_path=target
            )
            assert result.success, result.error or result.failed
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        nodes = _needed(manifest["nodes"])
        self.relations = {node["name"]: node["relation_name"] for node in nodes.values()}

        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute(f"attach '{seeds}' as loaded (read_only)")
        self._create_schemas(nodes.values())
        self.steps: list[Step] = []
        staging = {model for models in self.inputs.values() for model in models}
        for entity, models in self.inputs.items():
            for model in models:
                self._load(self.relations[model], _arrow(SHAPES[entity], []))
        self._load(self.relations[DAYS_MODEL], _days([]))
        for node in _in_order(nodes):
            name = node["name"]
            if node["resource_type"] == "seed":
                source = f'loaded."{node["schema"]}"."{node["alias"]}"'
                self.connection.execute(f"create table {node['relation_name']} as from {source}")
            elif name not in staging | {DAYS_MODEL}:
                self._prepare(node)
        self.connection.execute("detach loaded")

    def build(self, world: World, as_of_dates: Iterable[date], spread: int = 0) -> Built:
        """Every model over the rows of a world, at each of the days.

        Args:
            world: the rows.
            as_of_dates: the days; the latest is the current one.
            spread: how the rows are dealt out over the staging models of their entity: all to
                the first for 0, by turns for any other number.
        """
        for entity, models in self.inputs.items():
            rows: Sequence[Record] = getattr(world, entity)
            for place, model in enumerate(models):
                if spread:
                    held = [
                        row
                        for turn, row in enumerate(rows)
                        if _deal(turn, spread, len(models)) == place
                    ]
                else:
                    held = list(rows) if place == 0 else []
                self._load(self.relations[model], _arrow(SHAPES[entity], held))
        self._load(self.relations[DAYS_MODEL], _days(as_of_dates))
        for step in self.steps:
            self.connection.execute(step.statement)
        return Built(self.connection, self.relations)

    def _create_schemas(self, nodes: Iterable[Mapping[str, Any]]) -> None:
        places = {(node["database"], node["schema"]) for node in nodes}
        for database in {database for database, _ in places}:
            self.connection.execute(f"attach ':memory:' as \"{database}\"")
        for database, schema in places:
            self.connection.execute(f'create schema if not exists "{database}"."{schema}"')

    def _load(self, relation: str, rows: pa.Table) -> None:
        self.connection.register("arriving", rows)
        self.connection.execute(f"create or replace table {relation} as from arriving")
        self.connection.unregister("arriving")

    def _prepare(self, node: Mapping[str, Any]) -> None:
        """Create a view once; note a table for every build, with the types of its contract."""
        relation, code = node["relation_name"], node["compiled_code"]
        if node["config"]["materialized"] == "view":
            self.connection.execute(f"create view {relation} as {code}")
            return
        types = {name: column.get("data_type") for name, column in node["columns"].items()}
        if node["config"]["contract"]["enforced"] and all(types.values()) and types:
            columns = ", ".join(
                f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items()
            )
            code = f"select {columns} from ({code}) as uncast"
        statement = f"create or replace table {relation} as {code}"
        self.connection.execute(statement)
        self.steps.append(Step(node["name"], statement))


@dataclass(frozen=True)
class Built:
    """What the last build left in the database; the next one overwrites it."""

    connection: duckdb.DuckDBPyConnection
    relations: Mapping[str, str]

    def rows(self, model: str) -> Rows:
        """All rows of a model, as dictionaries, in no order."""
        return self.query(f"select * from {self.relations[model]}")

    def query(self, sql: str) -> Rows:
        """The rows of a query, as dictionaries."""
        found = self.connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _needed(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The models and seeds of the project that its intermediate models and marts are made of."""
    wanted: dict[str, Mapping[str, Any]] = {}
    queue = [
        key
        for key, node in nodes.items()
        if node["resource_type"] == "model" and "staging" not in node["fqn"]
    ]
    while queue:
        key = queue.pop()
        if key not in wanted and key in nodes:
            wanted[key] = nodes[key]
            if "staging" not in nodes[key]["fqn"]:
                queue += nodes[key].get("depends_on", {}).get("nodes", [])
    return wanted


def _in_order(nodes: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The nodes, each after those it depends on."""
    graph = {
        key: [one for one in node.get("depends_on", {}).get("nodes", []) if one in nodes]
        for key, node in nodes.items()
    }
    return [nodes[key] for key in TopologicalSorter(graph).static_order()]


def _arrow(shape: type[Record], rows: Sequence[Record]) -> pa.Table:
    """Rows as an Arrow table with the types of their input contract."""
    hints = get_type_hints(shape)
    columns = [(column.name, _arrow_type(hints[column.name])) for column in fields(shape)]
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=pa.schema(columns))


def _arrow_type(hint: Any) -> pa.DataType:
    kind = next((part for part in get_args(hint) if part is not type(None)), hint)
    return ARROW_TYPES[kind]


def _days(as_of_dates: Iterable[date]) -> pa.Table:
    """`int_as_of_dates` for these days: the latest is the current one."""
    days = sorted(as_of_dates)
    flags = [day == days[-1] for day in days]
    return pa.table(
        {"as_of_date": pa.array(days, pa.date32()), "is_current": pa.array(flags, pa.bool_())}
    )


def _deal(turn: int, spread: int, hands: int) -> int:
    return (turn + turn // spread) % hands

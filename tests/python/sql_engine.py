"""The project's own SQL, run over a generated world in a fraction of a second.

dbt compiles the project once. After that its `compiled_code` is run in the order of the graph in
an in-memory DuckDB: the staging models are tables that hold the world, `int_as_of_dates` is a
table that holds the days asked for, everything else is the SQL that `dbt build` would run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from decimal import Decimal
from graphlib import TopologicalSorter
from itertools import zip_longest
from pathlib import Path
from typing import Any, get_args, get_type_hints

import duckdb
import pyarrow as pa
from conftest import RunDbt
from oracle import Contact, Order, OrderLine, Record, Refund
from world import World

SHAPES: dict[str, type[Record | OrderLine]] = {
    "orders": Order,
    "contacts": Contact,
    "refunds": Refund,
    "order_lines": OrderLine,
}
DAYS_MODEL = "int_as_of_dates"
ARROW_TYPES: dict[type, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us"),
    Decimal: pa.decimal128(18, 4),
}

Rows = list[dict[str, Any]]


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
        for entity, models in self.inputs.items():
            for model in models:
                self._load(self.relations[model], _arrow(SHAPES[entity], []))
        self._load(self.relations[DAYS_MODEL], _days([]))
        given = {DAYS_MODEL, *(model for models in self.inputs.values() for model in models)}
        self.parents: dict[str, list[str]] = {}
        self.statements: dict[str, str] = {}
        for node in _in_order(nodes):
            name = node["name"]
            if node["resource_type"] == "seed":
                source = f'loaded."{node["schema"]}"."{node["alias"]}"'
                self.connection.execute(f"create table {node['relation_name']} as from {source}")
            elif name not in given:
                parents = [key.rsplit(".", 1)[-1] for key in node["depends_on"]["nodes"]]
                self._prepare(node, [one for one in parents if one in self.parents or one in given])
        self.connection.execute("detach loaded")

    def build(self, as_of_dates: Iterable[date], *parts: World) -> Built:
        """The models over the rows of a world, at each of the days; the latest is today.

        Args:
            as_of_dates: the days.
            parts: the world, or its parts: the first part fills the first staging model of each
                entity, the second the second.

        Returns:
            What holds until the next build. A model is run when it is first asked for.
        """
        for entity, models in self.inputs.items():
            for model, part in zip_longest(models, parts, fillvalue=World()):
                self._load(self.relations[model], _arrow(SHAPES[entity], getattr(part, entity)))
        self._load(self.relations[DAYS_MODEL], _days(as_of_dates))
        self.latest = Built(self)
        return self.latest

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

    def _prepare(self, node: Mapping[str, Any], parents: list[str]) -> None:
        """Create the relation; note how a table is made, with the types of its contract.

        Views are made once, and so are the tables that nothing of a world flows into.
        """
        name, relation, code = node["name"], node["relation_name"], node["compiled_code"]
        types = {column: about["data_type"] for column, about in node["columns"].items()
                 if node["config"]["contract"]["enforced"]}  # fmt: skip
        if types:
            columns = (
                f'cast("{column}" as {kind}) as "{column}"' for column, kind in types.items()
            )
            code = f"select {', '.join(columns)} from ({code}) as uncast"
        is_view = node["config"]["materialized"] == "view"
        statement = f"create or replace {'view' if is_view else 'table'} {relation} as {code}"
        self.connection.execute(statement)
        if parents:
            self.parents[name] = parents
            if not is_view:
                self.statements[name] = statement


class Built:
    """What one build gives, until the next one overwrites it."""

    def __init__(self, engine: SqlEngine) -> None:
        self.engine = engine
        self.done: set[str] = set()

    def rows(self, model: str) -> Rows:
        """All rows of a model, as dictionaries, in no order."""
        assert self.engine.latest is self, "a later build has overwritten this one"
        self._make(model)
        found = self.engine.connection.execute(f"from {self.engine.relations[model]}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _make(self, model: str) -> None:
        if model in self.done:
            return
        self.done.add(model)
        for parent in self.engine.parents.get(model, []):
            self._make(parent)
        if model in self.engine.statements:
            self.engine.connection.execute(self.engine.statements[model])


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


def _arrow(shape: type[Record | OrderLine], rows: Sequence[Record | OrderLine]) -> pa.Table:
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

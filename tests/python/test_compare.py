"""compare-engines: differences of every kind are found, and nothing else is.

Two DuckDB files stand in for two engines: their marts are exported as an engine's worker does it,
then compared.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from rich.console import Console
from segmentation import dbt_runner
from segmentation.engines import compare, worker
from segmentation.engines.compare import Build, Difference, Line, Mart, Report
from segmentation.errors import SegmentationError
from segmentation.warehouse import open_target

TYPES = {
    "id": "integer",
    "day": "date",
    "seen_at": "timestamp",
    "name": "string",
    "amount": "numeric(18, 4)",
    "ratio": "double",
    "is_new": "boolean",
}
ROWS = """
create schema marts;
create table marts.figures (
    id integer, day date, seen_at timestamp, name varchar, amount numeric(18, 4), ratio double,
    is_new boolean
);
insert into marts.figures values
(1, '2026-07-01', '2026-07-01 08:00:00', 'one', 10.0001, 0.1, true),
(2, '2026-07-02', '2026-07-01 08:00:00.5', 'zwei 二', 0, 1e300, false),
(3, null, null, null, null, null, null),
(4, '2026-07-04', '2026-07-01 00:00:00', '', -1.5, 'nan', true);
"""
NODE = {
    "name": "figures",
    "relation_name": '"marts"."figures"',
    "columns": {name: {"data_type": data_type} for name, data_type in TYPES.items()},
}
BY_ID = Mart("figures", ("id",), TYPES)
WITHOUT_KEY = Mart("figures", (), TYPES)


def exported(path: Path, spoil: str = "") -> Path:
    """The mart of a database made here, as a worker exports it."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS)
        connection.execute(spoil)
    output = dbt_runner.Output("dev", {"type": "duckdb", "path": str(path)}, path.parent)
    with open_target(output) as warehouse:
        worker.export(warehouse, NODE, path.parent / path.stem)
    return path.parent / path.stem / "figures.parquet"


@pytest.fixture
def difference(tmp_path: Path) -> Callable[..., Difference]:
    """What a statement run on the second of two equal databases makes of the comparison."""

    def against(spoil: str, mart: Mart = BY_ID, both: str = "") -> Difference:
        left = exported(tmp_path / "left.duckdb", both)
        right = exported(tmp_path / "right.duckdb", f"{both}; {spoil}")
        return compare.compare_exports(mart, left, right, names=("duckdb", "other"))

    return against


@pytest.mark.parametrize("mart", [BY_ID, WITHOUT_KEY], ids=["key", "no key"])
def test_the_same_rows_in_another_order_are_the_same(difference, mart: Mart) -> None:
    shuffled = "create or replace table marts.figures as from marts.figures order by id desc"
    found = difference(shuffled, mart)
    assert found.same
    assert (found.rows, found.reference_rows, found.differing, found.first) == (4, 4, 0, ())


@pytest.mark.parametrize(
    ("spoil", "columns", "told"),
    [
        ("amount = 10.0002 where id = 1", ["amount"], "1: amount: 10.0001 | 10.0002"),
        ("name = '' where id = 3", ["name"], "3: name: NULL | ''"),
        ("name = null where id = 4", ["name"], "4: name: '' | NULL"),
        ("name = 'one ' where id = 1", ["name"], "1: name: one | 'one '"),
        ("name = 'One' where id = 1", ["name"], "1: name: one | One"),
        ("day = '2026-07-03' where id = 2", ["day"], "2: day: 2026-07-02 | 2026-07-03"),
        ("is_new = null where id = 1", ["is_new"], "1: is_new: true | NULL"),
        ("is_new = true where id = 2", ["is_new"], "2: is_new: false | true"),
        ("ratio = 0.1 * (1 + 2e-9) where id = 1", ["ratio"], "1: ratio: 0.1 | 0.1000000002"),
        ("ratio = 'inf' where id = 2", ["ratio"], "2: ratio: 1e+300 | inf"),
        ("ratio = 0 where id = 4", ["ratio"], "4: ratio: nan | 0.0"),
        ("ratio = null where id = 1", ["ratio"], "1: ratio: 0.1 | NULL"),
        (
            "seen_at = '2026-07-01 08:00:00.000001' where id = 1",
            ["seen_at"],
            "1: seen_at: 2026-07-01 08:00:00 | 2026-07-01 08:00:00.000001",
        ),
        (
            "day = '2026-07-03', name = 'x' where id = 2",
            ["day", "name"],
            "2: day: 2026-07-02 | 2026-07-03; name: zwei 二 | x",
        ),
    ],
)
def test_a_changed_value_is_found(difference, spoil: str, columns: list[str], told: str) -> None:
    found = difference(f"update marts.figures set {spoil}")
    assert not found.same
    assert (found.rows, found.reference_rows, found.differing) == (4, 4, 1)
    assert dict(found.columns) == dict.fromkeys(columns, 1)
    assert [line.split(told)[0] for line in found.first] == [""], found.first


@pytest.mark.parametrize(
    "spoil",
    [
        "update marts.figures set ratio = 0.1 * (1 + 9e-10) where id = 1",
        "update marts.figures set ratio = 1e300 * (1 - 9e-10) where id = 2",
        "alter table marts.figures alter amount type numeric(28, 10)",
        "alter table marts.figures alter seen_at type timestamp_ms",
        "alter table marts.figures alter name type varchar(100)",
    ],
)
@pytest.mark.parametrize("mart", [BY_ID, WITHOUT_KEY], ids=["key", "no key"])
def test_what_only_looks_different_is_the_same(difference, spoil: str, mart: Mart) -> None:
    found = difference(spoil, mart)
    assert found.same, found


def test_a_day_that_is_a_timestamp_is_no_day(difference) -> None:
    found = difference("alter table marts.figures alter day type timestamp")
    assert dict(found.columns) == {"day": 3}


def test_a_whole_number_with_decimals_is_no_whole_number(difference) -> None:
    found = difference("alter table marts.figures alter id type numeric(9, 2)")
    assert (found.only_in_reference, found.only_here) == (4, 4)


def test_missing_and_extra_rows(difference) -> None:
    found = difference(
        "delete from marts.figures where id = 2;"
        "insert into marts.figures (id, name) values (5, 'five'), (null, 'nobody')"
    )
    assert (found.rows, found.reference_rows) == (5, 4)
    assert (found.differing, found.only_in_reference, found.only_here) == (3, 1, 2)
    assert found.first == ("2: only in duckdb", "5: only in other", "NULL: only in other")


@pytest.mark.parametrize("mart", [BY_ID, WITHOUT_KEY], ids=["key", "no key"])
def test_a_row_twice_is_one_too_many(difference, mart: Mart) -> None:
    found = difference("insert into marts.figures from marts.figures where id = 3", mart)
    assert (found.differing, found.only_here) == (1, 1)
    same = difference("", mart, both="insert into marts.figures from marts.figures where id <> 2")
    assert same.same
    assert same.rows == 7


def test_null_keys_meet_each_other(difference) -> None:
    unnamed = "insert into marts.figures (id, name) values (null, 'a'), (null, 'b')"
    assert difference("", both=unnamed).same
    found = difference("update marts.figures set name = 'c' where name = 'b'", both=unnamed)
    assert found.first == ("NULL: name: b | c",)


def test_without_a_key_rows_are_looked_up_whole(difference) -> None:
    found = difference("update marts.figures set amount = 10.0002 where id = 1", WITHOUT_KEY)
    assert (found.only_in_reference, found.only_here) == (1, 1)
    assert [line.rpartition(": ")[2] for line in found.first] == ["only in duckdb", "only in other"]


def test_only_doubles_may_differ_a_little_without_a_key(difference) -> None:
    found = difference("update marts.figures set ratio = 0.2 where id = 1", WITHOUT_KEY)
    assert dict(found.columns) == {"ratio": 1}


def test_another_column_is_a_problem_and_the_rest_is_compared(difference) -> None:
    found = difference("alter table marts.figures rename column name to label")
    assert found.problem == "only duckdb has name; only other has label"
    assert not found.same
    assert found.differing == 0
    without_key = difference("alter table marts.figures rename column id to figure_id")
    assert without_key.problem == "only duckdb has id; only other has figure_id"


def test_a_missing_mart_is_a_problem(tmp_path: Path) -> None:
    there, nowhere = exported(tmp_path / "left.duckdb"), tmp_path / "nowhere.parquet"
    found = compare.compare_exports(BY_ID, there, nowhere, names=("duckdb", "other"))
    assert found.problem == "other did not build figures"
    assert (found.rows, found.reference_rows, found.differing) == (None, 4, 0)
    assert not found.same
    found = compare.compare_exports(BY_ID, nowhere, there, names=("duckdb", "other"))
    assert found.problem == "duckdb did not build figures"
    assert (found.rows, found.reference_rows, found.differing) == (4, None, 0)


def test_an_empty_mart_against_a_full_one(difference) -> None:
    emptied = "delete from marts.figures"
    assert difference("", both=emptied).same
    found = difference(emptied)
    assert (found.rows, found.differing, found.only_in_reference) == (0, 4, 4)


def test_only_the_first_differences_are_told(difference) -> None:
    found = difference("update marts.figures set name = 'x', day = '2020-01-01'")
    assert found.differing == 4
    assert len(found.first) == compare.FIRST
    assert dict(found.columns) == {"day": 4, "name": 4}


def test_long_text_is_shown_from_where_it_differs() -> None:
    left, right = compare._shown("a" * 100 + "left", "a" * 100 + "right")
    assert left == "…" + "a" * 10 + "left"
    assert right == "…" + "a" * 10 + "right"
    assert compare._shown("short", None) == ["short", "NULL"]


def test_exports_hold_text_only(tmp_path: Path) -> None:
    relation = duckdb.read_parquet(str(exported(tmp_path / "left.duckdb")))
    assert relation.columns == list(TYPES)
    assert set(map(str, relation.types)) == {"VARCHAR"}
    assert relation.order("id").fetchall()[3] == (
        "4",
        "2026-07-04",
        "2026-07-01 00:00:00",
        "",
        "-1.5000",
        "nan",
        "true",
    )


# Keys -------------------------------------------------------------------------------------------


def manifest(*tests: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A manifest with one mart, a model elsewhere, and these tests."""
    node = {
        "unique_id": "model.segmentation.figures",
        "resource_type": "model",
        "name": "figures",
        "fqn": ["segmentation", "marts", "quality", "figures"],
        "config": {"meta": dict(meta or {})},
        "columns": {name.upper(): {"data_type": data_type} for name, data_type in TYPES.items()},
    }
    elsewhere = node | {"name": "int_figures", "fqn": ["segmentation", "intermediate", "x"]}
    defaults = {
        "resource_type": "test",
        "attached_node": node["unique_id"],
        "column_name": None,
        "config": {},
    }
    nodes = [node, elsewhere, *(defaults | dict(test) for test in tests)]
    return {
        "metadata": {"project_name": "segmentation"},
        "nodes": {str(number): node for number, node in enumerate(nodes)},
    }


UNIQUE = {"test_metadata": {"name": "unique", "kwargs": {}}, "column_name": "id"}
COMBINATION = {
    "test_metadata": {"name": "unique_combination", "kwargs": {"columns": ["id", "day"]}}
}
NOT_NULL = {"test_metadata": {"name": "not_null", "kwargs": {}}, "column_name": "name"}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (manifest(), ()),
        (manifest(NOT_NULL), ()),
        (manifest(UNIQUE), ("id",)),
        (manifest(NOT_NULL, UNIQUE, COMBINATION), ("id", "day")),
        (manifest(COMBINATION, meta={"key": ["name"]}), ("name",)),
        (manifest(COMBINATION, meta={"key": "name"}), ("name",)),
        (manifest(UNIQUE | {"attached_node": "model.segmentation.int_figures"}), ()),
        (manifest(UNIQUE | {"config": {"where": "day > '2026-01-01'"}}), ()),
    ],
)
def test_the_key_is_the_one_that_the_mart_states(given: dict[str, Any], key: tuple) -> None:
    assert compare.read_marts(given) == [Mart("figures", key, TYPES)]


# The worker, on a project of two marts -----------------------------------------------------------

PROJECT = {
    "name": "segmentation",
    "version": "0.1.0",
    "profile": "segmentation",
    "flags": {"send_anonymous_usage_stats": False},
    "models": {"segmentation": {"+materialized": "table", "marts": {"+schema": "marts"}}},
}
MODELS = {
    "models/marts/figures.sql": "select 1 as id, '{{ var('word', 'a') }}' as name",
    "models/marts/broken.sql": (
        "select {{ \"cast('x' as integer)\" if var('broken', false) else 1 }} as id"
    ),
    "models/elsewhere/int_figures.sql": "select 1 as id",
    "tests/assert_word.sql": "select * from {{ ref('figures') }} where name = 'wrong'",
}


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    """A job for the worker on DuckDB."""
    project = tmp_path / "project"
    profile = {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": "built.duckdb"}}}
    files = MODELS | {
        "dbt_project.yml": yaml.safe_dump(PROJECT),
        "profiles.yml": yaml.safe_dump({"segmentation": profile}),
    }
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {
        "project_dir": str(project),
        "profiles_dir": str(project),
        "target": "dev",
        "target_path": str(tmp_path / "target"),
        "log_path": str(tmp_path / "logs"),
        "vars": {},
        "build_args": [],
        "marts": None,
        "export_dir": str(tmp_path / "export"),
        "result_path": str(tmp_path / "result.json"),
        "online_retail": None,
    }


def test_the_worker_builds_and_exports_the_marts(job: dict[str, Any]) -> None:
    said: list[Mapping[str, Any]] = []
    result = worker.run(job | {"vars": {"word": "ä"}}, said.append)
    assert result["ok"], result
    assert result["rows"] == {"figures": 1, "broken": 1}
    assert sum(result["statuses"].values()) == 4
    assert result["versions"]["engine"] == duckdb.__version__
    assert {event["phase"] for event in said if "phase" in event} == {"building", "exporting"}
    assert [event["done"] for event in said if "done" in event] == [1, 2, 3, 4]
    file = Path(job["export_dir"]) / "figures.parquet"
    assert duckdb.read_parquet(str(file)).fetchall() == [("1", "ä")]

    one = worker.run(job | {"marts": ["figures"]}, said.append)
    assert one["rows"] == {"figures": 1}


def test_the_worker_exports_what_was_built_when_something_fails(job: dict[str, Any]) -> None:
    failed_test = worker.run(job | {"vars": {"word": "wrong"}}, lambda _: None)
    assert not failed_test["ok"]
    assert [node["name"] for node in failed_test["failed"]] == ["assert_word"]
    assert set(failed_test["rows"]) == {"figures", "broken"}

    failed_model = worker.run(job | {"vars": {"broken": True}}, lambda _: None)
    assert [node["name"] for node in failed_model["failed"]] == ["broken"]
    assert failed_model["rows"] == {"figures": 1}


def test_the_worker_says_why_dbt_could_not_start(job: dict[str, Any]) -> None:
    Path(job["project_dir"], "models/marts/figures.sql").write_text("{{ nothing( }}")
    result = worker.run(job, lambda _: None)
    assert not result["ok"]
    assert "figures" in result["error"]


# The report --------------------------------------------------------------------------------------


def report(*lines: Line, failed: Mapping[str, str] | None = None, **not_run: str) -> Report:
    names = dict.fromkeys(["duckdb", *(line.engine for line in lines)])
    result = {
        "ok": True,
        "statuses": {"success": 83, "pass": 162},
        "seconds": {"build": 33.3, "export": 0.5},
        "versions": {"dbt-core": "1.11.16", "engine": None},
    }
    builds = [Build("sample", name, Path(), Path(), result) for name in names]
    return Report(lines, tuple(builds), failed or {}, not_run)


SAME = Line("sample", "customers", "postgres", Difference(1234, 1234))
OTHER = Line(
    "sample",
    "customers",
    "spark",
    Difference(1234, 1234, 2, columns={"name": 2}, first=("7: name: a | b",)),
)


def test_the_verdict() -> None:
    assert compare.verdict(report(SAME), named=True) is None
    found = compare.verdict(report(SAME, OTHER), named=True)
    assert (
        found == "2 rows of 1 mart differ from duckdb on spark: the lines above say where and why."
    )
    unbuilt = Line("sample", "orders", "spark", Difference(None, 9, problem="not built"))
    found = compare.verdict(report(SAME, unbuilt), named=False) or ""
    assert found.startswith("1 mart could not be compared in full on spark:")
    missing = report(SAME, spark="Spark needs Java 17, and there is none")
    assert compare.verdict(missing, named=False) is None
    assert "spark could not be run" in (compare.verdict(missing, named=True) or "")
    nothing = report(spark="Spark needs Java 17, and there is none")
    assert "spark could not be run" in (compare.verdict(nothing, named=False) or "")
    broken = report(SAME, failed={"sample on postgres": "1 failed: x"})
    assert "sample on postgres failed" in (compare.verdict(broken, named=False) or "")


def test_the_report_for_pages_and_machines() -> None:
    made = report(SAME, OTHER, spark4="there is no Java")
    text = made.as_markdown()
    assert "| sample | customers | postgres | 1,234 | 0 |  |" in text
    assert "| sample | customers | spark | 1,234 | 2 | (name 2); 7: name: a \\| b |" in text
    assert "| postgres | sample | dbt-core 1.11.16 | 245 | 33 | 0.5 |" in text
    assert "- spark4 could not be run: there is no Java" in text
    read = json.loads(made.as_json())
    assert [line["differing"] for line in read["lines"]] == [0, 2]
    assert read["not_run"] == {"spark4": "there is no Java"}


def test_an_engine_that_is_only_compiled_is_refused_before_anything_is_built() -> None:
    with pytest.raises(SegmentationError, match="Nothing can be built on 'redshift' here"):
        compare.run(Console(), root=Path(), engines=["redshift"])


def test_the_reference_alone_is_nothing_to_compare() -> None:
    with pytest.raises(SegmentationError, match="name another engine too"):
        compare.run(Console(), root=Path(), engines=["duckdb"])
    with pytest.raises(SegmentationError, match="no engine 'oracle'"):
        compare.run(Console(), root=Path(), engines=["oracle"])

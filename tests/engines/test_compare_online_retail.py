"""Online Retail II on a Postgres server of the user's own: loaded, built, compared, summarised."""

import contextlib
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from rich.console import Console
from segmentation import online_retail
from segmentation.dbt_runner import Output, read_output
from segmentation.engines import compare
from segmentation.engines.compare import ONLINE_RETAIL, REFERENCE
from segmentation.errors import SegmentationError
from segmentation.summary import print_summary
from segmentation.warehouse import open_target

COLUMNS = ", ".join(f"'{name.lower()}' as {name}" for name in online_retail.COLUMNS)


@pytest.fixture
def own_target(
    postgres_server: Any, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Output:
    """A target `mine` of a profiles.yml of the user's own, on the server."""
    profile = {"target": "mine", "outputs": {"mine": postgres_server.profile()}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump({"segmentation": profile}))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    return read_output(project_root, tmp_path)


@pytest.fixture
def raw_schema(postgres_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """The name of a schema for the raw lines, and a connection to look at them."""
    schema = "Raw lines"
    monkeypatch.setenv(online_retail.SCHEMA_VARIABLE, schema)
    with contextlib.closing(postgres_server.connect()) as connection:
        connection.autocommit = True
        yield schema, connection.cursor()
        connection.cursor().execute(f'drop schema if exists "{schema}" cascade')


def lines_file(path: Path, *rows: str) -> Path:
    """A file in the raw shape, each row given as the values that aren't the column's name."""
    selects = [
        f"select '2010' as source_sheet, {place} as row_no, {COLUMNS}" for place in range(len(rows))
    ]
    replaced = [
        f"select * replace ({row}) from ({select})" if row else select
        for row, select in zip(rows, selects, strict=True)
    ]
    duckdb.sql(" union all ".join(replaced)).order("row_no").write_parquet(str(path))
    return path


def test_lines_are_loaded_as_they_are(own_target: Output, raw_schema: Any, tmp_path: Path) -> None:
    schema, cursor = raw_schema
    odd = "'SAYS \"GO\", twice' || chr(10) || 'and \\N 二' as Description"
    file = lines_file(tmp_path / "lines.parquet", "null as Description", "'' as Description", odd)
    said: list[str] = []
    for _ in range(2):
        assert online_retail.load(file, own_target, say=said.append) == f'"{schema}"."lines"'
    cursor.execute(f'select row_no, description, customerid from "{schema}".lines order by row_no')
    assert cursor.fetchall() == [
        (0, None, "customerid"),
        (1, "", "customerid"),
        (2, 'SAYS "GO", twice\nand \\N 二', "customerid"),
    ]
    assert said[-1] == f"Loaded 3 invoice lines into {schema}.lines."


def test_a_failed_load_leaves_the_lines_of_before(
    own_target: Output, raw_schema: Any, tmp_path: Path
) -> None:
    schema, cursor = raw_schema
    online_retail.load(lines_file(tmp_path / "good.parquet", ""), own_target, say=str)
    broken = tmp_path / "broken.parquet"
    duckdb.read_parquet(str(tmp_path / "good.parquet")).project(
        "* replace ('one' as row_no)"
    ).write_parquet(str(broken))
    with pytest.raises(SegmentationError, match="invalid input syntax for type integer"):
        online_retail.load(broken, own_target, say=str)
    cursor.execute(f'select count(*) from "{schema}".lines')
    assert cursor.fetchall() == [(1,)]


def test_another_table_of_that_name_is_left_alone(
    own_target: Output, raw_schema: Any, tmp_path: Path
) -> None:
    schema, cursor = raw_schema
    cursor.execute(f'create schema "{schema}"')
    cursor.execute(f'create table "{schema}".lines as select 1 as precious')
    with pytest.raises(SegmentationError, match="with the columns precious: name another schema"):
        online_retail.load(lines_file(tmp_path / "lines.parquet", ""), own_target, say=str)
    cursor.execute(f'select precious from "{schema}".lines')
    assert cursor.fetchall() == [(1,)]


def test_a_user_without_rights_is_told_so(
    postgres_server: Any, own_target: Output, raw_schema: Any, tmp_path: Path
) -> None:
    _, cursor = raw_schema
    cursor.execute("create role reader login password 'reader'")
    try:
        settings = postgres_server.profile() | {"user": "reader", "password": "reader"}
        profile = {"target": "mine", "outputs": {"mine": settings}}
        (tmp_path / "profiles.yml").write_text(yaml.safe_dump({"segmentation": profile}))
        lines = lines_file(tmp_path / "lines.parquet", "")
        with pytest.raises(SegmentationError, match="permission denied for database"):
            online_retail.load(lines, own_target, say=str)
    finally:
        cursor.execute("drop role reader")


def test_online_retail_gives_the_same_rows_and_summary(
    own_target: Output, project_root: Path, data_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    before = schemas(own_target)
    report = compare.run(
        Console(width=160),
        root=project_root,
        engines=[REFERENCE],
        online_retail=data_dir / "online_retail_ii",
        sample=False,
        target=own_target,
        tests=False,
        keep=folder,
    )
    assert report.not_run == {}
    assert report.failed == {}
    lines = [line for line in report.lines if line.engine == "mine"]
    assert {line.mart: line.difference for line in lines if not line.difference.same} == {}
    rows = {line.mart: line.difference.rows for line in lines}
    assert (rows["customers"], rows["orders"]) == (5_942, 40_076)

    schema = f"{compare.OWN_SCHEMA}_{ONLINE_RETAIL}"
    built = Output("mine", own_target.settings | {"schema": schema}, project_root)
    with open_target(built) as opened:
        customers = opened.relation(built.schema("marts"), "customers")
        [total] = opened.rows(f"select sum(net_revenue) as net from {customers}")
        assert round(total["net"], 2) == Decimal("17431551.18") - Decimal("1087882.14")
    made = schemas(own_target) - before
    assert {name for name in made if not name.startswith(schema)} == set(), "nobody asked for these"

    file = folder / REFERENCE / ONLINE_RETAIL / f"{ONLINE_RETAIL}.duckdb"
    on_duckdb = Output(REFERENCE, {"type": "duckdb", "path": str(file)}, project_root)
    assert summary(built) == summary(on_duckdb)


def schemas(output: Output) -> set[str]:
    """The schemas of a Postgres database."""
    with open_target(output) as opened:
        return {row["name"] for row in opened.rows("select nspname as name from pg_namespace")}


def summary(output: Output) -> str:
    """The summary without its last part, which names the target."""
    written = io.StringIO()
    print_summary(Console(file=written, width=120), output)
    return written.getvalue().partition("Where to look next")[0]

"""Queries on targets: DuckDB files directly, other engines through dbt, and what can go wrong."""

import socket
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from segmentation import online_retail, warehouse
from segmentation.dbt_runner import Output, read_output
from segmentation.errors import SegmentationError
from segmentation.warehouse import QueryError, open_target

PROJECT = {"name": "segmentation", "version": "0.1.0", "profile": "segmentation"}


def target(folder: Path, **settings: Any) -> Output:
    """A target of a profiles.yml in `folder`, where a project is too."""
    profile = {"target": "dev", "outputs": {"dev": settings}}
    project = PROJECT | {"flags": {"send_anonymous_usage_stats": False}}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (folder / "profiles.yml").write_text(yaml.safe_dump({"segmentation": profile}))
    return read_output(folder, folder)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with a table whose names need quotes."""
    path = tmp_path / "here.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute('create schema "my marts"')
        connection.execute(
            'create table "my marts"."a ""table""" as '
            "select 1 as Number, '' as Blank, cast(null as varchar) as nothing, "
            "cast(1.50 as numeric(18, 2)) as amount, date '2026-07-01' as day"
        )
    return path


def test_rows_of_a_duckdb_file(database: Path) -> None:
    output = target(database.parent, type="duckdb", path=database.name)
    with open_target(output) as opened:
        relation = opened.relation("my marts", 'a "table"')
        assert opened.rows(f"select * from {relation}") == [
            {
                "number": 1,
                "blank": "",
                "nothing": None,
                "amount": Decimal("1.50"),
                "day": date(2026, 7, 1),
            }
        ]
        names, rows = opened.select(f"select {opened.text_of('amount')} as Amount from {relation}")
        assert (names, rows) == (["Amount"], [("1.50",)])
        assert opened.name == str(database)
        with pytest.raises(QueryError, match="nowhere does not exist"):
            opened.rows("select * from nowhere")


def test_a_file_may_be_named_instead_of_the_target(database: Path) -> None:
    output = target(database.parent, type="postgres")
    with open_target(output, database=database) as opened:
        assert opened.rows("select 1 as One") == [{"one": 1}]


def test_a_duckdb_file_is_only_read(database: Path) -> None:
    output = target(database.parent, type="duckdb", path=database.name)
    with open_target(output) as opened, pytest.raises(QueryError, match="read-only"):
        opened.rows("create table spoiled as select 1 as one")


def test_dbts_adapter_is_enough_without_reading_the_project(database: Path) -> None:
    """DuckDB through dbt, as other engines are: the project's broken model doesn't matter."""
    output = target(database.parent, type="duckdb", path=database.name)
    models = database.parent / "models"
    models.mkdir()
    (models / "broken.sql").write_text("{{ nothing( }}")
    with warehouse.connect(output) as adapter:
        opened = warehouse._DbtTarget(adapter, output)
        relation = opened.relation("my marts", "figures")
        assert relation == '"here"."my marts"."figures"'
        assert opened.rows("select 1 as One, '' as empty, '7' as text, '%s' as percent") == [
            {"one": 1, "empty": "", "text": "7", "percent": "%s"}
        ]
        assert opened.rows(f"select {opened.text_of('1.50')} as text") == [{"text": "1.50"}]
        assert opened.name == "Target 'dev'"
        with pytest.raises(QueryError, match="nowhere does not exist"):
            opened.rows("select * from nowhere")
    # closed again: somebody else may write
    duckdb.connect(str(database)).close()


def test_no_server_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        login = {"user": "nobody", "password": "none", "dbname": "nothing", "schema": "public"}
        port = free.getsockname()[1]
        output = target(tmp_path, type="postgres", host="127.0.0.1", port=port, **login)
        with (
            pytest.raises(SegmentationError, match="No Postgres server answers"),
            open_target(output),
        ):
            pass


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"type": "postgres", "host": "localhost"}, "'database' is a required property"),
        ({"type": "oracle"}, "needs the adapter dbt-oracle, which is not in this environment"),
        ({"type": "postgres", "host": "{{ env_var('NOT_SET_HERE') }}"}, "export NOT_SET_HERE"),
    ],
)
def test_a_profile_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    output = target(tmp_path, **settings)
    with pytest.raises(SegmentationError, match=said) as found, open_target(output):
        pass
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("Database Error\n  relation is gone\n  LINE 1: select", "relation is gone"),
        ("Runtime Error\n  Catalog Error: Table x", "Catalog Error: Table x"),
        (
            "Database Error in model x (models/x.sql)\n  relation is gone\n  LINE 1",
            "relation is gone",
        ),
        ("Runtime Error in unit_test x (y)\n  It failed.\n  Database Error\n  No x\n  L", "No x"),
        ("Runtime Error\n  calling o60.sql.\nCaused by: a.b.C: outer\nCaused by: a.D: No", "No"),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
        ("", "ValueError"),
    ],
)
def test_an_engines_message_in_one_line(message: str, line: str) -> None:
    assert warehouse.one_line(ValueError(message)) == line


def test_lines_are_loaded_into_postgres_only(tmp_path: Path) -> None:
    output = target(tmp_path, type="snowflake")
    assert online_retail.needs_loading(output)
    assert not online_retail.needs_loading(target(tmp_path, type="spark"))
    assert not online_retail.needs_loading(target(tmp_path, type="duckdb"))
    with pytest.raises(SegmentationError, match=r"as the table raw\.lines"):
        online_retail.load(tmp_path / "lines.parquet", output)

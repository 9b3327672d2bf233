"""Queries on any target of profiles.yml: DuckDB files directly, every other engine through dbt.

dbt's adapters know how to connect, to sign in and to quote; they are registered from the profile
alone, so no model is read and no manifest is needed. A DuckDB file is opened read-only without dbt,
whose import alone takes five seconds.
"""

import contextlib
import os
import re
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import duckdb

from segmentation import dbt_runner
from segmentation.dbt_runner import Output
from segmentation.errors import SegmentationError
from segmentation.problems import check_target, explain

Row = Mapping[str, Any]
CONNECTION = "segmentation"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CAUSE = re.compile(r"Caused by: (?:[\w.$]+: )?(.+)")
HEADING = re.compile(r"\w+ Error( in .+)?")  # Database Error in model x (models/x.sql)


class QueryError(SegmentationError):
    """A query that the engine refused; the message is the engine's own, in one line."""


class Warehouse(Protocol):
    """An open connection to the engine of one target."""

    # how a sentence begins with it: the path of a DuckDB file, or Target 'name'
    name: str

    def select(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names as the engine spells them, and every row.

        Raises:
            QueryError: the engine refused the query.
        """

    def rows(self, sql: str) -> list[Row]:
        """Every row as a mapping of lower-case column names to values.

        Raises:
            QueryError: the engine refused the query.
        """

    def relation(self, schema: str, name: str) -> str:
        """A table of the target's database as SQL names it, quoted as dbt quotes it."""

    def quote(self, name: str) -> str:
        """A column as SQL names it."""

    def text_of(self, expression: str) -> str:
        """The expression cast to the engine's text."""


@contextlib.contextmanager
def open_target(
    output: Output, *, database: Path | None = None, profiles_dir: Path | None = None
) -> Iterator[Warehouse]:
    """A connection to a target, closed again at the end of the block.

    Args:
        output: the target of profiles.yml.
        database: another DuckDB file than the target's; then the target is not connected to.
        profiles_dir: the folder of profiles.yml; where dbt would look for it if None.

    Raises:
        SegmentationError: no database, a wrong password, an adapter that isn't installed ...
    """
    if database is not None or output.adapter == "duckdb":
        path = database or output.database_path
        with open_read_only(path) as connection:
            yield _DuckDBFile(connection, path)
        return
    with connect(output, profiles_dir=profiles_dir) as adapter:
        yield _DbtTarget(adapter, output)


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a database that exists.

    Raises:
        SegmentationError: there is no file, another process holds it, or it isn't DuckDB.
    """
    if not path.is_file():
        raise SegmentationError(
            f"There is no database at {path}: run 'make build' (or 'segmentation build') first."
        )
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise SegmentationError(
                f"{path} is open in another program: close that one, then run again."
            ) from error
        raise SegmentationError(f"{path} can't be opened as a DuckDB database: {error}") from error


@contextlib.contextmanager
def connect(output: Output, *, profiles_dir: Path | None = None) -> Iterator[Any]:
    """The adapter of a target, with an open connection.

    Macros are out of its reach: it can quote, run SQL and hand out the driver's own connection, and
    no more.

    Raises:
        SegmentationError: the profile can't be used, the adapter isn't installed, or the engine
            can't be reached or refuses to let the user in.
    """
    with contextlib.chdir(output.root):
        check_target(output)
        adapter = _register(output, profiles_dir or dbt_runner.find_profiles_dir(output.root))
        try:
            with adapter.connection_named(CONNECTION):
                try:
                    adapter.connections.get_thread_connection().handle  # noqa: B018 - opens it
                except Exception as error:
                    raise SegmentationError(_connection_problem(output, error)) from error
                yield adapter
        finally:
            adapter.cleanup_connections()
            dbt_runner.close_database()


def _register(output: Output, profiles_dir: Path) -> Any:
    """The adapter of a target, made from profiles.yml and dbt_project.yml."""
    from dbt.adapters.factory import get_adapter, register_adapter, reset_adapters
    from dbt.config.runtime import RuntimeConfig
    from dbt.flags import set_from_args
    from dbt.mp_context import get_mp_context
    from dbt_common.context import set_invocation_context
    from dbt_common.events.event_manager_client import cleanup_event_logger

    set_invocation_context(os.environ)
    args = Namespace(
        project_dir=str(output.root),
        profiles_dir=str(profiles_dir),
        profile=None,
        target=output.name,
        threads=1,
        vars={},
    )
    try:
        set_from_args(args, None)
        cleanup_event_logger()  # what dbt says about each query is of no interest here
        config = RuntimeConfig.from_args(args)
        reset_adapters()
        register_adapter(config, get_mp_context())
        return get_adapter(config)
    except SegmentationError:
        raise
    except Exception as error:
        raise SegmentationError(_connection_problem(output, error)) from error


def _connection_problem(output: Output, error: Exception) -> str:
    """What hinders the connection, as a sentence that says what to do."""
    known = explain(str(error), output)
    return known or (
        f"Target '{output.name}' ({output.adapter}) can't be connected to: {one_line(error)}"
    )


def one_line(error: object) -> str:
    """An engine's message without dbt's headings and without the lines that point into the SQL."""
    plain = COLOURS.sub("", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    causes = [found[1] for line in lines if (found := CAUSE.match(line))]
    if causes:
        return causes[-1]  # Java's own reason is the innermost one
    headings = [place for place, line in enumerate(lines[:-1]) if HEADING.fullmatch(line)]
    start = headings[-1] + 1 if headings else 0
    return lines[start] if lines else type(error).__name__


class _DuckDBFile:
    """A DuckDB file, opened read-only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection = connection
        self.name = str(path)

    def select(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            cursor = self.connection.execute(sql)
            return [str(column[0]) for column in cursor.description or ()], cursor.fetchall()
        except duckdb.Error as error:
            raise QueryError(one_line(error)) from error

    def rows(self, sql: str) -> list[Row]:
        return _mappings(*self.select(sql))

    def relation(self, schema: str, name: str) -> str:
        return f"{self.quote(schema)}.{self.quote(name)}"

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def text_of(self, expression: str) -> str:
        return f"cast({expression} as varchar)"


class _DbtTarget:
    """A target behind dbt's adapter of its engine."""

    def __init__(self, adapter: Any, output: Output) -> None:
        self.adapter = adapter
        self.name = f"Target '{output.name}'"

    def select(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        from dbt.adapters.sql.connections import SQLConnectionManager

        try:
            if isinstance(self.adapter.connections, SQLConnectionManager):
                # The driver's own values: dbt's result tables guess types from the values.
                _, cursor = self.adapter.connections.add_query(sql, auto_begin=False)
                names = [str(column[0]) for column in cursor.description or ()]
                return names, [tuple(row) for row in cursor.fetchall()]
            _, table = self.adapter.execute(sql, auto_begin=False, fetch=True)
            return list(table.column_names), [tuple(row) for row in table.rows]
        except Exception as error:
            raise QueryError(one_line(error)) from error

    def rows(self, sql: str) -> list[Row]:
        return _mappings(*self.select(sql))

    def relation(self, schema: str, name: str) -> str:
        config = self.adapter.config
        relation = self.adapter.Relation.create(
            database=config.credentials.database,
            schema=schema,
            identifier=name,
            quote_policy=config.quoting,
        )
        return str(relation)

    def quote(self, name: str) -> str:
        return str(self.adapter.quote(name))

    def text_of(self, expression: str) -> str:
        return f"cast({expression} as {self.adapter.Column.translate_type('string')})"


def _mappings(names: list[str], rows: list[tuple[Any, ...]]) -> list[Row]:
    lower = [name.lower() for name in names]
    return [dict(zip(lower, row, strict=True)) for row in rows]

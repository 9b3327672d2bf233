"""Emulators of warehouses that have no server to install: BigQuery and Snowflake, on loopback.

Neither is the engine itself. Both translate to DuckDB, so they accept some SQL that the warehouse
refuses and have faults of their own; `_serve_bigquery` and `_serve_snowflake` mend the faults that
a build of this project meets, and say which. What they prove is that every model can be built
through the adapter, not that the warehouse gives the same result.
"""

import argparse
import contextlib
import importlib
import os
import re
import socket
import sys
import threading
from typing import Any, ClassVar

from segmentation.engines.environments import Environment
from segmentation.engines.servers import HOST, Server

PROJECT = "segmentation"


class Emulator(Server):
    """`with BigQueryEmulator(environment) as emulator:` an empty warehouse until the block ends.

    Raises:
        SegmentationError: it did not start.
    """

    name: ClassVar[str]
    start_seconds = 120  # the first start copies a DuckDB extension

    def __init__(self, environment: Environment) -> None:
        """Nothing happens before the block is entered.

        Args:
            environment: the Python environment that holds the emulator and this package.
        """
        super().__init__()
        self.environment = environment

    def profile(self, threads: int = 2) -> dict[str, Any]:
        """A target of profiles.yml that builds on it."""
        raise NotImplementedError

    def _command(self) -> list[str]:
        return [str(self.environment.python), "-m", __name__, self.name, str(self.port)]

    def _run_as(self) -> dict[str, Any]:
        # DuckDB keeps extensions in the home folder: not in that of whoever runs this.
        home = self.environment.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        return {"env": os.environ | {"HOME": str(home)}}

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
            return True
        return False


class BigQueryEmulator(Emulator):
    """bqemulator: BigQuery's REST interface in front of DuckDB."""

    name = "bigquery"
    title = "The BigQuery emulator"

    def profile(self, threads: int = 2) -> dict[str, Any]:
        """A target of profiles.yml that builds on it."""
        return {
            "type": "bigquery",
            "method": "oauth-secrets",
            "token": "emulated",
            "project": PROJECT,
            "schema": "default",
            "threads": threads,
            "job_retries": 0,
            "api_endpoint": f"http://{HOST}:{self.port}",
        }


class SnowflakeEmulator(Emulator):
    """fakesnow: Snowflake's connector interface in front of DuckDB."""

    name = "snowflake"
    title = "The Snowflake emulator"

    def profile(self, threads: int = 1) -> dict[str, Any]:
        """A target of profiles.yml that builds on it.

        Temporary tables are made as others, so two unit tests of one name must not run at once.
        """
        return {
            "type": "snowflake",
            "account": "emulated",
            "user": "emulated",
            "password": "emulated",
            "role": "emulated",
            "warehouse": "emulated",
            "database": PROJECT.upper(),
            "schema": "public",
            "threads": threads,
            "host": HOST,
            "port": self.port,
            "protocol": "http",
        }


def _imported(names: list[str]) -> list[Any]:
    # Of another environment than the one that checks this file.
    return [importlib.import_module(name) for name in names]


def _serve_bigquery(port: int) -> None:
    """Serve bqemulator until the process is ended, inside the environment that has it."""
    modules = [
        "duckdb_extensions",
        "sqlglot.expressions",
        "sqlglot.generators.duckdb",
        "bqemulator.sql.rewriter.create_table_schema_ctas",
        "bqemulator.sql.translator",
        "bqemulator.cli",
    ]
    extensions, exp, generators, create_table, translator, cli = _imported(modules)
    # What isn't among the packages it would try to download; it needs the first, not the second.
    for extension in ("spatial", "avro"):
        with contextlib.suppress(ModuleNotFoundError):
            extensions.import_extension(extension)

    # NUMERIC became DECIMAL(18, 3), and an amount lost its fourth place.
    generator = generators.DuckDBGenerator
    wide = ((38, 9), (38, 38))
    generator.TYPE_PARAM_SETTINGS = generator.TYPE_PARAM_SETTINGS | {
        exp.DataType.Type.DECIMAL: wide,
        exp.DataType.Type.BIGDECIMAL: wide,
    }

    # `create table t (columns) as (select ...)`, what dbt writes for a contract, was not understood
    # for its parentheses.
    first_select = create_table._first_select

    def first_select_within(body: Any) -> Any:
        return first_select(body.this if isinstance(body, exp.Subquery) else body)

    create_table._first_select = first_select_within

    # A quote behind a backslash, within three quotes, kept its backslash: dbt writes the rows of a
    # unit test so. And an apostrophe in a comment began a text.
    translate = translator.SQLTranslator.translate
    text_or_comment = re.compile(
        r"""'''(?:\\.|[^\\])*?'''|'(?:\\.|[^\\'])*'|"(?:\\.|[^\\"])*"|--[^\n]*""", re.S
    )

    def plain(found: re.Match[str]) -> str:
        if found[0].startswith("--"):
            return ""
        return found[0].replace(r"\'", "'") if found[0].startswith("'''") else found[0]

    def translate_plain(self: Any, sql: str, *args: Any, **kwargs: Any) -> Any:
        return translate(self, text_or_comment.sub(plain, sql), *args, **kwargs)

    translator.SQLTranslator.translate = translate_plain

    cli.main(["start", "--rest-port", str(port), "--grpc-port", "0", "--project", PROJECT])


def _serve_snowflake(port: int) -> None:
    """Serve fakesnow until the process is ended, inside the environment that has it."""
    modules = [
        "duckdb",
        "sqlglot.expressions",
        "snowflake.connector.errors",
        "fakesnow.transforms",
        "fakesnow.cursor",
        "fakesnow.cli",
    ]
    duckdb, exp, errors, transforms, cursor, cli = _imported(modules)

    # A try_cast to a timestamp became a plain cast, and an unreadable one stopped the query.
    to_timestamp = transforms.to_timestamp

    def to_timestamp_if_readable(node: Any) -> Any:
        return node if isinstance(node, exp.TryCast) else to_timestamp(node)

    transforms.to_timestamp = to_timestamp_if_readable

    # A temporary table in a schema, what dbt makes of a unit test, was refused; a product of two
    # decimals had no more digits than its factors, where Snowflake's has up to 38; and 38 digits
    # before the point became an integer of 19: 37 stay decimal.
    update_variables = transforms.update_variables

    def understood(node: Any, **kwargs: Any) -> Any:
        if isinstance(node, exp.TemporaryProperty):
            return None
        if isinstance(node, exp.Mul):
            for factor in (node.left.unnest(), node.right.unnest()):
                if isinstance(factor, exp.Cast) and len(factor.to.expressions) > 1:
                    factor.to.expressions[0].set("this", exp.Literal.number(37))
        if type(node) is exp.Cast and node.to.sql() == "DECIMAL(38, 0)":
            node.to.expressions[0].set("this", exp.Literal.number(37))
        return update_variables(node, **kwargs)

    transforms.update_variables = understood

    # A sum of anything but a cast was added up as floating point numbers.
    transforms.numeric_agg_implicit_cast = lambda node: node

    # Comments on columns were refused, those on tables broke at an apostrophe; and what DuckDB
    # refused was reported as a fault of the server, which the connector tries again for ever.
    execute = cursor.FakeSnowflakeCursor.execute

    def execute_or_refuse(self: Any, command: str, *args: Any, **kwargs: Any) -> Any:
        if re.match(r"\s*(comment\s+on|alter\s+(table|view)\s+\S+\s+alter)\s", command, re.I):
            command = "select 'done' as status"
        try:
            return execute(self, command, *args, **kwargs)
        except duckdb.Error as error:
            raise errors.ProgrammingError(str(error), errno=1003, sqlstate="42000") from error

    cursor.FakeSnowflakeCursor.execute = execute_or_refuse

    cli.main(["--server", "--port", str(port), "--host", HOST])


def main() -> None:
    """Serve one emulator, run by `Emulator` in the environment that holds it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["bigquery", "snowflake"])
    parser.add_argument("port", type=int)
    args = parser.parse_args()
    # Their parsers recurse once per operator of an expression: a long one needs a deep stack.
    sys.setrecursionlimit(20_000)
    threading.stack_size(256 * 1024 * 1024)
    serve = {"bigquery": _serve_bigquery, "snowflake": _serve_snowflake}[args.name]
    serve(args.port)


if __name__ == "__main__":
    main()

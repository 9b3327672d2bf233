"""What can be wrong with a target: looked for before dbt starts, or read from what dbt said.

Databases and drivers each have their own words, and Spark answers in pages of Java; the sentences
here name the target's own settings and what to do about them.
"""

import importlib.util
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from segmentation.dbt_runner import PROFILES_FILE, Output
from segmentation.errors import SegmentationError

# Adapters that are an extra of this package: pip install '.[postgres]'.
EXTRAS = ("postgres", "spark")
PROGRAM = "segmentation"

Settings = Mapping[str, Any]


def check_target(output: Output) -> None:
    """Look for what would stop dbt before it reaches the engine, and set up Spark's Java.

    Raises:
        SegmentationError: an environment variable, the adapter, Java, a jar or a folder that the
            target needs is missing, or another process holds the metastore.
    """
    settings = output.rendered()
    if not _is_installed(output.adapter):
        raise SegmentationError(adapter_missing(output))
    if output.adapter == "spark" and settings.get("method") == "session":
        from segmentation.engines import spark

        spark.prepare(settings.get("server_side_parameters") or {}, output.root, output.name)


def hand_over(output: Output) -> None:
    """Run this very command in the environment that has the target's adapter, if that is made.

    Returns when there is nothing to hand over: the adapter is here, or nowhere.
    """
    from segmentation.engines import catalog, environments

    name = catalog.environment_of(output.adapter)
    program = output.root / environments.FOLDER / name / "bin" / PROGRAM
    started_as_a_program = Path(sys.argv[0]).name == PROGRAM
    if started_as_a_program and not _is_installed(output.adapter) and program.is_file():
        os.execv(program, [str(program), *sys.argv[1:]])  # noqa: S606 - the same command


def explain(message: str, output: Output) -> str | None:
    """What a failure of the engine or of its driver means, and what to do; None if unknown.

    Args:
        message: what dbt, the driver or the engine said.
        output: the target that was in use.
    """
    settings = output.rendered()
    if "Could not find adapter type" in message:
        return adapter_missing(output)
    for pattern, sentence in _KNOWN.get(output.adapter, ()):
        if match := re.search(pattern, message, flags=re.IGNORECASE | re.DOTALL):
            named = {name: value for name, value in match.groupdict().items() if value}
            return sentence({**settings, "target": output.name, **named})
    return None


def adapter_missing(output: Output) -> str:
    """The sentence for a target whose adapter isn't in this environment."""
    from segmentation.engines.catalog import ENVIRONMENTS

    adapter = output.adapter
    package = f'".[{adapter}]"' if adapter in EXTRAS else f"dbt-{adapter}"
    way = f"pip install {package}"
    if adapter in ENVIRONMENTS:
        way = f"run 'make build TARGET={output.name}', which uses one that has it (or {way})"
    return (
        f"Target '{output.name}' needs the adapter dbt-{adapter}, which is not in this "
        f"environment: {way}."
    )


def _is_installed(adapter: str) -> bool:
    try:
        return importlib.util.find_spec(f"dbt.adapters.{adapter}") is not None
    except ModuleNotFoundError:
        return False


def _server(known: Settings) -> str:
    return f"{known.get('host')}:{known.get('port', 5432)}"


def _where(known: Settings) -> str:
    return f"target '{known['target']}' of {PROFILES_FILE}"


def _wrong_password(known: Settings) -> str:
    return (
        f"Postgres at {_server(known)} does not accept user '{known.get('user')}' with this "
        f"password: set POSTGRES_USER and POSTGRES_PASSWORD, or mend {_where(known)}."
    )


def _no_server(known: Settings) -> str:
    return (
        f"No Postgres server answers at {_server(known)}: start it, or set POSTGRES_HOST and "
        f"POSTGRES_PORT to where it is ({_where(known)})."
    )


def _no_database(known: Settings) -> str:
    database = known["database"]
    return (
        f"Postgres at {_server(known)} has no database '{database}': run 'createdb {database}' "
        f"there, or set POSTGRES_DATABASE to one that exists ({_where(known)})."
    )


def _no_user(known: Settings) -> str:
    return (
        f"Postgres at {_server(known)} has no user '{known['role']}': set POSTGRES_USER, or run "
        f"'createuser --pwprompt {known['role']}' there."
    )


def _not_let_in(known: Settings) -> str:
    return (
        f"Postgres at {_server(known)} lets no connection in from this machine for user "
        f"'{known.get('user')}': its owner has to allow it in pg_hba.conf."
    )


def _no_schema_rights(known: Settings) -> str:
    user = known.get("user")
    return (
        f"User '{user}' may not create schemas in database '{known['database']}': its owner has to "
        f'run: grant create on database "{known["database"]}" to "{user}"; (or make the schemas '
        f'staging, intermediate, marts and seeds with "{user}" as their owner).'
    )


def _no_table_rights(known: Settings) -> str:
    user, schema = known.get("user"), known["object"]
    return (
        f"User '{user}' may not create tables in schema '{schema}': its owner has to run: "
        f'grant usage, create on schema "{schema}" to "{user}";'
    )


def _not_owner(known: Settings) -> str:
    user, kind, name = known.get("user"), known["kind"], known["object"]
    return (
        f"User '{user}' may not replace the {kind} '{name}', which somebody else made: build as "
        f'that user, or let them run: alter {kind} "{name}" owner to "{user}";'
    )


def _no_rights(known: Settings) -> str:
    user, kind, name = known.get("user"), known["kind"], known["object"]
    return (
        f"User '{user}' has no right to the {kind} '{name}', which is somebody else's: its owner "
        f'has to run: grant select on "{name}" to "{user}"; (to replace it, build as its owner).'
    )


def _too_many_connections(known: Settings) -> str:
    return (
        f"Postgres at {_server(known)} has no connection left: lower 'threads' in {_where(known)}, "
        "or close other programs."
    )


def _no_java(_: Settings) -> str:
    from segmentation.engines import spark

    return (
        f"Spark's Java did not start: it must be Java {spark.JAVA} ('java -version' says which one "
        "there is); what it said is above."
    )


def _metastore(known: Settings) -> str:
    return (
        "Spark can't open its metastore: another process holds it, or its folder can't be written "
        f"to. Close the other one, or set SPARK_METASTORE_DIR ({_where(known)})."
    )


def _warehouse(known: Settings) -> str:
    return (
        f"Spark can't write to its warehouse ({known['path']}): set SPARK_WAREHOUSE_DIR to a "
        f"folder that you may write to ({_where(known)})."
    )


def _iceberg(known: Settings) -> str:
    return (
        "Spark does not find Iceberg: set ICEBERG_SPARK_JAR to the Iceberg runtime for its version "
        f"({_where(known)})."
    )


def _no_master(known: Settings) -> str:
    return f"The Spark master does not answer: check SPARK_MASTER ({_where(known)})."


_KNOWN: dict[str, tuple[tuple[str, Callable[[Settings], str]], ...]] = {
    "postgres": (
        (r"password authentication failed|no password supplied", _wrong_password),
        (r'database "(?P<database>[^"]+)" does not exist', _no_database),
        (r'FATAL:\s+role "(?P<role>[^"]+)" does not exist', _no_user),
        (r"no pg_hba\.conf entry|authentication failed for user", _not_let_in),
        (
            r"connection refused|could not translate host name|timeout expired|no route to host"
            r"|server closed the connection|network is unreachable|could not connect to server",
            _no_server,
        ),
        (r"permission denied for database (?P<database>\S+)", _no_schema_rights),
        (r"permission denied for schema (?P<object>\S+)", _no_table_rights),
        (r"permission denied for (?P<kind>table|view|relation) (?P<object>\S+)", _no_rights),
        (r"must be owner of (?P<kind>table|view|relation|schema) (?P<object>\S+)", _not_owner),
        (r"too many clients|remaining connection slots", _too_many_connections),
    ),
    "spark": (
        (r"JAVA_GATEWAY_EXITED|Java gateway process exited|JAVA_HOME", _no_java),
        (r"Unable to create database path (?P<path>[^,\s]+?),? ", _warehouse),
        (r"XSDB6|XBM0H|XJ04[01]|SessionHiveMetaStoreClient", _metastore),
        (r"ClassNotFoundException: org\.apache\.iceberg|catalog plugin class", _iceberg),
        (r"All masters are unresponsive", _no_master),
    ),
}

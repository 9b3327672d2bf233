"""What can be wrong with a target: looked for before dbt starts, or read from what dbt said.

Databases and drivers each have their own words, and Spark answers in pages of Java; the sentences
here name the target's own settings and what to do about them.
"""

import importlib.util
import os
import re
import sys
from pathlib import Path

from segmentation.dbt_runner import PROFILES_FILE, Output
from segmentation.engines import spark
from segmentation.errors import SegmentationError

# Adapters that are an extra of this package: pip install '.[postgres]'.
EXTRAS = ("postgres", "spark")
PROGRAM = "segmentation"


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
            server = f"{settings.get('host')}:{settings.get('port', 5432)}"
            target = f"target '{output.name}' of {PROFILES_FILE}"
            known = {**settings, **named, "server": server, "target": target}
            return sentence.format_map({"user": None, **known})
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


# A pattern of what was said, and the sentence for it. Its names are settings of the target, named
# groups of the pattern, `server` and `target`.
_KNOWN = {
    "postgres": (
        (
            r"password authentication failed|no password supplied",
            "Postgres at {server} does not accept user '{user}' with this password: set "
            "POSTGRES_USER and POSTGRES_PASSWORD, or mend {target}.",
        ),
        (
            r'database "(?P<database>[^"]+)" does not exist',
            "Postgres at {server} has no database '{database}': run 'createdb {database}' there, "
            "or set POSTGRES_DATABASE to one that exists ({target}).",
        ),
        (
            r'FATAL:\s+role "(?P<role>[^"]+)" does not exist',
            "Postgres at {server} has no user '{role}': set POSTGRES_USER, or run "
            "'createuser --pwprompt {role}' there.",
        ),
        (
            r"no pg_hba\.conf entry|authentication failed for user",
            "Postgres at {server} lets no connection in from this machine for user '{user}': its "
            "owner has to allow it in pg_hba.conf.",
        ),
        (
            r"connection refused|could not translate host name|timeout expired|no route to host"
            r"|server closed the connection|network is unreachable|could not connect to server",
            "No Postgres server answers at {server}: start it, or set POSTGRES_HOST and "
            "POSTGRES_PORT to where it is ({target}).",
        ),
        (
            r"permission denied for database (?P<database>\S+)",
            "User '{user}' may not create schemas in database '{database}': its owner has to run: "
            'grant create on database "{database}" to "{user}"; (or make the schemas staging, '
            'intermediate, marts and seeds with "{user}" as their owner).',
        ),
        (
            r"permission denied for schema (?P<object>\S+)",
            "User '{user}' may not create tables in schema '{object}': its owner has to run: "
            'grant usage, create on schema "{object}" to "{user}";',
        ),
        (
            r"permission denied for (?P<kind>table|view|relation) (?P<object>\S+)",
            "User '{user}' has no right to the {kind} '{object}', which is somebody else's: its "
            'owner has to run: grant select on "{object}" to "{user}"; (to replace it, build as '
            "its owner).",
        ),
        (
            r"must be owner of (?P<kind>table|view|relation|schema) (?P<object>\S+)",
            "User '{user}' may not replace the {kind} '{object}', which somebody else made: build "
            'as that user, or let them run: alter {kind} "{object}" owner to "{user}";',
        ),
        (
            r"too many clients|remaining connection slots",
            "Postgres at {server} has no connection left: lower 'threads' in {target}, or close "
            "other programs.",
        ),
    ),
    "spark": (
        (
            r"JAVA_GATEWAY_EXITED|Java gateway process exited|JAVA_HOME",
            f"Spark's Java did not start: it must be Java {spark.JAVA} ('java -version' says which "
            "one there is); what it said is above.",
        ),
        (
            r"Unable to create database path (?P<path>[^,\s]+?),? ",
            "Spark can't write to its warehouse ({path}): set SPARK_WAREHOUSE_DIR to a folder that "
            "you may write to ({target}).",
        ),
        (
            r"XSDB6|XBM0H|XJ04[01]|SessionHiveMetaStoreClient",
            "Spark can't open its metastore: another process holds it, or its folder can't be "
            "written to. Close the other one, or set SPARK_METASTORE_DIR ({target}).",
        ),
        (
            r"ClassNotFoundException: org\.apache\.iceberg|catalog plugin class",
            "Spark does not find Iceberg: set ICEBERG_SPARK_JAR to the Iceberg runtime for its "
            "version ({target}).",
        ),
        (
            r"All masters are unresponsive",
            "The Spark master does not answer: check SPARK_MASTER ({target}).",
        ),
    ),
}

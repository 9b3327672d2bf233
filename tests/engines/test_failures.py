"""What goes wrong with a server or with Spark ends in one sentence that says what to do.

A project of one seed stands in for the real one; the server, its users and its rights are real.
"""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml
from segmentation import cli
from segmentation.engines import catalog, spark
from segmentation.engines.environments import Environment
from segmentation.engines.postgres import PostgresServer
from typer.testing import CliRunner

PROJECT = {
    "name": "segmentation",
    "version": "0.1.0",
    "profile": "segmentation",
    "flags": {"send_anonymous_usage_stats": False},
    "seeds": {"segmentation": {"+schema": "seeds", "+full_refresh": True}},
}
NEWCOMER = {"POSTGRES_USER": "newcomer", "POSTGRES_PASSWORD": "secret"}


@pytest.fixture
def project(
    tmp_path: Path,
    project_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project of one seed as the working folder, with the shipped targets."""
    schema_names = project_root / "macros" / "generate_schema_name.sql"
    files = {
        "dbt_project.yml": yaml.safe_dump(PROJECT),
        "profiles.yml": (project_root / catalog.EXAMPLE).read_text(encoding="utf-8"),
        "macros/generate_schema_name.sql": schema_names.read_text(encoding="utf-8"),
        "seeds/colours.csv": "colour\nred\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("DBT_PROFILES_DIR", "DBT_TARGET", "DBT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def server(
    project: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> PostgresServer:
    """The server, which the target `postgres` of the project points at."""
    for name, value in postgres_server.environ.items():
        monkeypatch.setenv(name, value)
    return postgres_server


@pytest.fixture
def as_owner(server: PostgresServer) -> Iterator[Callable[[str], None]]:
    """Run SQL as the database's owner; a user `newcomer` exists meanwhile."""
    connection = server.connect()
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("create role newcomer login password 'secret'")
    yield cursor.execute
    cursor.execute("drop schema if exists seeds cascade")
    cursor.execute("drop owned by newcomer; drop role newcomer")
    connection.close()


def build_on_postgres() -> str:
    """The one sentence on stderr of a build on the target `postgres` that fails."""
    result = CliRunner().invoke(
        cli.app, ["build", "--target", "postgres", "--select", "colours"], prog_name="segmentation"
    )
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("Error: ")


def test_with_the_right_settings_it_builds(server: PostgresServer) -> None:
    result = CliRunner().invoke(cli.app, ["build", "--target", "postgres", "--select", "colours"])
    assert result.exit_code == 0, result.output
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("select colour from seeds.colours")
        assert cursor.fetchall() == [("red",)]
        cursor.execute("drop schema seeds cascade")
    connection.close()


@pytest.mark.parametrize("password", ["wrong", ""])
def test_wrong_password(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD", password)
    said = build_on_postgres()
    assert "does not accept user 'segmentation' with this password" in said
    assert "POSTGRES_PASSWORD" in said


def test_unknown_database(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_DATABASE", "elsewhere")
    assert "run 'createdb elsewhere' there" in build_on_postgres()


def test_unknown_host(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_HOST", "there-is-none.invalid")
    said = build_on_postgres()
    assert f"No Postgres server answers at there-is-none.invalid:{server.port}" in said


def test_server_that_is_down(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with PostgresServer() as other:
        monkeypatch.setenv("POSTGRES_PORT", str(other.port))
    said = build_on_postgres()
    assert f"No Postgres server answers at 127.0.0.1:{other.port}: start it" in said


def test_database_without_the_right_to_create_schemas(
    as_owner: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NEWCOMER.items():
        monkeypatch.setenv(name, value)
    said = build_on_postgres()
    assert 'grant create on database "segmentation" to "newcomer"' in said
    as_owner("grant create on database segmentation to newcomer")
    result = CliRunner().invoke(cli.app, ["build", "--target", "postgres", "--select", "colours"])
    assert result.exit_code == 0, result.output


def test_schema_without_the_right_to_create_tables(
    as_owner: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NEWCOMER.items():
        monkeypatch.setenv(name, value)
    as_owner("create schema seeds")
    said = build_on_postgres()
    assert 'grant usage, create on schema "seeds" to "newcomer";' in said
    as_owner("grant usage, create on schema seeds to newcomer")
    result = CliRunner().invoke(cli.app, ["build", "--target", "postgres", "--select", "colours"])
    assert result.exit_code == 0, result.output


def test_table_that_belongs_to_somebody_else(
    as_owner: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NEWCOMER.items():
        monkeypatch.setenv(name, value)
    as_owner("create schema seeds; create table seeds.colours (colour text)")
    as_owner("grant all on schema seeds to newcomer")
    said = build_on_postgres()
    assert "may not replace the table 'colours'" in said


def test_a_server_leaves_nothing_behind() -> None:
    with PostgresServer() as server:
        folder = server.folder
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(psycopg2.OperationalError):
        server.connect()


def test_spark_from_an_environment_without_it(project: Path) -> None:
    result = CliRunner().invoke(cli.app, ["build", "--target", "spark", "--select", "colours"])
    assert result.exit_code == 1
    assert "needs the adapter dbt-spark, which is not in this environment" in result.stderr
    assert "make build TARGET=spark" in result.stderr


@pytest.fixture
def spark_environment(
    project: Path, environment: Callable[[str], Environment], monkeypatch: pytest.MonkeyPatch
) -> Environment:
    made = environment("spark")
    monkeypatch.setenv("ICEBERG_SPARK_JAR", str(spark.iceberg_jar(made)))
    monkeypatch.setenv("SPARK_WAREHOUSE_DIR", str(project / "warehouse"))
    monkeypatch.setenv("SPARK_METASTORE_DIR", str(project / "metastore"))
    return made


def build_on_spark(environment: Environment, before: str = "pass") -> str:
    """The one sentence on stderr of a build on the target `spark` that fails.

    Args:
        environment: where it runs.
        before: Python that runs first in the same process.
    """
    code = (
        f"from segmentation.engines import spark; {before}; import segmentation.cli as c; c.app()"
    )
    result = subprocess.run(
        [str(environment.python), "-c", code, "build", "--target", "spark", "-s", "colours"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("Error: ")


def test_no_java(spark_environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    said = build_on_spark(spark_environment, "spark.JAVA_PLACES = ()")
    assert "Spark needs Java 17, and there is none: run 'sudo apt-get install openjdk-17-" in said


def test_another_java(
    spark_environment: Environment, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = project / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'openjdk version \"25.0.1\" 2025-10-21' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(project / "jdk"))
    monkeypatch.setenv("PATH", "/nowhere")
    said = build_on_spark(spark_environment, "spark.JAVA_PLACES = ()")
    assert f"Spark needs Java 17, and there is only Java 25 in {project / 'jdk'}" in said


@pytest.mark.parametrize(
    ("variable", "what"),
    [("SPARK_WAREHOUSE_DIR", "warehouse"), ("SPARK_METASTORE_DIR", "metastore")],
)
def test_folder_that_cannot_be_written(
    spark_environment: Environment,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    what: str,
) -> None:
    place = project / "dbt_project.yml" / "inside-a-file"
    monkeypatch.setenv(variable, str(place))
    said = build_on_spark(spark_environment)
    assert f"Spark's {what} can't be written to {place}" in said
    assert f"set {variable} to a folder" in said


def test_no_iceberg(spark_environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ICEBERG_SPARK_JAR", "nowhere.jar")
    assert "set ICEBERG_SPARK_JAR to where it is" in build_on_spark(spark_environment)


def test_no_master(spark_environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_MASTER", "spark://127.0.0.1:1")
    said = build_on_spark(spark_environment)
    assert "No Spark master answers at spark://127.0.0.1:1" in said


def test_metastore_of_another_process(spark_environment: Environment, project: Path) -> None:
    lock = project / "metastore" / "metastore" / "dbex.lck"
    lock.parent.mkdir(parents=True)
    lock.touch()
    # as Derby locks it
    holding = textwrap.dedent(
        f"""
        import fcntl, sys
        lock = open({str(lock)!r}, "r+b")
        fcntl.lockf(lock, fcntl.LOCK_EX)
        print("locked", flush=True)
        sys.stdin.read()
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        said = build_on_spark(spark_environment, "spark.LOCK_SECONDS = 1")
        assert "Another process has Spark's metastore" in said
        holder.communicate()

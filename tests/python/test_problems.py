"""What drivers and engines say, as sentences that say what to do."""

from pathlib import Path
from typing import Any

import pytest
from segmentation import build, problems
from segmentation.dbt_runner import DbtResult, NodeResult, Output
from segmentation.errors import SegmentationError

POSTGRES = {
    "type": "postgres",
    "host": "db",
    "port": "{{ env_var('SOME_PORT', '5433') | as_number }}",
    "user": "ann",
    "password": "secret",
    "dbname": "shop",
    "threads": 4,
}
SPARK = {"type": "spark", "method": "session", "server_side_parameters": {}}
SERVER = 'connection to server at "db", port 5433 failed: '


def output(settings: dict[str, Any]) -> Output:
    return Output(name="mine", settings=settings, root=Path("/project"))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            SERVER + 'FATAL:  password authentication failed for user "ann"',
            "Postgres at db:5433 does not accept user 'ann' with this password",
        ),
        (SERVER + "fe_sendauth: no password supplied", "does not accept user 'ann'"),
        (SERVER + 'FATAL:  database "shop" does not exist', "has no database 'shop': run"),
        (SERVER + 'FATAL:  role "ann" does not exist', "has no user 'ann': set POSTGRES_USER"),
        (
            SERVER + 'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "ann"',
            "lets no connection in from this machine for user 'ann'",
        ),
        (SERVER + 'FATAL:  Peer authentication failed for user "ann"', "lets no connection in"),
        (SERVER + "Connection refused", "No Postgres server answers at db:5433: start it"),
        ('could not translate host name "db" to address', "No Postgres server answers at db:5433"),
        ("server closed the connection unexpectedly", "No Postgres server answers"),
        (
            "Database Error\n  permission denied for database shop",
            'grant create on database "shop" to "ann";',
        ),
        (
            "permission denied for schema marts\n  LINE 1: create table",
            'grant usage, create on schema "marts" to "ann";',
        ),
        ("permission denied for table orders", 'grant select on "orders" to "ann";'),
        ("must be owner of view customers", "may not replace the view 'customers'"),
        (SERVER + "FATAL:  sorry, too many clients already", "lower 'threads' in target 'mine'"),
    ],
)
def test_what_postgres_says(message: str, said: str) -> None:
    explanation = problems.explain(message, output(POSTGRES))
    assert explanation is not None
    assert said in explanation
    assert "secret" not in explanation
    assert "\n" not in explanation


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited before", "it must be Java 17"),
        (
            "MetaException(message:Unable to create database path file:/w/seeds.db, failed to",
            "can't write to its warehouse (file:/w/seeds.db): set SPARK_WAREHOUSE_DIR",
        ),
        (
            "Unable to instantiate org.apache.hadoop.hive.ql.metadata.SessionHiveMetaStoreClient",
            "can't open its metastore: another process holds it",
        ),
        ("ERROR XSDB6: Another instance of Derby may have", "another process holds it"),
        (
            "Cannot find catalog plugin class for catalog 'spark_catalog'",
            "set ICEBERG_SPARK_JAR",
        ),
        ("All masters are unresponsive! Giving up.", "check SPARK_MASTER"),
    ],
)
def test_what_spark_says(message: str, said: str) -> None:
    explanation = problems.explain(message, output(SPARK))
    assert explanation is not None
    assert said in explanation


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        ("relation marts.customers does not exist", POSTGRES),
        ("Connection refused", SPARK),
        ("password authentication failed", {"type": "duckdb"}),
    ],
)
def test_what_is_not_known_is_not_explained(message: str, settings: dict[str, Any]) -> None:
    assert problems.explain(message, output(settings)) is None


@pytest.mark.parametrize(
    ("adapter", "ways"),
    [
        ("spark", ["make build TARGET=mine", 'pip install ".[spark]"']),
        ("snowflake", ["make build TARGET=mine", "pip install dbt-snowflake"]),
        ("oracle", ["pip install dbt-oracle"]),
    ],
)
def test_an_adapter_that_is_not_installed(
    adapter: str, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "_is_installed", lambda name: False)
    with pytest.raises(SegmentationError, match=f"needs the adapter dbt-{adapter}") as caught:
        problems.check_target(output({"type": adapter}))
    assert all(way in str(caught.value) for way in ways)
    assert problems.explain(f"Could not find adapter type {adapter}!", output({"type": adapter}))


def test_adapters_of_the_core_environment_are_there() -> None:
    for adapter in ("duckdb", "postgres"):
        problems.check_target(output({"type": adapter}))


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_OF_MINE", raising=False)
    nested = {"type": "duckdb", "settings": [{"key": "{{ env_var('SECRET_OF_MINE') }}"}]}
    with pytest.raises(SegmentationError, match="environment variable SECRET_OF_MINE"):
        problems.check_target(output(nested))


def failed(message: str) -> DbtResult:
    node = NodeResult("customers", "model", "error", message, 0.1)
    return DbtResult(success=False, nodes=(node,))


def test_a_failed_model_is_named_with_what_its_failure_means() -> None:
    result = failed("permission denied for schema marts")
    explanation = build.explain_failure(result, output(POSTGRES))
    with pytest.raises(SegmentationError) as caught:
        build.raise_on_failure(result, explanation)
    assert "1 of 1 models, seeds and tests failed: customers. User 'ann' may not" in str(
        caught.value
    )


def test_a_failure_nobody_knows_points_to_the_log() -> None:
    result = failed("something new")
    explanation = build.explain_failure(result, output(POSTGRES))
    with pytest.raises(SegmentationError, match=r"above, and in logs/dbt\.log"):
        build.raise_on_failure(result, explanation)


def test_a_run_that_never_started_is_explained() -> None:
    result = DbtResult(success=False, nodes=(), error="Connection refused")
    explanation = build.explain_failure(result, output(POSTGRES))
    with pytest.raises(SegmentationError, match="No Postgres server answers at db:5433"):
        build.raise_on_failure(result, explanation)


@pytest.mark.parametrize(
    ("started_as", "adapter", "made", "handed_over"),
    [
        ("/somewhere/bin/segmentation", "spark", True, True),
        ("/somewhere/bin/segmentation", "spark", False, False),
        ("/somewhere/bin/segmentation", "duckdb", True, False),
        ("/somewhere/bin/pytest", "spark", True, False),
    ],
)
def test_a_command_is_handed_over_to_the_environment_with_the_adapter(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started_as: str,
    adapter: str,
    made: bool,
    handed_over: bool,
) -> None:
    program = tmp_path / ".engines" / "spark" / "bin" / "segmentation"
    if made:
        program.parent.mkdir(parents=True)
        program.touch()
    calls: list[tuple[Path, list[str]]] = []
    monkeypatch.setattr(problems.os, "execv", lambda path, args: calls.append((path, args)))
    monkeypatch.setattr(problems.sys, "argv", [started_as, "summary", "--target", "mine"])
    problems.hand_over(Output(name="mine", settings={"type": adapter}, root=tmp_path))
    expected = [(program, [str(program), "summary", "--target", "mine"])]
    assert calls == (expected if handed_over else [])

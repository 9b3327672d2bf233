"""BigQuery and Snowflake as far as emulators go: the whole sample through the real adapters.

Every seed, model, data test and unit test runs, and every mart has DuckDB's rows. What that leaves
unproven stands in docs/guides/engines.md: both emulators compute on DuckDB, so nothing here says
how the warehouse itself rounds, sorts or reads a time zone.
"""

import socket
import sys
from pathlib import Path

import pytest
from rich.console import Console
from segmentation.engines import compare
from segmentation.engines.compare import Report
from segmentation.engines.emulators import BigQueryEmulator
from segmentation.engines.environments import Environment
from segmentation.errors import SegmentationError

ENGINES = ("bigquery", "snowflake")


@pytest.fixture(scope="module")
def report(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The sample built on both emulators with all tests, and its marts compared."""
    folder = tmp_path_factory.mktemp("emulated")
    return compare.run(Console(width=160), root=project_root, engines=ENGINES, keep=folder)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_sample_builds_with_every_test(report: Report, engine: str) -> None:
    assert report.not_run == {}
    assert report.failed.get(f"sample on {engine}") is None
    [statuses] = [build.result["statuses"] for build in report.builds if build.engine == engine]
    assert set(statuses) <= {"success", "pass", "warn"}, statuses
    [expected] = [build.result["statuses"] for build in report.builds if build.engine == "duckdb"]
    assert statuses == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_no_row_differs_from_duckdb(report: Report, engine: str) -> None:
    lines = [line for line in report.lines if line.engine == engine]
    assert {line.mart: line.difference for line in lines if not line.difference.same} == {}
    assert {"customers", "orders", "segments", "reconciliation"} <= {line.mart for line in lines}
    assert min(line.difference.rows or 0 for line in lines) > 0


def fake_environment(folder: Path, script: str) -> Environment:
    """An environment whose interpreter is a shell script; its fourth argument is the port."""
    environment = Environment("fake", folder)
    environment.bin.mkdir(parents=True)
    environment.python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    environment.python.chmod(0o755)
    return environment


def test_an_emulator_that_does_not_start_says_why(tmp_path: Path) -> None:
    environment = fake_environment(tmp_path, "echo 'No module named bqemulator' >&2; exit 1")
    with pytest.raises(SegmentationError) as raised, BigQueryEmulator(environment):
        pass
    sentence = "The BigQuery emulator did not start: No module named bqemulator"
    assert str(raised.value) == sentence


def test_an_emulator_is_gone_when_the_block_ends(tmp_path: Path) -> None:
    serve = f'exec "{sys.executable}" -m http.server "$4" --bind 127.0.0.1'
    with BigQueryEmulator(fake_environment(tmp_path, serve)) as emulator:
        address = ("127.0.0.1", emulator.port)
        socket.create_connection(address, 1).close()
        assert emulator.profile()["api_endpoint"] == f"http://127.0.0.1:{emulator.port}"
    with pytest.raises(OSError):
        socket.create_connection(address, 1)

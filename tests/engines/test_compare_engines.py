"""The same sample, the same rows: every engine that runs here against DuckDB."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from segmentation.engines import compare
from segmentation.engines.compare import DEFAULT_ENGINES, REFERENCE, Report

# Spark 4 has no Iceberg here: its tables are Parquet.
ENGINES = (*DEFAULT_ENGINES, "spark4")
OTHERS = tuple(engine for engine in ENGINES if engine != REFERENCE)


@pytest.fixture(scope="module")
def report(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The sample built on every engine with all tests, and its marts compared."""
    folder = tmp_path_factory.mktemp("compare")
    return compare.run(Console(width=160), root=project_root, engines=ENGINES, keep=folder)


def test_every_engine_was_run(report: Report) -> None:
    assert report.not_run == {}
    assert {build.engine for build in report.builds} == set(ENGINES)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_sample_builds_with_every_test(report: Report, engine: str) -> None:
    assert report.failed.get(f"sample on {engine}") is None
    [statuses] = [build.result["statuses"] for build in report.builds if build.engine == engine]
    assert set(statuses) <= {"success", "pass", "warn"}, statuses


@pytest.mark.parametrize("engine", OTHERS)
def test_no_row_differs_from_duckdb(report: Report, engine: str) -> None:
    lines = [line for line in report.lines if line.engine == engine]
    assert {line.mart: line.difference for line in lines if not line.difference.same} == {}
    marts = {line.mart: line.difference.rows for line in lines}
    assert marts == {
        line.mart: line.difference.rows for line in report.lines if line.engine == REFERENCE
    }
    assert {"customers", "orders", "segments", "reconciliation"} <= set(marts)
    assert min(rows or 0 for rows in marts.values()) > 0


def test_the_rows_are_matched_by_a_key_in_every_mart(report: Report) -> None:
    """Without one, a changed value would show as two rows that are missing."""
    [manifest] = [build.manifest for build in report.builds if build.engine == REFERENCE]
    marts = compare.read_marts(json.loads(manifest.read_text(encoding="utf-8")))
    assert [mart.name for mart in marts if not mart.key] == []

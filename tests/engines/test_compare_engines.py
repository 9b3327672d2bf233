"""The same sample, the same rows: every engine that runs here against DuckDB."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from segmentation.engines import compare
from segmentation.engines.compare import DEFAULT_ENGINES, REFERENCE, Report

# Spark 4 has no Iceberg here: its tables are Parquet. What the tests ask, Spark 3.5 has answered.
ROWS_ONLY = "spark4"
ENGINES = (*DEFAULT_ENGINES, ROWS_ONLY)
OTHERS = tuple(engine for engine in ENGINES if engine != REFERENCE)
Reports = dict[str, Report]


@pytest.fixture(scope="module")
def reports(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """The sample built on every engine and its marts compared, with all tests but on one."""
    console, folder = Console(width=160), tmp_path_factory.mktemp("compare")
    tested = compare.run(
        console, root=project_root, engines=DEFAULT_ENGINES, keep=folder / "tested"
    )
    untested = compare.run(
        console, root=project_root, engines=[ROWS_ONLY], tests=False, keep=folder / ROWS_ONLY
    )
    return {engine: untested if engine == ROWS_ONLY else tested for engine in ENGINES}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_sample_builds_with_every_test(reports: Reports, engine: str) -> None:
    report = reports[engine]
    assert report.not_run == {}
    assert report.failed.get(f"sample on {engine}") is None
    [statuses] = [build.result["statuses"] for build in report.builds if build.engine == engine]
    wanted = {"success"} if engine == ROWS_ONLY else {"success", "pass", "warn"}
    assert set(statuses) <= wanted, statuses
    assert engine == ROWS_ONLY or statuses["pass"] > 0


@pytest.mark.parametrize("engine", OTHERS)
def test_no_row_differs_from_duckdb(reports: Reports, engine: str) -> None:
    report = reports[engine]
    lines = [line for line in report.lines if line.engine == engine]
    assert {line.mart: line.difference for line in lines if not line.difference.same} == {}
    marts = {line.mart: line.difference.rows for line in lines}
    assert marts == {
        line.mart: line.difference.rows for line in report.lines if line.engine == REFERENCE
    }
    assert {"customers", "orders", "segments", "reconciliation"} <= set(marts)
    assert min(rows or 0 for rows in marts.values()) > 0


def test_the_rows_are_matched_by_a_key_in_every_mart(reports: Reports) -> None:
    """Without one, a changed value would show as two rows that are missing."""
    report = reports[REFERENCE]
    [manifest] = [build.manifest for build in report.builds if build.engine == REFERENCE]
    marts = compare.read_marts(json.loads(manifest.read_text(encoding="utf-8")))
    assert [mart.name for mart in marts if not mart.key] == []

"""`segmentation bench-engines`: what it measures, and what it says when it can't."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from segmentation.engines import scale
from segmentation.errors import SegmentationError


def test_growth_is_the_exponent_since_the_size_before() -> None:
    runs = [
        {"engine": "duckdb", "orders": 1_000, "seconds": 2.0},
        {"engine": "spark", "orders": 1_000, "seconds": 60.0},
        {"engine": "duckdb", "orders": 4_000, "seconds": 8.0},
        {"engine": "spark", "orders": 4_000, "seconds": 60.0},
        {"engine": "duckdb", "orders": 8_000, "seconds": 32.0},
    ]
    scale._add_growth(runs)
    assert [one["growth"] for one in runs] == [None, None, 1.0, 0.0, 2.0]
    assert [one["orders_per_second"] for one in runs] == [500, 17, 500, 67, 250]


def test_an_engine_that_reads_no_files_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(SegmentationError, match="'postgres' reads no files"):
        scale.run(Console(), engines=["postgres"], sizes=[1000], keep=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_two_sizes_on_duckdb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = scale.run(
        Console(width=120),
        engines=["duckdb"],
        sizes=[4_000, 2_000],
        json_path=tmp_path / "figures.json",
    )
    assert [one["orders"] for one in result["runs"]] == [2_000, 4_000]
    for one in result["runs"]:
        assert one["seconds"] > 0
        assert one["peak_gb"] > 0.05
    assert result["runs"][0]["growth"] is None
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8")) == result
    printed = capsys.readouterr().out
    assert "4,000" in printed
    assert "Growth is the exponent" in printed

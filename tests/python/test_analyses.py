"""Every worked question begins with its question, runs on the marts, and has an answer."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import PROJECT_ROOT, run_dbt

QUESTIONS = sorted((PROJECT_ROOT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The sample's database, and the plain SQL of each analysis."""
    folder = tmp_path_factory.mktemp("analyses")
    database, target = folder / "sample.duckdb", folder / "target"
    built = run_dbt(
        ["build", "--exclude-resource-type", "test", "unit_test"],
        db_path=database,
        target_path=target,
    )
    assert built.success, (built.error, built.failed)
    listed = run_dbt(
        ["compile", "--select", "resource_type:analysis"], db_path=database, target_path=target
    )
    assert listed.success, listed.error
    results: Any = listed.raw
    return database, {result.node.name: result.node.compiled_code for result in results.results}


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_an_answer(compiled: tuple[Path, dict[str, str]], path: Path) -> None:
    database, sql = compiled
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    assert first_line.startswith("-- ")
    assert "?" in path.read_text(encoding="utf-8").split("\nwith ")[0]

    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(sql[path.stem]).fetchall()

    assert rows


def test_there_are_at_least_six() -> None:
    assert len(QUESTIONS) >= 6


def test_shares_of_revenue_end_at_all_of_it(compiled: tuple[Path, dict[str, str]]) -> None:
    database, sql = compiled
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(sql["how_concentrated_is_revenue"]).fetchall()
        total = connection.execute("select sum(net_revenue) from marts.customers").fetchone()
    shares = [float(row[3]) for row in rows]
    assert shares == sorted(shares)
    assert total is not None
    assert (rows[-1][2], shares[-1]) == (total[0], 1.0)


def test_other_words_lose_no_customer(compiled: tuple[Path, dict[str, str]]) -> None:
    database, sql = compiled
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(sql["how_many_are_growing_or_declining"]).fetchall()
        total = connection.execute(
            "select count(*), sum(net_revenue) from marts.customers"
        ).fetchone()
    assert [row[2] for row in rows] == ["潜在期", "成长期", "成熟期", "衰退期"]
    assert (sum(row[3] for row in rows), sum(row[4] for row in rows)) == total

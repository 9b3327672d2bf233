"""Warehouses that no machine of CI has: every model compiled, and judged by the vendor's rules.

Nothing runs here. It shows that dbt and the adapter accept the project without a deprecation, and
that the SQL holds nothing that the vendor's documentation rules out and this project once wrote.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from project_copy import copy_project
from segmentation.engines.environments import Environment

ADAPTERS = ("snowflake", "bigquery", "redshift", "trino", "databricks")
HELPER = Path(__file__).with_name("warehouse_sql.py")

# What docs/guides/engines.md names as a limit: three medians with orders of their own in one query.
KNOWN = {"redshift": ("segment_summary",)}

# What the gate must refuse, each with a word of the reason it gives.
PLANTED = {
    "snowflake": [
        ('select "a" from t', "lower case"),
        ("select regexp_like(a, 'b') from t", "whole texts"),
        ("select a as sample from t", "reserved"),
        ("select quantile_cont(a, 0.5) from t", "calls quantile_cont"),
    ],
    "bigquery": [
        ("select cast(1 as numeric(18, 4))", "precision"),
        ("select 'c''est'", "is no bigquery SQL"),
        ("select 'c' 'est'", "right behind"),
        ("select 1 where false", "where without a from"),
        ("select 1 union select 2", "is no bigquery SQL"),
        ("select a.b from a left join c on a.b > c.b", "without an equality"),
        ("select a as hash from t", "reserved"),
    ],
    "redshift": [
        ("select cast(a as text) from t", "256 characters"),
        ("select chr(160)", "no character"),
        (
            "select percentile_cont(0.5) within group (order by a),"
            " percentile_cont(0.5) within group (order by b) from t",
            "sorts aggregates",
        ),
        ("select regexp_like(a, 'b') from t", "calls regexp_like"),
        ("select a as tag from t", "reserved"),
    ],
    "trino": [
        ("select cast(1 as numeric(18, 4))", "called decimal"),
        ("select percentile_disc(0.5) within group (order by a) from t", "calls percentile_disc"),
        ("select a as skip from t", "reserved"),
    ],
    "databricks": [
        ("select chr(12288)", "no character"),
        ("select 'c''est'", "right behind"),
        ("select 1 as anti", "reserved"),
    ],
}


def compile_project(
    environment: Environment, project: Path, folder: Path, adapters: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """What `warehouse_sql` found, per adapter."""
    job = {
        "project_dir": str(project),
        "profiles_dir": str(folder / "profiles"),
        "folder": str(folder),
        "adapters": adapters,
        "planted": {adapter: [sql for sql, _ in PLANTED[adapter]] for adapter in adapters},
        "result_path": str(folder / "result.json"),
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    command = [str(environment.python), str(HELPER), str(folder / "job.json")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(
        (folder / "result.json").read_text(encoding="utf-8")
    )
    return found


@pytest.fixture(scope="module")
def found(
    environment: Callable[[str], Environment],
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("warehouses")
    return compile_project(environment("warehouses"), project_root, folder, ADAPTERS)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_model_compiles_without_a_deprecation(
    found: dict[str, dict[str, Any]], project_root: Path, adapter: str
) -> None:
    assert found[adapter]["error"] is None
    models = {path.name for path in (project_root / "models").rglob("*.sql")}
    analyses = {path.name for path in (project_root / "analyses").rglob("*.sql")}
    assert models | analyses <= set(found[adapter]["compiled"])


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_the_sql_keeps_to_the_vendors_rules(found: dict[str, dict[str, Any]], adapter: str) -> None:
    problems = found[adapter]["problems"]
    known = KNOWN.get(adapter, ())
    assert [one for one in problems if not any(model in one for model in known)] == []
    for model in known:
        assert any(model in one for one in problems), f"{model} is mended: take it off the list"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_foreign_sql_is_refused(found: dict[str, dict[str, Any]], adapter: str) -> None:
    for (sql, reason), problems in zip(PLANTED[adapter], found[adapter]["planted"], strict=True):
        assert any(reason in problem for problem in problems), (sql, problems)


def test_a_deprecated_key_stops_the_compilation(
    environment: Callable[[str], Environment], tmp_path: Path
) -> None:
    """On these adapters dbt holds a project against its published schema, on DuckDB not."""
    project = copy_project(tmp_path / "project")
    model = project / "models" / "staging" / "crm" / "stg_crm__contacts.yml"
    text = model.read_text(encoding="utf-8")
    assert "    config:\n" in text
    model.write_text(text.replace("    config:\n", "    config:\n      colour: red\n", 1))
    found = compile_project(environment("warehouses"), project, tmp_path, ("snowflake",))
    assert "colour" in found["snowflake"]["error"]

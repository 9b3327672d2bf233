"""Call macros with literals and read what comes back, many in one run of dbt."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conftest import RunDbt


def sql_values(
    run_dbt: RunDbt,
    expressions: Sequence[str],
    *,
    folder: Path,
    vars: Mapping[str, Any] | None = None,
) -> list[str | None]:
    r"""What each SQL expression, with macros in it, gives: as text, NULL as None.

    Args:
        run_dbt: the fixture.
        expressions: SQL with Jinja, such as "{{ segmentation.safe_date(\"'2026-02-30'\") }}".
        folder: a folder of the caller's, for the database and dbt's artifacts.
        vars: what `--vars` would hold.
    """
    columns = ",\n".join(
        f"cast({expression} as varchar) as value_{number}"
        for number, expression in enumerate(expressions)
    )
    result = run_dbt(
        ["--quiet", "show", "--output", "json", "--inline", f"select\n{columns}"],
        vars=vars,
        db_path=folder / "macros.duckdb",
        target_path=folder / "target",
    )
    assert result.success, result.error or [node.message for node in result.failed]
    (row,) = result.raw.results[0].agate_table.rows
    return list(row.values())


def returned_texts(
    run_dbt: RunDbt,
    calls: Sequence[str],
    *,
    folder: Path,
    vars: Mapping[str, Any] | None = None,
) -> list[str | None]:
    """What each macro call returns to Jinja, as text: "None" for none.

    Arguments as sql_values; calls without braces, such as "segmentation.closest('a', ['b'])".
    """
    expressions = ["'{{ (" + call + ") | string | replace(\"'\", \"''\") }}'" for call in calls]
    return sql_values(run_dbt, expressions, folder=folder, vars=vars)

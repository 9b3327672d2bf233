"""dbt in the process of the tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from segmentation import dbt_runner

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class RunDbt(Protocol):
    """The call that the fixture `run_dbt` gives."""

    def __call__(
        self,
        args: Sequence[str],
        *,
        vars: Mapping[str, Any] | None = None,
        db_path: Path,
        target_path: Path,
        project_dir: Path = PROJECT_ROOT,
    ) -> dbt_runner.DbtResult: ...


def run_dbt(
    args: Sequence[str],
    *,
    vars: Mapping[str, Any] | None = None,
    db_path: Path,
    target_path: Path,
    project_dir: Path = PROJECT_ROOT,
) -> dbt_runner.DbtResult:
    """Run dbt in the pytest process, on a DuckDB file and a target folder of the test's own.

    Args:
        args: as on the command line, e.g. ["build", "--select", "+customers"].
        vars: what `--vars` would hold.
        db_path: the DuckDB file; closed again on return, so the test may open it.
        target_path: where dbt writes its artifacts, its log and the profile used. Runs with the
            same vars start faster when they share it.
        project_dir: another project than this one.

    Returns:
        `.success`, `.nodes` and `.failed` (name, status, message, seconds), `.error`, `.raw`.
    """
    target_path.mkdir(parents=True, exist_ok=True)
    example = yaml.safe_load((PROJECT_ROOT / "profiles.example.yml").read_text(encoding="utf-8"))
    output = example["segmentation"]["outputs"]["dev"] | {"path": str(db_path)}
    profile = {"segmentation": {"target": "dev", "outputs": {"dev": output}}}
    (target_path / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return dbt_runner.invoke(
        args,
        project_dir=project_dir,
        profiles_dir=target_path,
        vars=vars,
        target="dev",
        target_path=target_path,
        log_path=target_path / "logs",
    )


@pytest.fixture(scope="session", name="run_dbt")
def run_dbt_fixture() -> RunDbt:
    """`run_dbt(args, vars=..., db_path=..., target_path=...)`, as documented above."""
    return run_dbt

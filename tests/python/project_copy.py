"""A copy of the project that a test may spoil."""

import shutil
from pathlib import Path

from conftest import PROJECT_ROOT

PARTS = ("analyses", "macros", "models", "seeds", "tests/dbt", "tests/generic")


def copy_project(folder: Path) -> Path:
    """Copy what dbt reads of the project into `folder` and return it."""
    for part in PARTS:
        shutil.copytree(PROJECT_ROOT / part, folder / part)
    shutil.copy(PROJECT_ROOT / "dbt_project.yml", folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Replace the first `old` in a file, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} doesn't hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

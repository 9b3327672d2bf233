"""Fixtures that every test shares: the project and the real data."""

import atexit
import os
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DATA_VARIABLE = "SEGMENTATION_DATA_DIR"


@atexit.register
def _end_quietly() -> None:
    """Close stderr last of all: DuckDB 2.0 reports on its own bindings there, after the verdict."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of dbt_project.yml."""
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the real data sets, named by SEGMENTATION_DATA_DIR.

    Skips only where nobody asked for them: the variable is unset and this isn't CI.
    """
    configured = os.environ.get(DATA_VARIABLE)
    if not configured:
        reason = f"{DATA_VARIABLE} is not set: it names the folder of the real data sets"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(configured)
    if not folder.is_dir():
        pytest.fail(f"{DATA_VARIABLE} names {folder}, which is not a folder")
    return folder.resolve()

"""The Makefile: what it lists, what it says when something is missing, when it installs.

The environment is made by an interpreter that only writes down what it was asked, in a folder that
holds nothing but the files `make` reads.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

READ_BY_MAKE = ("Makefile", "requirements.txt", "pyproject.toml", "profiles.example.yml")

# Answers like Python, "makes" an environment with itself in it, and logs each pip call.
RECORDING_PYTHON = """#!/bin/sh
case "$*" in
    "-m venv --clear .venv")
        rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"pip install"*) echo "$*" >> pip.log ;;
    *) exit 0 ;;
esac
"""
OLD_PYTHON = "#!/bin/sh\nexit 1\n"
PYTHON_WITHOUT_VENV = """#!/bin/sh
case "$*" in
    *ensurepip*) exit 1 ;;
    *print*) echo 3.12 ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path, project_root: Path) -> Path:
    """A folder with the files that make reads, and no environment."""
    for name in READ_BY_MAKE:
        shutil.copy(project_root / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    # without what an outer make hands down, such as its flags and its PYTHON
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PYTHON", "DATA"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", "--no-print-directory", *args],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def interpreter(folder: Path, script: str) -> str:
    path = folder / "python-of-the-test"
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return f"PYTHON={path}"


def pip_calls(folder: Path) -> list[str]:
    log = folder / "pip.log"
    calls = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return calls


def sentences(result: subprocess.CompletedProcess[str]) -> list[str]:
    """What it said on stderr, without the line that make itself adds."""
    assert result.returncode != 0
    return [line for line in result.stderr.splitlines() if not re.match(r"make(\[\d+\])?:", line)]


def test_help_is_the_default_and_lists_every_documented_target(folder: Path) -> None:
    text = (folder / "Makefile").read_text(encoding="utf-8")
    documented = re.findall(r"^([a-z-]+):.*##", text, flags=re.MULTILINE)
    listed = re.findall(r"^  ([a-z-]+)  ", make(folder).stdout, flags=re.MULTILINE)
    assert listed == documented
    assert {"build", "test", "lint", "format", "online-retail", "sample", "bench"} <= set(listed)
    assert {"docs", "clean", "lock", "help"} <= set(listed)


@pytest.mark.parametrize("script", [None, OLD_PYTHON], ids=["missing", "too old"])
def test_an_unusable_python_is_one_sentence(folder: Path, script: str | None) -> None:
    python = interpreter(folder, script) if script else "PYTHON=no-such-python"
    (said,) = sentences(make(folder, "build", python))
    assert "no working Python 3.11 or later" in said
    assert python.removeprefix("PYTHON=") in said
    assert not (folder / ".venv").exists()


def test_a_missing_venv_module_is_one_sentence_with_the_package(folder: Path) -> None:
    (said,) = sentences(make(folder, "build", interpreter(folder, PYTHON_WITHOUT_VENV)))
    assert "python3.12-venv" in said


def test_online_retail_without_data_is_one_sentence(folder: Path) -> None:
    (said,) = sentences(make(folder, "online-retail"))
    assert "DATA=path/to/online_retail_II.xlsx" in said


def test_online_retail_with_a_wrong_path_is_one_sentence(folder: Path) -> None:
    (said,) = sentences(make(folder, "online-retail", "DATA=no such; file.xlsx"))
    assert "There is nothing at no such; file.xlsx" in said


def test_a_failed_install_is_not_taken_for_an_environment(folder: Path) -> None:
    failing = RECORDING_PYTHON.replace('echo "$*" >> pip.log', "exit 1")
    (said,) = sentences(make(folder, "env", interpreter(folder, failing)))
    assert "could not install the locked requirements" in said
    python = interpreter(folder, RECORDING_PYTHON)
    assert make(folder, "env", python).returncode == 0
    assert len(pip_calls(folder)) == 2


def test_the_environment_is_made_once_and_anew_when_the_lock_changes(folder: Path) -> None:
    python = interpreter(folder, RECORDING_PYTHON)
    assert make(folder, "env", python).returncode == 0
    locked, project = pip_calls(folder)
    assert "--require-hashes --requirement requirements.txt" in locked
    assert "--no-deps --no-build-isolation --editable ." in project

    os.utime(folder / "requirements.txt")
    assert make(folder, "env", python).returncode == 0
    assert pip_calls(folder) == []

    pyproject = folder / "pyproject.toml"
    pyproject.write_text(pyproject.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert make(folder, "env", python).returncode == 0
    assert pip_calls(folder) == [project]

    lock = folder / "requirements.txt"
    lock.write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert make(folder, "env", python).returncode == 0
    assert pip_calls(folder) == [locked, project]


def test_a_profile_that_exists_is_kept(folder: Path) -> None:
    assert make(folder, "profiles.yml").returncode == 0
    example = (folder / "profiles.example.yml").read_text(encoding="utf-8")
    assert (folder / "profiles.yml").read_text(encoding="utf-8") == example
    (folder / "profiles.yml").write_text("mine: true\n", encoding="utf-8")
    (folder / "profiles.example.yml").touch()
    assert make(folder, "profiles.yml").returncode == 0
    assert (folder / "profiles.yml").read_text(encoding="utf-8") == "mine: true\n"

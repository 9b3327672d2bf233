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
LOCKS = ("build", "dbt112", "duckdb15", "spark", "spark4", "warehouses")

# Answers like Python, "makes" an environment with itself in it, and logs each pip call. The engine
# of any target is in `elsewhere`.
RECORDING_PYTHON = """#!/bin/sh
case "$*" in
    "-m segmentation.engines.environments --target nowhere") echo "no such target" >&2; exit 1 ;;
    "-m segmentation.engines.environments --target"*) echo elsewhere ;;
    "-m segmentation.engines.environments"*) echo "made $*" ;;
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


def make(folder: Path, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # without what an outer make hands down, such as its flags and its PYTHON
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PYTHON", "DATA", "TARGET"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment |= variables
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
    assert {"docs", "clean", "lock", "help", "test-engines", "engines"} <= set(listed)


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


def program(path: Path) -> None:
    """A program that says where it is and what it was given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\necho "$0 $*"\n', encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def made(folder: Path) -> Path:
    """The folder with an environment of recording programs."""
    assert make(folder, "env", interpreter(folder, RECORDING_PYTHON)).returncode == 0
    for name in ("segmentation", "pytest"):
        program(folder / ".venv" / "bin" / name)
    program(folder / "elsewhere" / "segmentation")
    return folder


def test_build_is_on_the_default_target(made: Path) -> None:
    assert make(made, "build").stdout.splitlines()[-1] == ".venv/bin/segmentation build"


def test_build_on_an_engine_runs_where_its_adapter_is(made: Path) -> None:
    said = make(made, "build", "TARGET=spark").stdout.splitlines()
    assert said[-1] == "elsewhere/segmentation build --target spark"


def test_build_on_an_unknown_target_stops(made: Path) -> None:
    result = make(made, "build", "TARGET=nowhere")
    assert sentences(result) == ["no such target"]
    assert "segmentation build" not in result.stdout


def test_the_engines_have_tests_and_environments_of_their_own(made: Path) -> None:
    assert make(made, "test-engines").stdout.splitlines()[-1] == ".venv/bin/pytest tests/engines"
    said = make(made, "engines", "ENGINES=spark").stdout
    assert said == "made -m segmentation.engines.environments spark\n"


def test_lock_compiles_every_lock(folder: Path, project_root: Path) -> None:
    shutil.copytree(project_root / "requirements", folder / "requirements")
    program(folder / "tools" / "uv")
    path = f"{folder / 'tools'}{os.pathsep}{os.environ['PATH']}"
    calls = make(folder, "lock", PATH=path).stdout.splitlines()[:-1]
    written = [re.search(r"--output-file (\S+)", call) for call in calls]
    assert sorted(found[1] for found in written if found) == sorted(
        ["requirements.txt", *(f"requirements/{name}.txt" for name in LOCKS)]
    )
    assert all("--generate-hashes" in call and "--no-emit-index-url" in call for call in calls)
    overridden = [call for call in calls if "--overrides" in call]
    assert len(overridden) == 1
    assert (
        "--overrides requirements/dbt112.overrides --output-file requirements/dbt112.txt"
        in (overridden[0])
    )


def test_lock_without_uv_is_one_sentence(folder: Path) -> None:
    tools = folder / "tools"
    tools.mkdir()
    for name in ("sh", "make", "cat", "cksum", "tr"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    (said,) = sentences(make(folder, "lock", PATH=str(tools)))
    assert "run 'pip install uv' first" in said

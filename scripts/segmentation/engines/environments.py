"""Virtual environments of the engines, made once from hash-locked requirements.

Adapters don't all install beside each other (two versions of DuckDB, of PySpark, of dbt), so each
group has a lock `requirements/NAME.txt` and an environment `.engines/NAME`. The environment that
runs this, made by `make`, is called `core`.
"""

import argparse
import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from segmentation.dbt_runner import find_profiles_dir, find_project_root, read_output
from segmentation.errors import SegmentationError

CORE = "core"
FOLDER = ".engines"
LOCKS = "requirements"
# What builds packages from their sources: installed first, from a lock of its own.
BUILD_LOCK = "build"
STAMP = ".made-from"
# Which of them take longer than the usual minute.
TAKES = {"spark": "about two minutes", "spark4": "about two minutes"}

# Where the Iceberg runtime is, whatever the version of Python: profiles.example.yml names it.
ICEBERG_JAR = "iceberg.jar"
_ICEBERG_JARS = "snowpark_connect_deps_iceberg/jars/iceberg-spark-runtime-3.5_2.12-*.jar"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Environment:
    """A Python environment with dbt, an adapter and this package."""

    name: str
    folder: Path

    @property
    def bin(self) -> Path:
        """The folder of its programs."""
        return self.folder / "bin"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.bin / "python"

    @property
    def dbt(self) -> Path:
        """Its dbt."""
        return self.bin / "dbt"

    @property
    def site_packages(self) -> Path:
        """The folder of its packages."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "lib" / version / "site-packages"


def names(root: Path) -> list[str]:
    """The environments that have a lock, and `core`."""
    locks = (path.stem for path in (root / LOCKS).glob("*.txt"))
    return [CORE, *sorted(name for name in locks if name != BUILD_LOCK)]


def ensure(name: str, say: Say, *, root: Path | None = None) -> Environment:
    """The environment `name`; makes it, or makes it anew when its lock has changed.

    Args:
        name: one of `names`.
        say: told one sentence before something is installed, nothing otherwise.
        root: the folder of dbt_project.yml; found from the working folder if None.

    Raises:
        SegmentationError: there is no such lock, or pip could not install it.
    """
    if name == CORE:
        return Environment(CORE, Path(sys.prefix))
    root = root or find_project_root()
    if name not in names(root):
        raise SegmentationError(
            f"There is no environment '{name}'. There are: {', '.join(names(root))}."
        )
    environment = Environment(name, root / FOLDER / name)
    with _alone(environment.folder):
        _ensure_installed(environment, say, root)
    return environment


def _ensure_installed(environment: Environment, say: Say, root: Path) -> None:
    build_lock = root / LOCKS / f"{BUILD_LOCK}.txt"
    lock = root / LOCKS / f"{environment.name}.txt"
    # An environment knows its own absolute path, so a project that was moved needs another one.
    place = f"{environment.folder} {sys.version}"
    requirements = _digest(place.encode(), build_lock.read_bytes(), lock.read_bytes())
    project = _digest((root / "pyproject.toml").read_bytes())
    stamp = environment.folder / STAMP
    made_from = stamp.read_text(encoding="utf-8").split() if stamp.is_file() else []
    if made_from == [requirements, project]:
        return
    if made_from[:1] != [requirements]:
        shown = f"{FOLDER}/{environment.name}"
        say(
            f"Making {shown} from {LOCKS}/{lock.name} "
            f"(once, {TAKES.get(environment.name, 'about a minute')})"
        )
        stamp.unlink(missing_ok=True)
        _run([sys.executable, "-m", "venv", "--clear", str(environment.folder)], root, shown)
        # The locks are complete, so pip need not resolve; a lock may leave a dependency out.
        locked = ["--no-deps", "--require-hashes", "--requirement"]
        _pip(environment, [*locked, str(build_lock)], root)
        _pip(environment, ["--no-build-isolation", *locked, str(lock)], root)
        for jar in environment.site_packages.glob(_ICEBERG_JARS):
            (environment.folder / ICEBERG_JAR).symlink_to(jar)
    stamp.unlink(missing_ok=True)
    _pip(environment, ["--no-deps", "--no-build-isolation", "--editable", "."], root)
    stamp.write_text(f"{requirements} {project}\n", encoding="utf-8")


def _pip(environment: Environment, args: list[str], root: Path) -> None:
    pip = [str(environment.python), "-m", "pip", "install", "--quiet"]
    _run([*pip, "--disable-pip-version-check", *args], root, f"{FOLDER}/{environment.name}")


def _run(command: list[str], root: Path, shown: str) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no reason given"]
        errors = [line for line in lines if line.lower().startswith("error")]
        raise SegmentationError(
            f"{shown} could not be made: {(errors or lines)[-1].strip()} "
            "(Check the network or the package index, then run it again.)"
        )


def _digest(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no second process make the same environment meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Make environments, and print where their programs are, for the Makefile."""
    from segmentation.engines import catalog

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="environments; all of them if none is named")
    parser.add_argument("--target", help="a target of profiles.yml, whose adapter it must hold")
    args = parser.parse_args()
    try:
        root = find_project_root()
        wanted = args.names or names(root)
        if args.target:
            output = read_output(root, find_profiles_dir(root), args.target)
            wanted = [catalog.environment_of(output.adapter)]
        for name in wanted:
            print(ensure(name, lambda said: print(said, file=sys.stderr), root=root).bin)
    except SegmentationError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

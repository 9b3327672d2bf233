"""One build in an engine's own environment: what its worker is told, and what it said."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from segmentation.build import build_vars
from segmentation.engines.catalog import Ready
from segmentation.engines.worker import LOG

PACKAGES = Path(__file__).resolve().parents[2]
# Settings of whoever runs this, which would reach into the worker's dbt.
NOT_INHERITED = ("DBT_PROFILES_DIR", "DBT_PROFILE", "DBT_TARGET", "DBT_TARGET_PATH", "DBT_LOG_PATH")
NO_TESTS = ("--exclude-resource-types", "test", "unit_test")


class Job:
    """A build of one data set on one engine, in a folder of its own.

    Attributes:
        folder: keeps the profile, dbt's artifacts and log, the exported marts and the result.
    """

    def __init__(
        self,
        ready: Ready,
        folder: Path,
        *,
        root: Path,
        settings: Mapping[str, Any],
        data: str,
        variables: Mapping[str, Any] | None = None,
        as_of: Any = None,
        marts: Sequence[str] | None = None,
        tests: bool = True,
        environ: Mapping[str, str],
        raw: str | None = None,
    ) -> None:
        """Write what the worker is told; nothing runs before `started`.

        Args:
            ready: the engine, up.
            folder: made if it isn't there.
            root: the folder of dbt_project.yml.
            settings: of the target, in place of the engine's own.
            data: the preset that is built.
            variables: vars of dbt beside the preset's.
            as_of: the day of the result; the preset's own if None.
            marts: those to export; all if None.
            tests: whether data and unit tests run.
            environ: environment variables beside the engine's.
            raw: a file that is loaded into the engine first.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.exports = folder / "export"
        self.manifest = folder / "target" / "manifest.json"
        self._python = ready.environment.python
        inherited = {key: text for key, text in ready.environ.items() if key not in NOT_INHERITED}
        paths = [str(PACKAGES), *filter(None, [inherited.get("PYTHONPATH")])]
        self._environ = {**inherited, "PYTHONPATH": os.pathsep.join(paths), **environ}
        told = {
            "project_dir": str(root),
            "profiles_dir": str(ready.write_profiles(folder, **settings)),
            "target": ready.target,
            "target_path": str(folder / "target"),
            "log_path": str(folder / "logs"),
            "vars": build_vars(data, as_of, {**ready.engine.vars, **(variables or {})}),
            "build_args": [] if tests else list(NO_TESTS),
            "marts": marts,
            "export_dir": str(self.exports),
            "result_path": str(self._result),
            "online_retail": raw,
        }
        self._result.unlink(missing_ok=True)
        self._told.write_text(json.dumps(told, indent=2), encoding="utf-8")

    @contextlib.contextmanager
    def started(self, stdout: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:
        """The worker, waited for when the block ends; `stdout` is for its lines of progress."""
        with (
            self._errors.open("w", encoding="utf-8") as errors,
            subprocess.Popen(
                [str(self._python), "-m", "segmentation.engines.worker", str(self._told)],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=errors,
                encoding="utf-8",
            ) as process,
        ):
            yield process

    def result(self, process: subprocess.Popen[str]) -> Mapping[str, Any]:
        """What the worker wrote at its end, or why it could not."""
        if self._result.is_file():
            read: dict[str, Any] = json.loads(self._result.read_text(encoding="utf-8"))
            return read
        # It ended before it could say why: the interpreter, or whatever killed it.
        last = [
            line
            for file in (self._errors, self.log)
            if file.is_file()
            for line in file.open(encoding="utf-8")
        ]
        reason = last[-1].strip() if last else "it left no message"
        return {"ok": False, "error": f"the worker ended with code {process.returncode}: {reason}"}

    @property
    def log(self) -> Path:
        """What dbt said."""
        return self.folder / "logs" / LOG

    @property
    def _told(self) -> Path:
        return self.folder / "job.json"

    @property
    def _result(self) -> Path:
        return self.folder / "result.json"

    @property
    def _errors(self) -> Path:
        return self.folder / "worker.err"

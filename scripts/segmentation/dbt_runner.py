"""Run dbt in this process: find the project and its profile, invoke, let go of the database.

Importing dbt costs about five seconds, so it is imported where it is first needed and several
invocations in one process pay for it once.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from segmentation.errors import SegmentationError

PROJECT_FILE = "dbt_project.yml"
PROFILES_FILE = "profiles.yml"


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test ended."""

    name: str
    resource_type: str
    status: str
    message: str
    seconds: float


@dataclass(frozen=True)
class DbtResult:
    """What one invocation did: nodes in the order in which they ended."""

    success: bool
    nodes: tuple[NodeResult, ...]
    error: str | None = None
    raw: Any = field(default=None, repr=False)

    @property
    def failed(self) -> tuple[NodeResult, ...]:
        """Nodes that ended in an error or a failed test; skipped ones are a consequence."""
        return tuple(node for node in self.nodes if node.status in {"error", "fail"})

    @property
    def warned(self) -> tuple[NodeResult, ...]:
        """Tests that found rows but are only set to warn."""
        return tuple(node for node in self.nodes if node.status == "warn")


@dataclass(frozen=True)
class Output:
    """One target of profiles.yml: its name and its settings, env_var() not yet resolved."""

    name: str
    settings: Mapping[str, Any]
    root: Path
    is_default: bool = True

    @property
    def adapter(self) -> str:
        """The adapter's name: duckdb, postgres, spark ..."""
        return str(self.settings.get("type", ""))

    @property
    def database_path(self) -> Path:
        """The DuckDB file, absolute. dbt reads a relative path from the folder it runs in."""
        return self.root / render_env_vars(str(self.settings.get("path", "")))

    def rendered(self) -> dict[str, Any]:
        """The settings with every env_var() resolved, as dbt would hand them to the adapter.

        Raises:
            SegmentationError: a variable without a default isn't set.
        """
        rendered: dict[str, Any] = _render_all(self.settings)
        return rendered

    def schema(self, layer: str) -> str:
        """The schema of a layer, named as the macro generate_schema_name names it."""
        # BigQuery calls it a dataset
        named = self.settings.get("schema") or self.settings.get("dataset") or "main"
        schema = render_env_vars(str(named))
        return layer if schema in {"main", "public", "default"} else f"{schema}_{layer}"


def find_project_root(start: Path | None = None) -> Path:
    """The nearest folder upwards from `start` (the working folder) that holds a dbt project.

    Falls back to the repository that this package was installed from.

    Raises:
        SegmentationError: neither holds a dbt_project.yml.
    """
    start = (start or Path.cwd()).resolve()
    repository = Path(__file__).resolve().parents[2]
    for folder in (start, *start.parents, repository):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise SegmentationError(
        f"There is no {PROJECT_FILE} in {start} or above it: go to the project's folder first."
    )


def find_profiles_dir(root: Path) -> Path:
    """The folder of profiles.yml, by dbt's own order: DBT_PROFILES_DIR, the project, ~/.dbt.

    Raises:
        SegmentationError: none of them holds a profiles.yml.
    """
    configured = os.environ.get("DBT_PROFILES_DIR")
    folders = [Path(configured)] if configured else [root, Path.home() / ".dbt"]
    for folder in folders:
        if (folder / PROFILES_FILE).is_file():
            return folder.resolve()
    looked_in = " or ".join(str(folder) for folder in folders)
    raise SegmentationError(
        f"There is no {PROFILES_FILE} in {looked_in}: "
        f"copy profiles.example.yml to {PROFILES_FILE} in the project's folder."
    )


def read_yaml_mapping(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        SegmentationError: the file isn't YAML, or holds something else than a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise SegmentationError(f"{path} can't be read as YAML: {where}") from error
    if not isinstance(content, dict):
        raise SegmentationError(f"{path} must be a YAML mapping of names to values.")
    return content


def render_env_vars(text: str) -> str:
    """Resolve dbt's `{{ env_var('NAME', 'default') }}` in one value of profiles.yml.

    Raises:
        SegmentationError: a variable without a default isn't set.
    """
    from jinja2 import Environment

    def env_var(name: str, default: str | None = None) -> str:
        value = os.environ.get(name, default)
        if value is None:
            raise SegmentationError(
                f"profiles.yml needs the environment variable {name}, which is not set: "
                f"export {name}=... and run again."
            )
        return value

    environment = Environment(autoescape=False)  # noqa: S701 - no page is made of it
    # dbt's own filters say of what type the value is; here it is shown or looked at as text
    environment.filters |= dict.fromkeys(("as_text", "as_bool", "as_number", "as_native"), str)
    return environment.from_string(text).render(env_var=env_var)


def _render_all(value: Any) -> Any:
    if isinstance(value, str):
        return render_env_vars(value)
    if isinstance(value, Mapping):
        return {name: _render_all(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_render_all(inner) for inner in value]
    return value


def read_output(root: Path, profiles_dir: Path, target: str | None = None) -> Output:
    """The target that dbt would use: `target`, else DBT_TARGET, else the profile's default.

    Raises:
        SegmentationError: the profile or the target isn't in profiles.yml.
    """
    name = os.environ.get("DBT_PROFILE") or str(
        read_yaml_mapping(root / PROJECT_FILE).get("profile", "segmentation")
    )
    profiles_file = profiles_dir / PROFILES_FILE
    profile = read_yaml_mapping(profiles_file).get(name)
    if not isinstance(profile, dict) or not isinstance(profile.get("outputs"), dict):
        raise SegmentationError(
            f"{profiles_file} has no profile '{name}' with outputs: "
            "compare it with profiles.example.yml."
        )
    outputs = profile["outputs"]
    default = os.environ.get("DBT_TARGET") or render_env_vars(str(profile.get("target", "default")))
    chosen = target or default
    if chosen not in outputs:
        raise SegmentationError(
            f"{profiles_file} has no target '{chosen}'. It has: {', '.join(sorted(outputs))}. "
            "(More are in profiles.example.yml.)"
        )
    return Output(name=chosen, settings=outputs[chosen], root=root, is_default=chosen == default)


def invoke(
    args: Sequence[str],
    *,
    project_dir: Path,
    profiles_dir: Path,
    vars: Mapping[str, Any] | None = None,
    target: str | None = None,
    target_path: Path | None = None,
    log_path: Path | None = None,
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> DbtResult:
    """Run one dbt command in this process, from the project's folder.

    Args:
        args: the command and its options, as on dbt's command line: ["build", "--select", "x"].
        project_dir: the folder of dbt_project.yml; also the working folder of the run, so that
            relative paths in profiles.yml mean the same from everywhere.
        profiles_dir: the folder of profiles.yml.
        vars: what `--vars` would hold.
        target: a target of the profile; its default if None.
        target_path: where dbt writes its artifacts; `target` in the project if None.
        log_path: where dbt writes its log; `logs` in the project if None.
        callbacks: called with every dbt event, whatever the log level.

    The DuckDB file is closed again before this returns, so that others may open it.
    """
    from dbt.cli.main import dbtRunner

    command = [*args, "--project-dir", str(project_dir), "--profiles-dir", str(profiles_dir)]
    if vars:
        command += ["--vars", yaml.safe_dump(dict(vars), allow_unicode=True)]
    if target:
        command += ["--target", target]
    if target_path:
        command += ["--target-path", str(target_path)]
    if log_path:
        command += ["--log-path", str(log_path)]
    try:
        with contextlib.chdir(project_dir):
            result = dbtRunner(callbacks=list(callbacks)).invoke(command)
    finally:
        close_database()
    error = None if result.exception is None else str(result.exception).strip()
    nodes = tuple(_node_results(result.result))
    return DbtResult(success=bool(result.success), nodes=nodes, error=error, raw=result.result)


def close_database() -> None:
    """Close the DuckDB file that dbt-duckdb keeps open for the rest of the process."""
    connections = sys.modules.get("dbt.adapters.duckdb.connections")
    if connections is None:
        return
    manager = connections.DuckDBConnectionManager
    with manager._LOCK:
        if manager._ENV is not None:
            manager._ENV.close()
            manager._ENV = None


def _node_results(result: Any) -> Iterator[NodeResult]:
    for node_result in getattr(result, "results", None) or ():
        node = getattr(node_result, "node", None)
        if node is None:
            continue
        yield NodeResult(
            name=node.name,
            resource_type=str(node.resource_type),
            status=str(node_result.status),
            message=str(getattr(node_result, "message", None) or "").strip(),
            seconds=float(getattr(node_result, "execution_time", 0.0)),
        )

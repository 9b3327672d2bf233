"""The engines: which there are, what each needs, and how far CI proves it."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from segmentation.dbt_runner import PROFILES_FILE, find_project_root, read_yaml_mapping
from segmentation.engines import environments
from segmentation.engines.environments import CORE, Environment, Say
from segmentation.errors import SegmentationError

# runs: the engine itself, every model and test. emulated: an emulator, with its limits.
# compiled: every model compiled and its SQL parsed; nothing is run.
Proof = Literal["runs", "emulated", "compiled"]

PROFILE = "segmentation"
EXAMPLE = "profiles.example.yml"
# The adapters that the core environment holds.
CORE_ADAPTERS = ("duckdb", "postgres")
# The environment to run any other adapter from, where there is one.
ENVIRONMENTS = {
    "spark": "spark",
    "bigquery": "warehouses",
    "databricks": "warehouses",
    "redshift": "warehouses",
    "snowflake": "warehouses",
    "trino": "warehouses",
}


@dataclass(frozen=True)
class Engine:
    """A database that the models are built on, in the environment that has its adapter."""

    name: str
    title: str
    environment: str
    adapter: str
    proof: Proof = "runs"
    everywhere: bool = False  # needs nothing but Python and what .ci/run installs
    vars: Mapping[str, Any] = field(default_factory=dict)  # that a build on it needs


_ENGINES = (
    Engine("duckdb", "DuckDB 2.0", CORE, "duckdb", everywhere=True),
    Engine("postgres", "Postgres", CORE, "postgres", everywhere=True),
    Engine("spark", "Spark 3.5, Iceberg", "spark", "spark", everywhere=True),
    Engine("duckdb15", "DuckDB 1.5", "duckdb15", "duckdb", everywhere=True),
    Engine("dbt112", "DuckDB 2.0, dbt 1.12", "dbt112", "duckdb", everywhere=True),
    Engine("spark4", "Spark 4, Parquet", "spark4", "spark", vars={"spark_file_format": "parquet"}),
    Engine("bigquery", "BigQuery, emulated", "duckdb15", "bigquery", proof="emulated"),
    Engine("snowflake", "Snowflake, emulated", "warehouses", "snowflake", proof="emulated"),
    Engine("redshift", "Redshift, compiled", "warehouses", "redshift", proof="compiled"),
    Engine("databricks", "Databricks, compiled", "warehouses", "databricks", proof="compiled"),
    Engine("trino", "Trino, compiled", "warehouses", "trino", proof="compiled"),
)
ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in _ENGINES}


@dataclass(frozen=True)
class Ready:
    """An engine that is up: where to run dbt, with which profile and environment variables."""

    engine: Engine
    environment: Environment
    output: Mapping[str, Any]
    environ: Mapping[str, str]

    @property
    def target(self) -> str:
        """The target's name in the profile that `write_profiles` writes."""
        return self.engine.name

    def write_profiles(self, folder: Path, **settings: Any) -> Path:
        """Write a profiles.yml with this engine as its only target.

        Args:
            folder: where; made if it isn't there.
            **settings: settings of the output that replace its own, such as a DuckDB file's path.

        Returns:
            The folder, for dbt's --profiles-dir.
        """
        folder.mkdir(parents=True, exist_ok=True)
        outputs = {self.target: dict(self.output) | settings}
        profile = {PROFILE: {"target": self.target, "outputs": outputs}}
        file = folder / PROFILES_FILE
        file.touch(mode=0o600)  # a password may stand in it
        file.write_text(yaml.safe_dump(profile), encoding="utf-8")
        return folder


def get(name: str) -> Engine:
    """The engine of that name.

    Raises:
        SegmentationError: there is none.
    """
    if name not in ENGINES:
        raise SegmentationError(f"There is no engine '{name}'. There are: {', '.join(ENGINES)}.")
    return ENGINES[name]


def environment_of(adapter: str) -> str:
    """The environment to run dbt from on an adapter; `core` for those that nobody provides."""
    return ENVIRONMENTS.get(adapter, CORE)


def example_output(target: str, root: Path | None = None) -> dict[str, Any]:
    """A target of profiles.example.yml, env_var() not resolved: what is shipped is what is run."""
    example = read_yaml_mapping((root or find_project_root()) / EXAMPLE)
    output: dict[str, Any] = example[PROFILE]["outputs"][target]
    return output


@contextlib.contextmanager
def running(name: str, folder: Path, say: Say, *, short: bool = False) -> Iterator[Ready]:
    """Have an engine ready: its environment made, its server up until the block ends.

    Args:
        name: one of `ENGINES`.
        folder: where it may keep its database or warehouse; made if it isn't there.
        say: told one sentence before something is installed, nothing otherwise.
        short: whether only small data is built, such as the sample; see `spark.profile`.

    Raises:
        SegmentationError: what it needs isn't on this machine, or did not start.
    """
    from segmentation.engines import postgres, spark

    engine = get(name)
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = environments.ensure(engine.environment, say)
    environ = dict(os.environ)
    with contextlib.ExitStack() as stack:
        if engine.adapter == "postgres":
            output = stack.enter_context(postgres.PostgresServer()).profile()
        elif engine.adapter == "spark":
            output = spark.profile(environment, folder, short=short)
            environ |= spark.environment_variables()
        elif engine.adapter == "duckdb":
            output = example_output("dev") | {"path": str(folder / f"{engine.name}.duckdb")}
        elif engine.proof == "emulated":
            from segmentation.engines import emulators

            kinds = {
                "bigquery": emulators.BigQueryEmulator,
                "snowflake": emulators.SnowflakeEmulator,
            }
            output = stack.enter_context(kinds[engine.adapter](environment)).profile()
        else:
            raise SegmentationError(
                f"Nothing can be built on '{engine.name}' here: it is {engine.proof} only."
            )
        yield Ready(engine, environment, output, environ)

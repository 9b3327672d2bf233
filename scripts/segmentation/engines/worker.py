"""`python -m segmentation.engines.worker JOB.json`: build on one engine and export its marts.

Runs inside the engine's environment, build and export in one process, since importing dbt and
starting a JVM are dear. What dbt, the adapter and the JVM print goes to `worker.log`; standard
output carries one JSON object per line for whoever waits: `{"phase": ...}`, `{"done", "total",
"name"}`.

The job is a JSON object:
    project_dir, profiles_dir, target, target_path, log_path, vars: as dbt takes them.
    build_args: more options of `dbt build`.
    marts: names to export; every model under models/marts if null.
    export_dir: where `<mart>.parquet` goes, every column as text, cast on the engine.
    result_path: where the result goes, a JSON object, see `run`.
    online_retail: a Parquet file to load into the engine first, or null.
"""

import contextlib
import json
import os
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from segmentation import dbt_runner
from segmentation.build import explain_failure
from segmentation.errors import SegmentationError
from segmentation.problems import check_target
from segmentation.warehouse import QueryError, Warehouse, open_target

Say = Callable[[Mapping[str, Any]], None]

LOG = "worker.log"
MARTS = "marts"


def run(job: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Build, then export every mart that was built, whether or not all tests passed.

    Args:
        job: as the module describes it.
        say: called with what goes on.

    Returns:
        ok: whether the build succeeded and every wanted mart was exported; error: why it did not,
        where that is known, or null; statuses: how many nodes ended how; failed: name, type and
        message of each node that did not end well; rows: of each mart exported; seconds: of build
        and export; versions: of dbt, adapter and engine.
    """
    project_dir, profiles_dir = Path(job["project_dir"]), Path(job["profiles_dir"])
    output = dbt_runner.read_output(project_dir, profiles_dir, job["target"])
    check_target(output)
    result: dict[str, Any] = {
        "ok": False,
        "error": None,
        "statuses": {},
        "failed": [],
        "rows": {},
        "seconds": {},
        "versions": _versions(output.adapter),
    }
    if job.get("online_retail"):
        from segmentation.online_retail import load

        say({"phase": "loading"})
        with _timed(result, "load"):
            load(
                Path(job["online_retail"]),
                output,
                profiles_dir=profiles_dir,
                say=lambda sentence: say({"phase": sentence}),
            )

    say({"phase": "building"})
    done = 0

    def on_event(event: Any) -> None:
        nonlocal done
        if not event.info.name.endswith("Result"):
            return
        # tests have another name for it than models
        total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0)
        if total:
            done += 1
            say({"done": done, "total": total, "name": event.data.node_info.node_name})

    with _timed(result, "build"):
        built = dbt_runner.invoke(
            # a proof starts from the files, not from what an earlier run remembers of them
            ["build", "--no-partial-parse", *job.get("build_args", ())],
            project_dir=project_dir,
            profiles_dir=profiles_dir,
            vars=job.get("vars"),
            target=job["target"],
            target_path=Path(job["target_path"]),
            log_path=Path(job["log_path"]),
            callbacks=[on_event],
        )
    result["statuses"] = dict(Counter(node.status for node in built.nodes))
    result["failed"] = [
        {"name": node.name, "type": node.resource_type, "message": node.message}
        for node in built.failed
    ]
    result["error"] = explain_failure(built, output)
    if not built.success and not built.nodes:
        result["error"] = result["error"] or built.error or "dbt stopped before the first model"
        return result

    say({"phase": "exporting"})
    models = {node.name for node in built.nodes if node.resource_type == "model"}
    finished = models - {node.name for node in built.nodes if node.status != "success"}
    with (
        _timed(result, "export"),
        open_target(output, profiles_dir=profiles_dir) as warehouse,
    ):
        result["versions"]["engine"] = _engine_version(warehouse)
        wanted = _wanted(Path(job["target_path"]) / "manifest.json", job.get("marts"))
        for name, node in wanted.items():
            if name not in finished:
                continue
            try:
                result["rows"][name] = export(warehouse, node, Path(job["export_dir"]))
            except QueryError as error:
                result["failed"].append({"name": name, "type": "export", "message": str(error)})
    result["ok"] = built.success and set(result["rows"]) == set(wanted)
    return result


def marts_of(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The manifest's nodes under models/marts of the project itself, by name."""
    project = manifest["metadata"]["project_name"]
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][:2] == [project, MARTS]
    }


def export(warehouse: Warehouse, node: Mapping[str, Any], folder: Path) -> int:
    """Write a mart as Parquet, each value as the engine's own text.

    Text made on the engine loses nothing on the way: no decimal passes through a binary float, no
    driver moves a timestamp to another zone.

    Args:
        warehouse: the engine.
        node: the mart in the manifest: its relation, and the contract's types.
        folder: where `<name>.parquet` goes.

    Returns:
        The number of rows.

    Raises:
        QueryError: the engine could not read the mart.
    """
    relation = node["relation_name"]
    types = {name.lower(): column["data_type"] for name, column in node["columns"].items()}
    names, _ = warehouse.select(f"select * from {relation} where 1 = 0")  # noqa: S608
    cells = [_text(warehouse, name, types.get(name.lower())) for name in names]
    _, rows = warehouse.select(f"select {', '.join(cells)} from {relation}")  # noqa: S608
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    table = pa.table(
        {
            name.lower(): pa.array(values, pa.string())
            for name, values in zip(names, columns, strict=True)
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / f"{node['name']}.parquet")
    return len(rows)


def _text(warehouse: Warehouse, name: str, data_type: str | None) -> str:
    column = warehouse.quote(name)
    if (data_type or "").lower() in {"boolean", "bool"}:
        # some engines can't cast a boolean to text, others write t or 1
        return f"case when {column} then 'true' when not {column} then 'false' end as {column}"
    return f"{warehouse.text_of(column)} as {column}"


def _wanted(manifest: Path, names: list[str] | None) -> dict[str, Mapping[str, Any]]:
    marts = marts_of(json.loads(manifest.read_text(encoding="utf-8")))
    return marts if names is None else {name: marts[name] for name in names if name in marts}


@contextlib.contextmanager
def _timed(result: Mapping[str, Any], name: str) -> Iterator[None]:
    """Put the seconds of the block under result["seconds"][name]."""
    started = time.monotonic()
    try:
        yield
    finally:
        result["seconds"][name] = round(time.monotonic() - started, 2)


def _versions(adapter: str) -> dict[str, str]:
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in ("dbt-core", f"dbt-{adapter}", "pyspark" if adapter == "spark" else "duckdb"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _engine_version(warehouse: Warehouse) -> str | None:
    """What the engine says its version is; None where it has no `version()`."""
    try:
        _, [[said]] = warehouse.select("select version() as version")
    except (QueryError, ValueError):
        return None
    number = re.search(r"\d+(\.\d+)+", str(said))
    return number.group() if number else str(said)


def main(job_path: Path) -> None:
    """Do the job, whatever happens with a result in its `result_path`."""
    job = json.loads(job_path.read_text(encoding="utf-8"))
    Path(job["log_path"]).mkdir(parents=True, exist_ok=True)
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    log = os.open(Path(job["log_path"]) / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)

    def say(event: Mapping[str, Any]) -> None:
        events.write(json.dumps(dict(event)) + "\n")
        events.flush()

    try:
        result = run(job, say)
    except Exception as error:
        traceback.print_exc()
        known = isinstance(error, SegmentationError)
        message = str(error) if known else f"{type(error).__name__}: {error}"
        result = {"ok": False, "error": message}
    Path(job["result_path"]).write_text(json.dumps(result, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

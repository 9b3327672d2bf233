"""`segmentation bench-engines`: the same made-up orders on several engines, at growing sizes.

The files are those of `segmentation bench`. Each engine builds every model, without tests, in its
own environment and a process of its own; what is timed is the whole of `dbt build`, seeds and the
start of Spark included, because that is what a user waits for. A very small size shows how much of
it is there at any size.
"""

import contextlib
import json
import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from segmentation import bench
from segmentation.dbt_runner import find_project_root
from segmentation.engines import catalog
from segmentation.engines.jobs import Job
from segmentation.errors import SegmentationError

ENGINES = ("duckdb", "spark")
SIZES = (10_000, 1_000_000, 10_000_000)
ORDERS_PER_CUSTOMER = 20
EVERY_SECONDS = 0.2


def run(
    console: Console,
    *,
    sizes: Sequence[int] = SIZES,
    engines: Sequence[str] = ENGINES,
    spark_master: str | None = None,
    spark_memory: str = "8g",
    json_path: Path | None = None,
    keep: Path | None = None,
) -> dict[str, Any]:
    """Build every size on every engine, one after the other; print one table.

    Args:
        console: where to print.
        sizes: numbers of orders; a twentieth of it are customers.
        engines: names of `catalog.ENGINES` whose models read files: DuckDB's and Spark's.
        spark_master: where Spark runs; in the process of dbt if None.
        spark_memory: of the driver, which is all of Spark as long as it runs in the process of dbt.
        json_path: where the figures go, for machines.
        keep: a folder for files and databases that is left behind; a temporary one if None.

    Returns:
        The figures: machine, and runs of engine, orders, seconds, orders per second, peak memory in
        GB of all its processes, and growth, the exponent of the seconds since the size before.

    Raises:
        SegmentationError: an engine can't be run here or reads no files, or a build failed.
    """
    for name in engines:
        if catalog.get(name).adapter not in ("duckdb", "spark"):
            raise SegmentationError(
                f"'{name}' reads no files, so the made-up orders can't be built on it. "
                "Engines that do: "
                + ", ".join(
                    engine.name
                    for engine in catalog.ENGINES.values()
                    if engine.adapter in ("duckdb", "spark")
                )
                + "."
            )
    runs: list[dict[str, Any]] = []
    load_before = os.getloadavg()[0]
    with _folder(keep) as folder:
        for orders in sorted(set(sizes)):
            files = _write_files(console, folder / f"{orders}", orders)
            for name in engines:
                with (
                    bench.step_line(console, f"Building {orders:,} orders on {name}"),
                    catalog.running(name, files / name, console.print) as ready,
                ):
                    figures = _build(ready, files, spark_master, spark_memory)
                runs.append({"engine": name, "orders": orders, **figures})
    _add_growth(runs)
    machine = bench.machine_facts() | {"load_before": load_before, "load_after": os.getloadavg()[0]}
    result = {"machine": machine, "spark_master": spark_master or "local[2]", "runs": runs}
    _print(console, result)
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        console.print(f"The figures are in {json_path}.", highlight=False, soft_wrap=True)
    return result


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="segmentation-bench-engines-") as name:
        yield Path(name)


def _write_files(console: Console, folder: Path, orders: int) -> Path:
    wanted = {
        "data_version": bench.DATA_VERSION,
        "orders": orders,
        "customers": max(orders // ORDERS_PER_CUSTOMER, 100),
        "seed": 1,
        "duckdb": metadata.version("duckdb"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    if not bench.files_fit(folder, wanted):
        job = {"folder": str(folder), "root": str(find_project_root()), "wanted": wanted}
        with bench.step_line(console, f"Writing {orders:,} orders"):
            bench.in_own_process("write_files", job | {"settings": {"threads": 2}})
        (folder / bench.MANIFEST).write_text(json.dumps(wanted, indent=2), encoding="utf-8")
    return folder


def _build(
    ready: catalog.Ready, files: Path, spark_master: str | None, spark_memory: str
) -> dict[str, float]:
    """Seconds, orders per second and peak memory of one build."""
    folder = files / ready.target
    settings: dict[str, Any] = {}
    if ready.engine.adapter == "spark":
        parameters = dict(ready.output["server_side_parameters"])
        parameters["spark.driver.memory"] = spark_memory
        if spark_master is not None:
            parameters["spark.master"] = spark_master
        settings["server_side_parameters"] = parameters
    job = Job(
        ready,
        folder,
        root=find_project_root(),
        settings=settings,
        data="files",
        as_of=bench.AS_OF,
        variables={
            "run_date": bench.AS_OF.isoformat(),
            "reporting_currency": "CNY",
            "default_country": "CN",
        },
        marts=[],
        tests=False,
        environ={"SEGMENTATION_FILES": str(files), "SEGMENTATION_FILES_FORMAT": "parquet"},
    )
    peak = 0
    with job.started() as process:
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(EVERY_SECONDS)
    result = job.result(process)
    if result.get("failed") or not result["ok"]:
        failed = [f"{node['name']}: {node['message']}" for node in result.get("failed") or ()]
        raise SegmentationError(
            f"The build on '{ready.target}' failed: {result.get('error') or '; '.join(failed)}. "
            f"What it said is in {job.log} (kept with --keep); memory may be short: "
            "try fewer --orders, or more --spark-memory."
        )
    return {"seconds": round(result["seconds"]["build"], 1), "peak_gb": round(peak / 1e9, 2)}


def _memory(pid: int) -> int:
    """The memory of a process and all its children, in bytes."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += one.memory_info().rss
    return total


def _add_growth(runs: list[dict[str, Any]]) -> None:
    """Orders per second, and the exponent b of seconds ~ orders ** b since the size before."""
    before: dict[str, dict[str, Any]] = {}
    for one in runs:
        one["orders_per_second"] = round(one["orders"] / one["seconds"])
        last = before.get(one["engine"])
        one["growth"] = last and round(
            math.log(one["seconds"] / last["seconds"]) / math.log(one["orders"] / last["orders"]), 2
        )
        before[one["engine"]] = one


def _print(console: Console, result: Mapping[str, Any]) -> None:
    table = Table(title="Every model, without tests", title_justify="left")
    for name in ("orders", "engine", "seconds", "orders / s", "growth", "peak GB"):
        table.add_column(name, justify="left" if name == "engine" else "right")
    for one in result["runs"]:
        table.add_row(
            f"{one['orders']:,}",
            one["engine"],
            f"{one['seconds']:,.1f}",
            f"{one['orders_per_second']:,}",
            "" if one["growth"] is None else f"{one['growth']:.2f}",
            f"{one['peak_gb']:.1f}",
        )
    console.print(table)
    machine = result["machine"]
    console.print(
        "Growth is the exponent: 1 is twice the time for twice the orders, 0 is no time at all for "
        f"them. Spark on {result['spark_master']}. {machine['processor']}, {machine['cores']} "
        f"cores, {machine['memory_gb']:g} GB; load {machine['load_before']:.1f} before and "
        f"{machine['load_after']:.1f} after.",
        highlight=False,
        soft_wrap=True,
    )

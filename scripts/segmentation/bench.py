"""`segmentation bench`: the models against hand-written DuckDB queries, on made-up orders.

One invocation writes the files, runs the queries and the models over them, each in a process of its
own so that memory is told apart, and compares both the seconds and the answers. Other work on the
machine lengthens wall seconds more than processor seconds: both are reported, with the load.
"""

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
import yaml
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from segmentation import dbt_runner
from segmentation.errors import SegmentationError
from segmentation.presets import load_preset

AS_OF = date(2026, 7, 1)
FIRST_DAY = date(2023, 7, 1)
# What the files hold; another number makes --keep write them anew.
DATA_VERSION = 1
ENTITIES = ("contacts", "refunds", "orders")
MANIFEST = "manifest.json"
PACKAGE = Path(__file__).resolve().parent

# How many times the hand-written query's seconds the models may take, and how much memory.
UPSTREAM_TARGET = 2.5
# twice what it was with five segmentations; the query never got the others
ALL_TARGET = 6.8
MEMORY_TARGET_GB = 6.0
# Below this, what dbt does around every model outweighs the work that the targets are about.
ORDERS_TO_JUDGE = 5_000_000
EVERY_SECONDS = 0.02

# Sums that must be the same to the cent; customers differ by the merges of identity.
TOTALS = {
    "orders": "order_count",
    "gross revenue": "gross_revenue",
    "discount": "discount_amount",
    "refunds": "refund_amount",
    "net revenue": "net_revenue",
}
DISTRIBUTIONS = (
    "r_score",
    "f_score",
    "m_score",
    "rfm_segment",
    "lifecycle_segment",
    "activity_segment",
    "acquisition_channel",
    "purchase_channel",
)
# The hand-written queries: the table each one makes, and the file it stands in.
QUERIES = {
    "full": ("yardstick", "bench_yardstick.sql"),
    "narrow": ("yardstick_narrow", "bench_yardstick_narrow.sql"),
}


def run(
    *,
    orders: int,
    customers: int,
    json_path: Path | None = None,
    threads: int = 2,
    memory_limit: str = "5GB",
    keep: Path | None = None,
    seed: int = 1,
    console: Console | None = None,
) -> dict[str, Any]:
    """Write the files (or take those of last time), time queries and models, print, compare.

    Args:
        orders: how many orders; one row in a thousand comes on top as a repeat.
        customers: how many contacts to draw them from; guests come on top.
        json_path: where the figures go, for machines.
        threads: threads of DuckDB, and how many models dbt runs at a time.
        memory_limit: what DuckDB may use, in its own words: 5GB.
        keep: a folder for files and databases that is left behind; a temporary one if None.
        seed: another seed, other orders.
        console: where to print.

    Returns:
        The figures, as written to `json_path`.

    Raises:
        SegmentationError: a step failed; its own message is printed above.
    """
    console = console or Console()
    with contextlib.ExitStack() as stack:
        if keep is None:
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="segmentation-bench-"))
            )
        else:
            folder = keep.resolve()
            folder.mkdir(parents=True, exist_ok=True)
        figures = _measure(
            console,
            folder=folder,
            wanted={
                "data_version": DATA_VERSION,
                "orders": orders,
                "customers": customers,
                "seed": seed,
                # hashes are DuckDB's own and may change with it
                "duckdb": metadata.version("duckdb"),
            },
            settings={"threads": threads, "memory_limit": memory_limit},
        )
    _print(console, figures)
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(figures, indent=2, ensure_ascii=False, default=str)
        json_path.write_text(text + "\n", encoding="utf-8")
        console.print(f"The figures are in {json_path}.", highlight=False, soft_wrap=True)
    return figures


def _measure(
    console: Console,
    *,
    folder: Path,
    wanted: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Every step in its own process; the figures of all of them."""
    root = dbt_runner.find_project_root()
    job = {"folder": str(folder), "root": str(root), "settings": dict(settings)}
    load_before = os.getloadavg()[0]

    if files_fit(folder, wanted):
        console.print(f"Files of last time: {folder}", highlight=False, soft_wrap=True)
    else:
        size = f"{wanted['orders']:,} orders of {wanted['customers']:,} contacts"
        with step_line(console, f"Writing {size}"):
            in_own_process("write_files", {**job, "wanted": dict(wanted)})
        (folder / MANIFEST).write_text(json.dumps(dict(wanted), indent=2), encoding="utf-8")
    queries: dict[str, Any] = {}
    for name in QUERIES:
        with step_line(console, f"Running the hand-written query, {name}"):
            queries[name] = in_own_process("run_query", {**job, "query": name})
    with step_line(console, "Running the models: what customers needs, then the rest"):
        models = in_own_process("run_models", job)
    with step_line(console, "Comparing the answers"):
        agreement = compare(folder / "models.duckdb", folder / "yardstick.duckdb")

    upstream, rest = models["upstream"], models["rest"]
    everything = {key: upstream[key] + rest[key] for key in ("seconds", "cpu_seconds")}
    everything["peak_gb"] = max(upstream["peak_gb"], rest["peak_gb"])
    ratios = {
        f"{part}_to_{name}": {
            "wall": round(figures["seconds"] / queries[name]["seconds"], 2),
            "cpu": round(figures["cpu_seconds"] / queries[name]["cpu_seconds"], 2),
        }
        for part, figures in (("upstream", upstream), ("all", everything))
        for name in QUERIES
    }
    return {
        "data": dict(wanted),
        "settings": dict(settings),
        "machine": machine_facts() | {"load_before": load_before, "load_after": os.getloadavg()[0]},
        "queries": queries,
        "models": {"upstream": upstream, "rest": rest, "all": everything},
        "nodes": models["nodes"],
        "ratios": ratios,
        "targets": {
            "upstream_to_full": UPSTREAM_TARGET,
            "all_to_full": ALL_TARGET,
            "peak_gb": MEMORY_TARGET_GB,
        },
        "agreement": agreement,
    }


def files_fit(folder: Path, wanted: Mapping[str, Any]) -> bool:
    """Whether the files of last time lie there, whole, and hold what is wanted."""
    manifest = folder / MANIFEST
    if not all((folder / f"{entity}.parquet").is_file() for entity in ENTITIES):
        return False
    with contextlib.suppress(OSError, ValueError):
        return bool(json.loads(manifest.read_text(encoding="utf-8")) == dict(wanted))
    return False


@contextlib.contextmanager
def step_line(console: Console, sentence: str) -> Iterator[None]:
    """A line that runs while the step does and, once it has ended, says how long it took."""
    started = time.monotonic()
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        progress.add_task(sentence, total=None)
        yield
    console.print(f"{sentence}: {time.monotonic() - started:.1f} s", highlight=False)


# Each step in its own process --------------------------------------------------------------------


def in_own_process(step: str, job: Mapping[str, Any]) -> Any:
    """Run a function of this module in a fresh Python; what it returned comes back as JSON."""
    folder = Path(str(job["folder"]))
    answer = folder / "answer.json"
    answer.unlink(missing_ok=True)
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "segmentation.bench", step, str(answer)],
        input=json.dumps(dict(job)),
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        check=False,
    )
    if done.returncode != 0 or not answer.is_file():
        raise SegmentationError(
            f"The benchmark stopped in the step '{step}' (exit code {done.returncode}): its own "
            "message is above. Memory or disk may be short; try fewer --orders and --customers, "
            "or another --memory-limit."
        )
    result = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    return result


class _Watch:
    """Wall and processor seconds, and the peak of this process's memory, while it is open."""

    def __enter__(self) -> "_Watch":
        self._process = psutil.Process()
        self._peak = self._process.memory_info().rss
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        self._cpu = time.process_time()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self.cpu_seconds = time.process_time() - self._cpu
        self._over.set()
        self._sampler.join()

    def _sample(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self._peak = max(self._peak, self._process.memory_info().rss)

    def figures(self) -> dict[str, float]:
        """What was measured: seconds, cpu_seconds, peak_gb."""
        return {
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_gb": round(self._peak / 1e9, 3),
        }


def _sql(name: str) -> str:
    return (PACKAGE / name).read_text(encoding="utf-8")


def _connect(job: Mapping[str, Any], database: str) -> Any:
    import duckdb

    # As the models are run (profiles.example.yml), so that both write their tables alike.
    settings = {
        "storage_compatibility_version": "v1.2.0",
        "preserve_insertion_order": "false",
        **job["settings"],
    }
    connection = duckdb.connect(database, config=settings)
    for name, value in {
        "folder": job["folder"],
        "seeds": str(Path(job["root"]) / "seeds" / "reference"),
        "as_of_date": AS_OF,
    }.items():
        _set_variable(connection, name, value)
    return connection


def _set_variable(connection: Any, name: str, value: Any) -> None:
    connection.execute(f"set variable {name} = $1", [value])


def write_files(job: Mapping[str, Any]) -> None:
    """The step that writes orders, contacts and refunds as Parquet in contract shape."""
    folder, wanted = Path(job["folder"]), job["wanted"]
    (folder / MANIFEST).unlink(missing_ok=True)
    with _connect(job, ":memory:") as connection:
        for name in ("orders", "customers", "seed"):
            _set_variable(connection, name, wanted[name])
        _set_variable(connection, "days", (AS_OF - FIRST_DAY).days)
        connection.execute(f"set variable start_at = timestamp '{FIRST_DAY}'")
        connection.execute(_sql("bench_data.sql"))
        for entity in ENTITIES:
            connection.table(f"bench_{entity}").write_parquet(
                str(folder / f"{entity}.parquet"), compression="zstd"
            )


def run_query(job: Mapping[str, Any]) -> dict[str, float]:
    """The step that times one hand-written query, from the files to a table."""
    _read_once(Path(job["folder"]))
    table, file = QUERIES[job["query"]]
    with _connect(job, str(Path(job["folder"]) / "yardstick.duckdb")) as connection:
        connection.execute(f"drop table if exists {table}")
        with _Watch() as watch:
            connection.execute(_sql(file))
    return watch.figures()


def run_models(job: Mapping[str, Any]) -> dict[str, Any]:
    """The step that loads the seeds, uncounted, and times two runs: +customers, and the rest."""
    folder, root = Path(job["folder"]), Path(job["root"])
    database, target = folder / "models.duckdb", folder / "target"
    for file in (database, database.with_name("models.duckdb.wal")):
        file.unlink(missing_ok=True)
    target.mkdir(exist_ok=True)
    example = dbt_runner.read_yaml_mapping(root / "profiles.example.yml")
    output = dict(example["segmentation"]["outputs"]["dev"])
    output |= {
        "path": str(database),
        "threads": job["settings"]["threads"],
        "settings": {**output.get("settings", {}), **job["settings"]},
    }
    profile = {"segmentation": {"target": "dev", "outputs": {"dev": output}}}
    (target / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    os.environ["SEGMENTATION_FILES"] = str(folder)
    os.environ["SEGMENTATION_FILES_FORMAT"] = "parquet"
    given = load_preset("files") | {
        "as_of_date": AS_OF.isoformat(),
        "run_date": AS_OF.isoformat(),
        "reporting_currency": "CNY",
        "default_country": "CN",
    }

    def invoke(*args: str) -> dbt_runner.DbtResult:
        result = dbt_runner.invoke(
            ["--quiet", "--no-use-colors", *args],
            project_dir=root,
            profiles_dir=target,
            vars=given,
            target="dev",
            target_path=target,
            log_path=target / "logs",
        )
        if not result.success:
            said = [f"{node.name}: {node.message}" for node in result.failed]
            raise SegmentationError("\n".join(said) or str(result.error))
        return result

    invoke("seed")
    _read_once(folder)
    figures: dict[str, Any] = {"nodes": []}
    for part, select in (("upstream", "--select"), ("rest", "--exclude")):
        with _Watch() as watch:
            result = invoke("run", select, "+customers")
        figures[part] = watch.figures()
        figures["nodes"] += [
            {
                "name": node.name,
                "seconds": round(node.seconds, 3),
                "is_upstream_of_customers": part == "upstream",
            }
            for node in result.nodes
            if node.resource_type == "model"
        ]
    figures["nodes"].sort(key=lambda node: -node["seconds"])
    return figures


def _read_once(folder: Path) -> None:
    """Read the files through, so that no step pays for a cold disk."""
    for entity in ENTITIES:
        with (folder / f"{entity}.parquet").open("rb") as file:
            while file.read(1 << 24):
                pass


# The answers -------------------------------------------------------------------------------------


def compare(models: Path, yardstick: Path) -> dict[str, Any]:
    """How far the customers mart and the full hand-written query agree.

    Args:
        models: the DuckDB file that the models were built in.
        yardstick: the DuckDB file with the table of the hand-written query.

    Returns:
        `customers`, both counts; `totals`, per figure both sums (text, exact); `distributions`, per
        column the share of customers that would have to change its value, from 0 to 1.
    """
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"attach '{_quoted(models)}' as models (read_only)")
        connection.execute(f"attach '{_quoted(yardstick)}' as yardstick (read_only)")
        connection.execute(
            "create view here as select * from models.marts.customers;"
            "create view there as select *, orders as order_count from yardstick.yardstick;"
        )
        customers, totals = [], {}
        for view in ("here", "there"):
            customers.append(connection.table(view).shape[0])
        for name, column in TOTALS.items():
            sums = [
                connection.table(view).aggregate(f"sum({column})").fetchall()
                for view in ("here", "there")
            ]
            totals[name] = [str(rows[0][0]) for rows in sums]
        distributions = {}
        for column in DISTRIBUTIONS:
            counts: list[dict[Any, float]] = []
            for view, count in zip(("here", "there"), customers, strict=True):
                rows = connection.table(view).aggregate(f"{column}, count(*)").fetchall()
                counts.append({value: number / max(count, 1) for value, number in rows})
            values = counts[0].keys() | counts[1].keys()
            apart = sum(abs(counts[0].get(value, 0) - counts[1].get(value, 0)) for value in values)
            distributions[column] = round(apart / 2, 6)
    return {
        "customers": {"models": customers[0], "query": customers[1]},
        "totals": {
            name: {"models": here, "query": there} for name, (here, there) in totals.items()
        },
        "totals_agree": all(here == there for here, there in totals.values()),
        "distributions": distributions,
    }


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


# The report --------------------------------------------------------------------------------------


def machine_facts() -> dict[str, Any]:
    """Processor, cores, memory, system and versions, for the figures."""
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    packages = ("duckdb", "dbt-core", "dbt-duckdb")
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {package: metadata.version(package) for package in packages},
    }


def _print(console: Console, figures: Mapping[str, Any]) -> None:
    models, queries, machine = figures["models"], figures["queries"], figures["machine"]

    nodes = Table(title="Models, slowest first", title_justify="left")
    nodes.add_column("model")
    nodes.add_column("seconds", justify="right")
    nodes.add_column("customers needs it")
    quick = [node for node in figures["nodes"] if node["seconds"] < models["all"]["seconds"] / 200]
    for node in figures["nodes"][: len(figures["nodes"]) - len(quick)]:
        needed = "yes" if node["is_upstream_of_customers"] else ""
        nodes.add_row(node["name"], f"{node['seconds']:.2f}", needed)
    if quick:
        total = sum(node["seconds"] for node in quick)
        nodes.add_row(f"{len(quick)} more, under half a percent each", f"{total:.2f}", "")
    console.print(nodes)

    totals = Table(title="Totals", title_justify="left")
    totals.add_column("")
    for name in ("seconds", "processor s", "peak GB"):
        totals.add_column(name, justify="right")
    for name, row in (
        ("hand-written query, the same answer", queries["full"]),
        ("hand-written query, only R, F, M, first and last channel", queries["narrow"]),
        ("models upstream of customers, identity included", models["upstream"]),
        ("all models", models["all"]),
    ):
        totals.add_row(name, *(f"{row[key]:.2f}" for key in ("seconds", "cpu_seconds", "peak_gb")))
    console.print(totals)

    ratios = Table(title="Ratios to the hand-written queries", title_justify="left")
    ratios.add_column("")
    for name in ("same answer", "by processor s", "narrow", "by processor s", "target"):
        ratios.add_column(name, justify="right")
    for name, part, target in (
        ("upstream of customers", "upstream", UPSTREAM_TARGET),
        ("all models", "all", ALL_TARGET),
    ):
        full = figures["ratios"][f"{part}_to_full"]
        narrow = figures["ratios"][f"{part}_to_narrow"]
        cells = [f"{value:.2f}" for value in (*full.values(), *narrow.values())]
        ratios.add_row(name, *cells, f"{target:g} times the same answer")
    console.print(ratios)

    for sentence in verdicts(figures):
        console.print(sentence, highlight=False, soft_wrap=True)
    agreement = figures["agreement"]
    counts = agreement["customers"]
    furthest, share = max(agreement["distributions"].items(), key=lambda item: item[1])
    console.print(
        f"The same answer? Orders and money "
        f"{'agree to the cent' if agreement['totals_agree'] else 'DIFFER: see the JSON'}. "
        f"{counts['models']:,} customers against {counts['query']:,}: the query takes contact ids "
        "and guests' e-mails as they are, the models also join accounts over shared phones (no "
        f"connected components in the query). Furthest apart is {furthest}, "
        f"by {share:.2%} of the customers.",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']:g} GB, DuckDB "
        f"{machine['versions']['duckdb']}; load {machine['load_before']:.1f} before and "
        f"{machine['load_after']:.1f} after: with others at work, trust the processor seconds.",
        highlight=False,
        soft_wrap=True,
    )


def verdicts(figures: Mapping[str, Any]) -> list[str]:
    """A sentence per target: met or missed, and if missed, the model that eats most."""
    nodes, models = figures["nodes"], figures["models"]
    upstream = [node for node in nodes if node["is_upstream_of_customers"]]
    said = []
    if figures["data"]["orders"] < ORDERS_TO_JUDGE:
        said.append(
            f"The targets are meant for {ORDERS_TO_JUDGE:,} orders and more: with fewer, what dbt "
            "does around every model is most of the time."
        )
    for name, ratio, target, candidates in (
        (
            "Upstream of customers",
            figures["ratios"]["upstream_to_full"]["wall"],
            UPSTREAM_TARGET,
            upstream,
        ),
        ("All models", figures["ratios"]["all_to_full"]["wall"], ALL_TARGET, nodes),
    ):
        if ratio <= target:
            said.append(f"{name}: {ratio:g} times the query, at most {target:g} wanted: met.")
            continue
        slowest = candidates[0]
        said.append(
            f"{name}: {ratio:g} times the query, at most {target:g} wanted: MISSED. "
            f"{slowest['name']} eats most of it, {slowest['seconds']:.1f} s."
        )
    peak = models["all"]["peak_gb"]
    part = "upstream of customers" if models["upstream"]["peak_gb"] >= peak else "in the rest"
    verdict = "met" if peak < MEMORY_TARGET_GB else f"MISSED, {part}"
    said.append(f"Memory: {peak:.1f} GB at the peak, under {MEMORY_TARGET_GB:g} wanted: {verdict}.")
    return said


STEPS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "write_files": write_files,
    "run_query": run_query,
    "run_models": run_models,
}


def _work(step: str, answer: Path) -> None:
    """One step of the benchmark in this process: its job on stdin, its answer to a file."""
    result = STEPS[step](json.loads(sys.stdin.read()))
    answer.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    try:
        _work(sys.argv[1], Path(sys.argv[2]))
    except SegmentationError as error:
        sys.exit(str(error))

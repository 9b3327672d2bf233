"""`segmentation compare-engines`: the same data on several engines, every mart row by row.

Each engine builds in its own environment (`worker`) and exports its marts as text. DuckDB in the
core environment is what the others are compared with: rows are matched by the key that the mart's
own tests state, everything but doubles must be the same, doubles to a relative 1e-9.
"""

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from segmentation.dbt_runner import Output
from segmentation.engines import catalog, environments
from segmentation.engines.jobs import Job
from segmentation.engines.worker import marts_of
from segmentation.errors import SegmentationError
from segmentation.online_retail import FILE_VARIABLE, SCHEMA_VARIABLE, needs_loading, prepare
from segmentation.presets import SAMPLE
from segmentation.warehouse import one_line

REFERENCE = "duckdb"
DEFAULT_ENGINES = tuple(name for name, engine in catalog.ENGINES.items() if engine.everywhere)
ONLINE_RETAIL = "online_retail"
# The schemas of a comparison on a target of the user's own: never the marts that people read.
OWN_SCHEMA = "segmentation_compare"

DOUBLES = {"double", "double precision", "float", "float64", "real"}
TOLERANCE = "1e-9"
FIRST = 3
SHOWN_COLUMNS = 3
SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Mart:
    """A mart as the reference's manifest has it: its key, and the contract's type per column."""

    name: str
    key: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One mart on one engine against the reference.

    `differing` counts rows: those of one side only, and those of both with another value. `columns`
    counts the latter by column. `problem` says what rows can't: a mart or a column is missing.
    """

    rows: int | None
    reference_rows: int | None
    differing: int = 0
    only_in_reference: int = 0
    only_here: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def same(self) -> bool:
        """Whether every row is the same."""
        return self.differing == 0 and self.problem is None


@dataclass(frozen=True)
class Line:
    """A line of the comparison's table."""

    data: str
    mart: str
    engine: str
    difference: Difference


@dataclass(frozen=True)
class Build:
    """What an engine's worker said of one build; its exported marts are in `exports`."""

    data: str
    engine: str
    exports: Path
    manifest: Path
    result: Mapping[str, Any]

    @property
    def problem(self) -> str | None:
        """What went wrong, as a sentence without its full stop; None if nothing did."""
        if self.result["ok"]:
            return None
        failed = self.result.get("failed") or []
        error = one_line(self.result["error"]).rstrip(".") if self.result["error"] else ""
        if not failed:
            return error or "not every mart was built"
        shown = ", ".join(node["name"] for node in failed[:SHOWN_COLUMNS])
        more = len(failed) - SHOWN_COLUMNS
        named = f"{shown} and {more} more" if more > 0 else shown
        reason = error or one_line(failed[0]["message"]).rstrip(".")
        return f"{len(failed)} failed: {named} (the first says: {reason})"


@dataclass(frozen=True)
class Report:
    """The outcome: a line per data, engine and mart, the builds, and what did not run."""

    lines: tuple[Line, ...]
    builds: tuple[Build, ...]
    failed: Mapping[str, str]  # data on engine: why the build is incomplete
    not_run: Mapping[str, str]  # engine: why it could not be started

    @property
    def differing(self) -> tuple[Line, ...]:
        """The lines that aren't the same on the engine as on the reference."""
        return tuple(line for line in self.lines if not line.difference.same)

    def as_json(self) -> str:
        """The report for machines."""
        report = {
            "reference": REFERENCE,
            "lines": [
                {"data": line.data, "mart": line.mart, "engine": line.engine}
                | asdict(line.difference)
                for line in self.lines
            ],
            "builds": [
                {"data": build.data, "engine": build.engine}
                | {
                    name: build.result.get(name)
                    for name in ("ok", "error", "statuses", "failed", "rows", "seconds", "versions")
                }
                for build in self.builds
            ],
            "failed": dict(self.failed),
            "not_run": dict(self.not_run),
        }
        return json.dumps(report, indent=2, ensure_ascii=False) + "\n"

    def as_markdown(self) -> str:
        """The report as tables for a page of documentation."""
        lines = [
            "| data | mart | engine | rows | differing rows | first differences |",
            "|---|---|---|---:|---:|---|",
        ]
        for line in self.lines:
            cells = [line.data, line.mart, line.engine, *_cells(line.difference)]
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        lines += [
            "",
            "| engine | data | versions | nodes | build, s | export, s |",
            "|---|---|---|---:|---:|---:|",
        ]
        for build in self.builds:
            seconds = build.result.get("seconds") or {}
            cells = [
                build.engine,
                build.data,
                ", ".join(f"{k} {v}" for k, v in (build.result.get("versions") or {}).items() if v),
                f"{sum((build.result.get('statuses') or {}).values()):,}",
                f"{seconds.get('build', 0):.0f}",
                f"{seconds.get('export', 0):.1f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
        lines += [""] if self.failed or self.not_run else []
        lines += [f"- {name} failed: {reason}" for name, reason in self.failed.items()]
        lines += [f"- {name} could not be run: {reason}" for name, reason in self.not_run.items()]
        return "\n".join(lines) + "\n"


def run(
    console: Console,
    *,
    root: Path,
    engines: Sequence[str] = (),
    online_retail: Path | None = None,
    sample: bool = True,
    target: Output | None = None,
    tests: bool = True,
    keep: Path | None = None,
) -> Report:
    """Build the data on each engine, compare every mart with DuckDB, print one table.

    Args:
        console: where progress and the table go.
        root: the folder of dbt_project.yml.
        engines: names of the catalog, `DEFAULT_ENGINES` if empty. The reference is always built.
        online_retail: Online Retail II, as `segmentation online-retail` takes it, to be built too.
        sample: whether the sample is built.
        target: a target of the user's own profiles.yml, as one more engine. It is built in schemas
            of its own, which begin with `segmentation_compare`.
        tests: whether data tests and unit tests are part of the builds.
        keep: a folder for databases, exports and logs that is left behind; temporary if None.

    Returns:
        The report. An engine that can't be run is part of it.

    Raises:
        SegmentationError: the reference can't be built, or an engine's name is wrong.
    """
    chosen = [catalog.get(name).name for name in dict.fromkeys(engines or DEFAULT_ENGINES)]
    others = [name for name in chosen if name != REFERENCE]
    _refuse_what_is_only_compiled(others)
    if not others and target is None:
        raise SegmentationError(
            f"{REFERENCE} is what the others are compared with: name another engine too, "
            "such as --engine postgres."
        )
    say = _sayer(console)
    with contextlib.ExitStack() as stack:
        if keep is None:
            prefix = "segmentation-compare-"
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
        else:
            folder = keep.resolve()
            folder.mkdir(parents=True, exist_ok=True)
        lines = None if online_retail is None else prepare(online_retail, folder / "data", say=say)
        data = [*([SAMPLE] if sample else []), *([ONLINE_RETAIL] if lines else [])]
        plan = _Plan(root, folder, data, lines, tests, console)

        with catalog.running(REFERENCE, folder / REFERENCE, say) as ready:
            references = {build.data: build for build in _build_all(plan, ready)}
        for build in references.values():
            if not build.result.get("rows"):
                raise SegmentationError(
                    f"{REFERENCE} is what the others are compared with, and {build.data} did not "
                    f"build on it: {build.problem}."
                )
        builds, not_run = list(references.values()), {}
        for name in others:
            try:
                with catalog.running(name, folder / name, say, short=not lines) as ready:
                    builds += _build_all(plan, ready)
            except SegmentationError as error:
                not_run[name] = str(error).rstrip(".")
        if target is not None:
            try:
                builds += _build_all(plan, _own_target(target, say), _own_schema(target))
            except SegmentationError as error:
                not_run[target.name] = str(error).rstrip(".")
        say("Comparing every mart with that of DuckDB.")
        report = Report(
            lines=tuple(_lines(references, builds)),
            builds=tuple(builds),
            failed={_title(build): build.problem for build in builds if build.problem},
            not_run=not_run,
        )
    _print(console, report)
    if keep is not None:
        say(f"Databases, exports and logs are in {folder}.")
    elif report.failed or report.differing:
        say("Run it with --keep DIR to have its databases, exports and logs left there.")
    if target is not None and target.name not in not_run:
        say(
            f"On target '{target.name}' the schemas that begin with {_own_schema(target)} hold "
            "what was built: drop them when you are done with them."
        )
    return report


def _refuse_what_is_only_compiled(names: Sequence[str]) -> None:
    for name in names:
        if catalog.get(name).proof == "compiled":
            raise SegmentationError(
                f"Nothing can be built on '{name}' here: its models are only compiled. To compare "
                "a warehouse of your own, name its target of profiles.yml with --target."
            )


def _lines(references: Mapping[str, Build], builds: Sequence[Build]) -> Iterator[Line]:
    """Every mart of every build against the reference, by data, mart and engine."""
    for data, reference in references.items():
        manifest = json.loads(reference.manifest.read_text(encoding="utf-8"))
        for mart in read_marts(manifest):
            file = f"{mart.name}.parquet"
            for build in builds:
                if build.data != data:
                    continue
                ours, theirs = reference.exports / file, build.exports / file
                if build is reference:
                    rows = _count(ours)
                    problem = None if ours.is_file() else f"{REFERENCE} did not build {mart.name}"
                    found = Difference(rows=rows, reference_rows=rows, problem=problem)
                else:
                    names = (REFERENCE, build.engine)
                    found = compare_exports(mart, ours, theirs, names=names)
                yield Line(data, mart.name, build.engine, found)


def verdict(report: Report, *, named: bool) -> str | None:
    """Why the command fails, as a sentence; None if it doesn't.

    Args:
        report: what came out.
        named: whether the engines were asked for by name, so that one that could not be run is a
            failure too.
    """
    parts = []
    changed = [line for line in report.differing if line.difference.differing]
    if changed:
        rows = sum(line.difference.differing for line in changed)
        marts = len({(line.data, line.mart) for line in changed})
        parts.append(
            f"{rows:,} row{_s(rows)} of {marts} mart{_s(marts)} differ from {REFERENCE} "
            f"on {_engines(changed)}"
        )
    incomplete = [line for line in report.differing if line.difference.problem]
    if incomplete:
        marts = len({(line.data, line.mart) for line in incomplete})
        parts.append(
            f"{marts} mart{_s(marts)} could not be compared in full on {_engines(incomplete)}"
        )
    if report.failed:
        parts.append(f"{', '.join(report.failed)} failed")
    nothing = {build.engine for build in report.builds} == {REFERENCE}
    if report.not_run and (named or nothing):
        parts.append(f"{', '.join(report.not_run)} could not be run")
    return "; ".join(parts) + ": the lines above say where and why." if parts else None


def _engines(lines: Sequence[Line]) -> str:
    return ", ".join(dict.fromkeys(line.engine for line in lines))


# Builds ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What is the same for every engine."""

    root: Path
    folder: Path
    data: Sequence[str]
    lines: Path | None
    tests: bool
    console: Console


def _build_all(plan: _Plan, ready: catalog.Ready, prefix: str | None = None) -> list[Build]:
    """Every data set on an engine that is up, each in schemas or a file of its own."""
    return [_build(plan, ready, data, prefix) for data in plan.data]


def _build(plan: _Plan, ready: catalog.Ready, data: str, prefix: str | None) -> Build:
    name = ready.target
    folder = plan.folder / name / data
    adapter = str(ready.output["type"])
    settings: dict[str, Any] = {}
    schema = f"{prefix}_{data}" if prefix else data
    if prefix is None and adapter == "duckdb":
        settings["path"] = str(folder / f"{data}.duckdb")
        schema = "main"
    else:
        # BigQuery's own word for it, in the profiles that use it
        settings["dataset" if "dataset" in ready.output else "schema"] = schema
    for left_over in (folder / f"{data}.duckdb", *folder.glob("export/*.parquet")):
        left_over.unlink(missing_ok=True)

    environ = {SCHEMA_VARIABLE: f"{schema}_raw"}
    raw = None
    if data == ONLINE_RETAIL and plan.lines is not None:
        environ[FILE_VARIABLE] = str(plan.lines)
        output = Output(name, ready.output, plan.root)
        raw = str(plan.lines) if needs_loading(output) else None
    job = Job(
        ready,
        folder,
        root=plan.root,
        settings=settings,
        data=data,
        tests=plan.tests,
        environ=environ,
        raw=raw,
    )
    build = Build(
        data=data,
        engine=name,
        exports=job.exports,
        manifest=job.manifest,
        result=_work(plan.console, f"{data} on {name}", job),
    )
    nodes = sum((build.result.get("statuses") or {}).values())
    seconds = build.result.get("seconds") or {}
    rows = sum((build.result.get("rows") or {}).values())
    version = (build.result.get("versions") or {}).get("engine")
    title = f"{_title(build)} {version}" if version else _title(build)
    _sayer(plan.console)(
        f"{title}: {nodes:,} nodes in {seconds.get('build', 0):.0f} s, "
        f"{rows:,} rows of {len(build.result.get('rows') or {})} marts exported"
        + (f"; {build.problem}." if build.problem else ".")
    )
    return build


def _work(console: Console, title: str, job: Job) -> Mapping[str, Any]:
    """Do the job with a line of progress; what its worker said at the end."""
    progress = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress, job.started(stdout=subprocess.PIPE) as process:
        line = progress.add_task(f"{title}: starting", total=None)
        for text in process.stdout or ():
            event = json.loads(text)
            if "phase" in event:
                progress.update(line, description=f"{title}: {event['phase']}", total=None)
            else:
                progress.update(
                    line,
                    completed=event["done"],
                    total=event["total"],
                    description=f"{title}: building {event['name']}",
                )
    return job.result(process)


def _own_target(target: Output, say: Callable[[str], None]) -> catalog.Ready:
    """The user's target as an engine that is up."""
    name = catalog.environment_of(target.adapter)
    if importlib.util.find_spec(f"dbt.adapters.{target.adapter}"):
        name = environments.CORE
    engine = catalog.Engine(target.name, target.name, name, target.adapter)
    environment = environments.ensure(name, say, root=target.root)
    return catalog.Ready(engine, environment, target.settings, dict(os.environ))


def _own_schema(target: Output) -> str:
    """What the schemas of a comparison begin with on the user's target."""
    return target.schema(OWN_SCHEMA)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _title(build: Build) -> str:
    return f"{build.data} on {build.engine}"


def _sayer(console: Console) -> Callable[[str], None]:
    def say(sentence: str) -> None:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    return say


def _print(console: Console, report: Report) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("data", no_wrap=True)
    table.add_column("mart", no_wrap=True)
    table.add_column("engine", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("differing", justify="right", no_wrap=True)
    table.add_column("first differences", overflow="fold")
    for line in report.lines:
        cells = [escape(cell) for cell in _cells(line.difference)]
        if not line.difference.same:
            cells[1] = f"[red]{cells[1]}[/red]"
        table.add_row(line.data, line.mart, line.engine, *cells)
    console.print()
    console.print(table)
    console.print()
    compared = [line for line in report.lines if line.engine != REFERENCE]
    if compared and not report.differing and not report.failed:
        rows = sum(line.difference.rows or 0 for line in compared)
        names = list(dict.fromkeys(line.engine for line in compared))
        console.print(
            f"[bold]No row differs[/bold] from {REFERENCE}: {rows:,} rows compared, "
            f"on {', '.join(names)}.",
            highlight=False,
            soft_wrap=True,
        )
    for name, reason in report.failed.items():
        console.print(f"[red]{name} failed:[/red] {escape(reason)}.", soft_wrap=True)
    for name, reason in report.not_run.items():
        console.print(
            f"[yellow]{name} could not be run:[/yellow] {escape(reason)}.", soft_wrap=True
        )


def _cells(difference: Difference) -> list[str]:
    """Rows, differing rows and first differences as text."""
    told = list(difference.first)
    if difference.columns:
        counts = ", ".join(f"{name} {count:,}" for name, count in difference.columns.items())
        told.insert(0, f"({counts})")
    if difference.problem:
        told.insert(0, difference.problem)
    rows = "-" if difference.rows is None else f"{difference.rows:,}"
    compared = difference.rows is not None and difference.reference_rows is not None
    return [rows, f"{difference.differing:,}" if compared else "-", "; ".join(told)]


# Rows -------------------------------------------------------------------------------------------


def read_marts(manifest: Mapping[str, Any]) -> list[Mart]:
    """Every model under models/marts, with the key that its meta or its tests state.

    The key is `config.meta.key`, else the columns of a `unique_combination` test, else a column
    with a `unique` test; none if there is neither. Tests of a part of the rows don't count.
    """
    return [
        Mart(
            name=name,
            key=_key(node, manifest),
            types={
                column.lower(): (settings["data_type"] or "").lower()
                for column, settings in node["columns"].items()
            },
        )
        for name, node in sorted(marts_of(manifest).items())
    ]


def _key(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> tuple[str, ...]:
    stated = node["config"]["meta"].get("key")
    if stated:
        return (stated,) if isinstance(stated, str) else tuple(stated)
    tests = [
        test
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and test.get("attached_node") == node["unique_id"]
        and test.get("test_metadata")
        and not test["config"].get("where")
    ]
    for test in tests:
        if test["test_metadata"]["name"] == "unique_combination":
            return tuple(test["test_metadata"]["kwargs"]["columns"])
    for test in tests:
        if test["test_metadata"]["name"] == "unique":
            return (test["column_name"],)
    return ()


def compare_exports(
    mart: Mart,
    reference: Path,
    other: Path,
    *,
    names: tuple[str, str] = ("reference", "other"),
    first: int = FIRST,
) -> Difference:
    """Compare two exports of one mart row by row.

    Rows are matched by the mart's key, or, without one, by all columns that aren't doubles; rows
    with the same key are told apart by counting them. NULL equals NULL and no empty text. Decimals
    are compared as decimals (1.5 is 1.50), timestamps as timestamps, doubles to a relative 1e-9,
    and everything else as the text that the engine wrote.

    Args:
        mart: key and types.
        reference: Parquet of text columns; a file that isn't there is a mart that is missing.
        other: the same of the other engine.
        names: what the two are called in the result's sentences.
        first: how many differing rows are described.

    Returns:
        The numbers of rows and the first differences.
    """
    paths = dict(zip(names, (reference, other), strict=True))
    missing = [name for name, path in paths.items() if not path.is_file()]
    if missing:
        reference_rows, rows = (_count(path) for path in paths.values())
        return Difference(
            rows=rows,
            reference_rows=reference_rows,
            problem=f"{' and '.join(missing)} did not build {mart.name}",
        )
    with duckdb.connect() as connection:
        return _compare(connection, mart, (reference, other), names, first)


def _count(path: Path) -> int | None:
    if not path.is_file():
        return None
    with duckdb.connect() as connection:
        return len(connection.read_parquet(str(path)))


def _compare(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    paths: tuple[Path, Path],
    names: tuple[str, str],
    first: int,
) -> Difference:
    left, right = (connection.read_parquet(str(path)).columns for path in paths)
    columns = [column for column in left if column in right]
    types = [mart.types.get(column, "") for column in columns]
    places = range(len(columns))
    key = [columns.index(column) for column in mart.key if column in columns]
    if not key or len(key) < len(mart.key):
        key = [place for place in places if types[place] not in DOUBLES]
    values = [place for place in places if place not in key]

    # c0, c1 ... are what is compared, t0, t1 ... what the engine wrote
    for name, path in zip("lr", paths, strict=True):
        cells = [
            f"{_canonical(_quoted(columns[place]), types[place])} as c{place}, "
            f"{_quoted(columns[place])} as t{place}"
            for place in places
        ]
        connection.read_parquet(str(path)).project(", ".join(cells)).create_view(f"{name}_cells")
        connection.execute(
            f"""
            create view {name} as
            select
                *,
                row_number() over (
                    partition by {_listed("c", key) or "1"} order by {_listed("c", values) or "1"}
                ) as occurrence
            from {name}_cells
            """  # noqa: S608
        )
    same_key = "".join(f" and l.c{place} is not distinct from r.c{place}" for place in key)
    differs = [f"{_differs(place, types[place])} as d{place}" for place in values]
    texts = [f"{name}.t{place} as {name}{place}" for place in places for name in "lr"]
    flags = ["l.occurrence is not null as in_l", "r.occurrence is not null as in_r"]
    connection.execute(
        f"""
        create temp table joined as
        select {", ".join([*flags, *texts, *differs])}
        from l full outer join r on l.occurrence = r.occurrence{same_key}
        """  # noqa: S608
    )
    changed = " or ".join(["false", *(f"d{place}" for place in values)])
    conditions = [
        "in_l",
        "in_r",
        "not in_r",
        "not in_l",
        f"in_l and in_r and ({changed})",
        *(f"in_l and in_r and d{place}" for place in values),
    ]
    counted = ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
    found = connection.execute(f"select {counted} from joined").fetchall()[0]  # noqa: S608
    reference_rows, rows, only_in_reference, only_here, changed_rows, *by_column = found
    rest = connection.execute(
        f"""
        select * from joined
        where not in_l or not in_r or {changed}
        order by {", ".join(f"coalesce(l{place}, r{place})" for place in key) or "1"}
        limit {first}
        """  # noqa: S608
    )
    described = [str(column[0]) for column in rest.description or ()]
    return Difference(
        rows=rows,
        reference_rows=reference_rows,
        differing=only_in_reference + only_here + changed_rows,
        only_in_reference=only_in_reference,
        only_here=only_here,
        columns={
            columns[place]: count for place, count in zip(values, by_column, strict=True) if count
        },
        first=tuple(
            _describe(dict(zip(described, row, strict=True)), columns, key, values, names)
            for row in rest.fetchall()
        ),
        problem=_column_problem(left, right, names),
    )


def _canonical(column: str, data_type: str) -> str:
    """A text that two values of the type share if and only if they are equal."""
    if data_type.startswith(("numeric", "decimal")):
        return f"coalesce(cast(try_cast({column} as {_wide(data_type)}) as varchar), {column})"
    if data_type == "timestamp":
        return f"coalesce(cast(try_cast({column} as timestamp) as varchar), {column})"
    return column


def _wide(data_type: str) -> str:
    """A decimal that holds every value of numeric(p, s), and more places than any engine writes."""
    numbers = [int(number) for number in re.findall(r"\d+", data_type)]
    precision, scale = (*numbers, 0)[:2] if numbers else (19, 0)
    return f"decimal(38, {38 - (precision - scale)})"


def _differs(place: int, data_type: str) -> str:
    """Whether the two values of a row that is on both sides are different."""
    if data_type not in DOUBLES:
        return f"l.c{place} is distinct from r.c{place}"
    left, right = f"try_cast(l.c{place} as double)", f"try_cast(r.c{place} as double)"
    return f"""
        case
            when {left} is null or {right} is null then l.c{place} is distinct from r.c{place}
            when not isfinite({left}) or not isfinite({right}) then {left} <> {right}
            else abs({left} - {right}) > {TOLERANCE} * greatest(abs({left}), abs({right}))
        end
    """


def _column_problem(
    left: Sequence[str], right: Sequence[str], names: tuple[str, str]
) -> str | None:
    parts = [
        f"only {name} has {', '.join(alone)}"
        for name, alone in (
            (names[0], [column for column in left if column not in right]),
            (names[1], [column for column in right if column not in left]),
        )
        if alone
    ]
    return "; ".join(parts) or None


def _describe(
    row: Mapping[str, Any],
    columns: Sequence[str],
    key: Sequence[int],
    values: Sequence[int],
    names: tuple[str, str],
) -> str:
    """One differing row in a line: key: column: left | right."""
    side = "l" if row["in_l"] else "r"
    where = ", ".join(_shown(row[f"{side}{place}"])[0] for place in key)
    if not (row["in_l"] and row["in_r"]):
        return f"{where}: only in {names[0] if row['in_l'] else names[1]}"
    wrong = [place for place in values if row[f"d{place}"]]
    told = [
        f"{columns[place]}: {' | '.join(_shown(row[f'l{place}'], row[f'r{place}']))}"
        for place in wrong[:SHOWN_COLUMNS]
    ]
    if len(wrong) > SHOWN_COLUMNS:
        told.append(f"and {len(wrong) - SHOWN_COLUMNS} more columns")
    return f"{where}: {'; '.join(told)}"


def _shown(*values: str | None) -> list[str]:
    """Values as a message shows them; long ones from where they begin to differ."""
    texts = [value for value in values if value is not None]
    start = 0
    if len(texts) > 1 and max(map(len, texts)) > SHOWN_CHARACTERS:
        start = max(0, _common_length(texts) - SHOWN_CHARACTERS // 4)
    shown = []
    for value in values:
        if value is None:
            shown.append("NULL")
            continue
        part = value[start : start + SHOWN_CHARACTERS]
        before, after = "…" if start else "", "…" if len(value) > start + len(part) else ""
        shown.append(f"{before}{part}{after}" if value.strip() == value != "" else f"'{value}'")
    return shown


def _common_length(texts: Sequence[str]) -> int:
    """How many characters the texts begin with alike."""
    for place, characters in enumerate(zip(*texts, strict=False)):
        if len(set(characters)) > 1:
            return place
    return min(map(len, texts))


def _listed(letter: str, places: Sequence[int]) -> str:
    return ", ".join(f"{letter}{place}" for place in places)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

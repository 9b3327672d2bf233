"""The command line: `segmentation --help`."""

import os
import signal
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from segmentation import __version__
from segmentation.dbt_runner import Output, find_profiles_dir, find_project_root, read_output
from segmentation.errors import SegmentationError
from segmentation.explain import print_explanation
from segmentation.presets import SAMPLE, preset_names
from segmentation.problems import hand_over
from segmentation.sample import DEFAULT_PEOPLE, DEFAULT_SEED, write_sample
from segmentation.summary import Language, print_summary

console = Console()
error_console = Console(stderr=True)


class SentenceGroup(TyperGroup):
    """Commands whose errors are sentences on stderr, and whose exit code is then 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; print an error instead of its traceback, unless --debug."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            usage_error = type(error).__module__.split(".")[0] in {"click", "typer"}
            # click ends quietly when whoever reads the output, such as head, has had enough
            if usage_error or isinstance(error, BrokenPipeError) or ctx.params.get("debug"):
                raise
            message = str(error).strip()
            if not isinstance(error, SegmentationError):
                message = (
                    f"Something went wrong that has no better explanation yet "
                    f"({type(error).__name__}: {message}). "
                    "Run it as 'segmentation --debug ...' to see where."
                )
            error_console.print(f"[red]Error:[/red] {escape(message)}", soft_wrap=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class DataSet(StrEnum):
    """What compare-engines can build."""

    SAMPLE = "sample"
    ONLINE_RETAIL = "online-retail"


AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="The day the result speaks for: what happened before it is known, the rest isn't.",
    ),
]
Target = Annotated[
    str | None,
    typer.Option("--target", "-t", help="A target of profiles.yml; its default if not given."),
]
Lang = Annotated[
    Language, typer.Option("--lang", "--language", help="Labels in English or Chinese.")
]
Database = Annotated[
    Path | None,
    typer.Option("--database", help="A DuckDB file instead of the target's database."),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="dbt's own lines instead of the progress bar.")
]
DbtArgs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[-- DBT OPTIONS]", help="Passed on to dbt build, after a '--'."),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        console.print(f"segmentation {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def main(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Customer segmentation in your warehouse: orders and contacts in, explained segments out.

    The models are plain dbt: [bold]dbt build[/bold], [bold]dbt test[/bold] and
    [bold]dbt docs generate[/bold] work in this folder without this command. It adds the right
    vars, the sample data, a reader for Online Retail II, a summary, a benchmark, and the proof
    that every engine gives the same rows.

    [bold]Start here[/bold]

      segmentation build                        the sample, in a few seconds
      segmentation summary                      look at the result again
      segmentation explain CUSTOMER_ID          why a customer is in its segments
      segmentation build --as-of 2025-07-01     the same company, a year earlier
      segmentation online-retail FILE.xlsx      a real shop's 1,067,371 invoice lines
      segmentation build --help                 your own data, and more
    """
    # as Ctrl-C does: servers that were started are stopped, temporary folders removed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@app.command()
def build(
    inputs: Annotated[
        str,
        typer.Option(
            "--inputs",
            "-i",
            help=f"Which data: {', '.join(preset_names())}. 'files' reads Parquet or CSV files "
            "in the shape of the input contracts, from the folder that SEGMENTATION_FILES names; "
            "on a server, tables in the schema that SEGMENTATION_SOURCE_SCHEMA names (raw).",
        ),
    ] = SAMPLE,
    target: Target = None,
    as_of: AsOf = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", help="A dbt selector, e.g. +customers. May be repeated."),
    ] = None,
    var: Annotated[
        list[str] | None,
        typer.Option(
            "--var",
            metavar="NAME=VALUE",
            help="A var of dbt_project.yml for this run; the value is YAML. May be repeated.",
        ),
    ] = None,
    lang: Lang = "en",
    verbose: Verbose = False,
    dbt_args: DbtArgs = None,
) -> None:
    """Run every model and every test, then show the summary.

    [bold]Examples[/bold]

      segmentation build
      segmentation build --as-of 2025-07-01
      segmentation build --var rfm_preset=rfm_r --var activity_active_days=60
      segmentation build --select +customers -- --full-refresh
      segmentation build --target postgres
      SEGMENTATION_FILES=my/folder segmentation build --inputs files --target prod

    Your own tables in the warehouse need no preset: see models/staging/README.md.
    """
    from segmentation import build as building

    root = find_project_root()
    output = building.build(
        console,
        root=root,
        inputs=inputs,
        target=target,
        as_of=as_of.date() if as_of else None,
        variables=_parse_vars(var or []),
        select=select or [],
        dbt_args=dbt_args or [],
        verbose=verbose,
    )
    _summarise(output, lang, partial=bool(select or dbt_args))


@app.command()
def summary(
    target: Target = None,
    database: Database = None,
    as_of: AsOf = None,
    lang: Lang = "en",
    segmentation: Annotated[
        list[str] | None,
        typer.Option(
            "--segmentation", "-s", metavar="ID", help="Only this segmentation; may be repeated."
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every segmentation, not the first few.")
    ] = False,
) -> None:
    """Show what the last build found: segments, revenue, rejected rows, reconciliation.

    Reads the target's database, whatever the engine, and changes nothing. With a history in it,
    the latest day is shown.

    [bold]Examples[/bold]

      segmentation summary
      segmentation summary --all
      segmentation summary -s value_tier -s churn_risk
      segmentation summary --lang zh
      segmentation summary --target online_retail
      segmentation summary --target postgres
    """
    root = find_project_root()
    output = read_output(root, find_profiles_dir(root), target)
    hand_over(output)
    print_summary(
        console,
        output,
        database=database.resolve() if database else None,
        as_of=as_of.date() if as_of else None,
        language=lang,
        only=segmentation or (),
        everything=everything,
    )


@app.command()
def audiences(
    target: Target = None,
    database: Annotated[
        Path | None,
        typer.Option("--database", help="A DuckDB file instead of the target's database."),
    ] = None,
    as_of: AsOf = None,
    lang: Lang = "en",
    reference: Annotated[
        bool,
        typer.Option(
            "--reference",
            help="Instead, write docs/guides/audiences-reference.md anew: everything that a rule "
            "may say, from the code.",
        ),
    ] = False,
) -> None:
    """List the audiences of the last build: id, label, size, owner, expiry.

    Their rules are in the var 'audiences' of dbt_project.yml; docs/guides/audiences.md says how to
    write one.

    [bold]Examples[/bold]

      segmentation audiences
      segmentation audiences --lang zh
      segmentation audiences --reference
    """
    from segmentation import audiences as listing

    root = find_project_root()
    profiles_dir = find_profiles_dir(root)
    output = read_output(root, profiles_dir, target)
    hand_over(output)
    if reference:
        page = listing.reference_page(
            listing.read_grammar(root, profiles_dir, output.name),
            listing.worded_segments(root / "seeds" / "reference"),
        )
        path = root / listing.REFERENCE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
        _say(f"The reference is written to {path}.")
        return
    listing.print_audiences(
        console,
        output,
        database=database.resolve() if database else None,
        as_of=as_of.date() if as_of else None,
        language=lang,
    )


@app.command()
def explain(
    customer: Annotated[
        str,
        typer.Argument(
            metavar="CUSTOMER_ID",
            help="As in marts.customers, or as much of its beginning as is no other customer's.",
        ),
    ],
    segmentation: Annotated[
        list[str] | None,
        typer.Option("--segmentation", "-s", help="Only this one, e.g. rfm. May be repeated."),
    ] = None,
    target: Target = None,
    database: Database = None,
    as_of: AsOf = None,
    lang: Lang = "en",
    json: Annotated[
        bool, typer.Option("--json", help="A list of objects, one per segmentation, for programs.")
    ] = False,
) -> None:
    """Say why a customer is in each of its segments, and the least that would move it.

    Facts, the branch of the rule that held, the nearest other segment and what leads there: so many
    orders, so much money, or so long without an order. It holds when nothing else happens. Reads
    marts.segment_explanations of the last build, whatever the engine, and changes nothing; with
    --as-of it refuses any other day.

    [bold]Examples[/bold]

      segmentation explain 0009af2d176d80c6be4c89f89a38bb21
      segmentation explain 0009af --segmentation rfm --segmentation lifecycle
      segmentation explain 0009af --lang zh
      segmentation explain 0009af --json --target postgres
    """
    root = find_project_root()
    output = read_output(root, find_profiles_dir(root), target)
    hand_over(output)
    print_explanation(
        console,
        output,
        customer,
        segmentations=segmentation or [],
        database=database.resolve() if database else None,
        as_of=as_of.date() if as_of else None,
        language=lang,
        as_json=json,
    )


@app.command()
def sample(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write to; seeds/sample if not given."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed, the same bytes.")
    ] = DEFAULT_SEED,
    people: Annotated[
        int, typer.Option("--people", min=500, help="How many people the company knows.")
    ] = DEFAULT_PEOPLE,
) -> None:
    """Write the sample data: a web shop, store tills and a CRM that share their customers.

    The committed sample is the default; `git diff seeds/sample` is empty after it.

    [bold]Examples[/bold]

      segmentation sample
      segmentation sample --people 20000 --seed 7 --out bigger
    """
    folder = out or find_project_root() / "seeds" / "sample"
    report = write_sample(folder, seed, people)
    for name, file in report.files.items():
        _say(f"  {name:<24} {file.rows:>7,} rows")
    _say(f"The sample is written to {folder}.")
    if out:
        _say("'segmentation build' reads seeds/sample: copy the files there to use them.")


@app.command("online-retail")
def online_retail(
    path: Annotated[
        Path, typer.Argument(help="The publisher's .xlsx, a .parquet of it, or their folder.")
    ],
    target: Target = "online_retail",
    lang: Lang = "en",
    verbose: Verbose = False,
) -> None:
    """Build from Online Retail II: two years of invoices of a British gift wholesaler.

    It is data set 502 of the UCI Machine Learning Repository (CC BY 4.0). The result goes to a
    database of its own, target online_retail of profiles.yml. On a Postgres target the lines are
    first loaded into the table raw.lines, and the result replaces what that target holds.

    [bold]Examples[/bold]

      segmentation online-retail ~/Downloads/online_retail_II.xlsx
      segmentation summary --target online_retail
      segmentation online-retail ~/Downloads/online_retail_II.xlsx --target postgres
    """
    from segmentation import build as building
    from segmentation.online_retail import FILE_VARIABLE, load, needs_loading, prepare

    root = find_project_root()
    before = read_output(root, find_profiles_dir(root), target)
    hand_over(before)
    prepared = prepare(path.expanduser(), root / "data", say=_say)
    os.environ[FILE_VARIABLE] = str(prepared)
    if needs_loading(before):
        load(prepared, before, say=_say)
    output = building.build(
        console,
        root=root,
        inputs="online_retail",
        target=target,
        verbose=verbose,
    )
    _summarise(output, lang)


@app.command()
def bench(
    orders: Annotated[int, typer.Option("--orders", min=1000, help="Orders.")] = 20_000_000,
    customers: Annotated[int, typer.Option("--customers", min=100, help="Customers.")] = 1_000_000,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here too.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads of DuckDB.")] = 2,
    memory_limit: Annotated[
        str, typer.Option("--memory-limit", help="Memory that DuckDB may use.")
    ] = "5GB",
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="DIR",
            help="Keep the generated files and the database here, and use them again next time.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Other made-up orders.")] = 1,
) -> None:
    """Time the models on made-up orders, against one hand-written query for the same answer.

    Prints seconds, peak memory and the ratio, over all and per model. The default size takes some
    minutes and about 2 GB of disk.

    [bold]Examples[/bold]

      segmentation bench --orders 1000000 --customers 50000
      segmentation bench --keep bench --json bench/result.json
    """
    from segmentation import bench as benchmark

    benchmark.run(
        orders=orders,
        customers=customers,
        json_path=json,
        threads=threads,
        memory_limit=memory_limit,
        keep=keep,
        seed=seed,
    )


@app.command("compare-engines")
def compare_engines(
    engine: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            "-e",
            metavar="NAME",
            help="An engine to compare with DuckDB. May be repeated. If neither it nor --target is "
            "given: duckdb15, dbt112, postgres and spark, as far as this machine can run them.",
        ),
    ] = None,
    data: Annotated[
        list[DataSet] | None,
        typer.Option(
            "--data",
            help="What to build. May be repeated. If not given: the sample, and Online Retail II "
            "when its file is.",
        ),
    ] = None,
    online_retail: Annotated[
        Path | None,
        typer.Option(
            "--online-retail",
            metavar="FILE",
            help="Online Retail II: the publisher's .xlsx, a .parquet of it, or their folder.",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-t",
            help="A target of your profiles.yml as one more engine, in schemas of its own that "
            "begin with segmentation_compare.",
        ),
    ] = None,
    tests: Annotated[
        bool, typer.Option("--tests/--no-tests", help="Run data tests and unit tests too.")
    ] = True,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="Keep databases, exports and logs here."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the report here too.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the tables here too.")
    ] = None,
) -> None:
    """Build the same data on several engines and compare every mart with DuckDB's, row by row.

    Keys, text, days, times and decimals must be the same, doubles to a relative 1e-9. The exit
    code is 1 when a row differs, a build fails, or an engine that was named can't be run.
    Environments are made in .engines on first use; Postgres is started for the occasion.

    [bold]Examples[/bold]

      segmentation compare-engines
      segmentation compare-engines --engine postgres --engine spark --no-tests
      segmentation compare-engines -e postgres --online-retail online_retail_II.xlsx
      segmentation compare-engines --target my_warehouse
    """
    from segmentation.engines import compare

    chosen = set(data or (DataSet if online_retail else [DataSet.SAMPLE]))
    if (DataSet.ONLINE_RETAIL in chosen) != (online_retail is not None):
        raise SegmentationError(
            "Online Retail II is built from its file: give --online-retail FILE, and "
            "--data online-retail to build nothing else."
        )
    root = find_project_root()
    own = read_output(root, find_profiles_dir(root), target) if target else None
    report = compare.run(
        console,
        root=root,
        engines=engine or ([compare.REFERENCE] if own else []),
        online_retail=online_retail.expanduser() if online_retail else None,
        sample=DataSet.SAMPLE in chosen,
        target=own,
        tests=tests,
        keep=keep,
    )
    for path, text in ((json, report.as_json()), (markdown, report.as_markdown())):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            _say(f"The report is in {path}.")
    failure = compare.verdict(report, named=bool(engine or own))
    if failure:
        raise SegmentationError(failure)


@app.command("bench-engines")
def bench_engines(
    orders: Annotated[
        list[int] | None,
        typer.Option(
            "--orders",
            min=1000,
            help="How many orders. May be repeated. If not given: 10,000, 1 million, 10 million.",
        ),
    ] = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            "--engine", "-e", metavar="NAME", help="May be repeated; duckdb and spark if not given."
        ),
    ] = None,
    spark_master: Annotated[
        str | None,
        typer.Option("--spark-master", help="Where Spark runs, e.g. local-cluster[2,1,4096]."),
    ] = None,
    spark_memory: Annotated[
        str, typer.Option("--spark-memory", help="Memory of Spark's driver.")
    ] = "8g",
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here too.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="Keep files, databases and logs here."),
    ] = None,
) -> None:
    """Time all models on made-up orders of growing number, on DuckDB and on Spark.

    The smallest size shows what an engine takes for nothing, the growth between the sizes what it
    takes for the orders. The default takes some minutes on DuckDB and many on Spark.

    [bold]Examples[/bold]

      segmentation bench-engines --orders 10000 --orders 100000
      segmentation bench-engines --engine spark --spark-master "local-cluster[2,1,4096]"
    """
    from segmentation.engines import scale

    scale.run(
        console,
        sizes=orders or scale.SIZES,
        engines=engine or scale.ENGINES,
        spark_master=spark_master,
        spark_memory=spark_memory,
        json_path=json,
        keep=keep,
    )


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _summarise(output: Output, lang: Language, *, partial: bool = False) -> None:
    """The summary after a build; a partial build need not have everything it reads."""
    try:
        print_summary(console, output, language=lang)
    except SegmentationError:
        if not partial:
            raise


def _parse_vars(pairs: list[str]) -> dict[str, Any]:
    """NAME=VALUE pairs as vars, each value read as YAML (so 60 is a number, [a, b] a list)."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name.strip():
            raise SegmentationError(f"--var wants NAME=VALUE, e.g. rfm_preset=rfm_r, not '{pair}'.")
        try:
            values[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise SegmentationError(f"The value of --var {pair} can't be read as YAML.") from error
    return values

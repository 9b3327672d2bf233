"""The command line: `segmentation --help`."""

import os
from datetime import datetime
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
from segmentation.presets import SAMPLE, preset_names
from segmentation.sample import DEFAULT_PEOPLE, DEFAULT_SEED, write_sample
from segmentation.summary import Language, print_summary

# Which file the staging models of the preset online_retail read.
ONLINE_RETAIL_VARIABLE = "SEGMENTATION_ONLINE_RETAIL"

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
            if usage_error or ctx.params.get("debug"):
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
Lang = Annotated[Language, typer.Option("--lang", help="Labels in English or Chinese.")]
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
    vars, the sample data, a reader for Online Retail II, a summary and a benchmark.

    [bold]Start here[/bold]

      segmentation build                        the sample, in a few seconds
      segmentation summary                      look at the result again
      segmentation build --as-of 2025-07-01     the same company, a year earlier
      segmentation online-retail FILE.xlsx      a real shop's 1,067,371 invoice lines
      segmentation build --help                 your own data, and more
    """


@app.command()
def build(
    inputs: Annotated[
        str,
        typer.Option(
            "--inputs",
            "-i",
            help=f"Which data: {', '.join(preset_names())}. 'files' reads Parquet or CSV files "
            "in the shape of the input contracts, from the folder that SEGMENTATION_FILES names.",
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
    database: Annotated[
        Path | None,
        typer.Option("--database", help="Another DuckDB file than the target's."),
    ] = None,
    as_of: AsOf = None,
    lang: Lang = "en",
) -> None:
    """Show what the last build found: segments, revenue, rejected rows, reconciliation.

    Reads the database and changes nothing. With a history in it, the latest day is shown.

    [bold]Examples[/bold]

      segmentation summary
      segmentation summary --lang zh
      segmentation summary --target online_retail
    """
    root = find_project_root()
    output = read_output(root, find_profiles_dir(root), target)
    print_summary(
        console,
        output,
        database=database.resolve() if database else None,
        as_of=as_of.date() if as_of else None,
        language=lang,
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
    database of its own, target online_retail of profiles.yml.

    [bold]Examples[/bold]

      segmentation online-retail ~/Downloads/online_retail_II.xlsx
      segmentation summary --target online_retail
    """
    from segmentation import build as building
    from segmentation.online_retail import prepare

    root = find_project_root()
    prepared = prepare(path.expanduser(), root / "data", say=_say)
    os.environ[ONLINE_RETAIL_VARIABLE] = str(prepared)
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


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _summarise(output: Output, lang: Language, *, partial: bool = False) -> None:
    """The summary after a build; a partial build need not have everything it reads."""
    if output.adapter != "duckdb":
        marts = output.schema("marts")
        console.print(f"The result is in {marts}.segment_summary on target '{output.name}'.")
        return
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

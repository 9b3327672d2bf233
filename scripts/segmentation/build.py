"""`dbt build` with the vars of a preset, one line of progress and one verdict."""

import os
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from segmentation import dbt_runner
from segmentation.errors import SegmentationError
from segmentation.presets import SAMPLE, load_preset
from segmentation.problems import check_target, explain, hand_over

# Set by this command itself; a second value after `--` would silently win or lose.
RESERVED_ARGS = {
    "--vars": "--var NAME=VALUE",
    "--target": "--target",
    "-t": "--target",
    "--select": "--select",
    "-s": "--select",
    "--project-dir": "the folder you start it in",
    "--profiles-dir": "the environment variable DBT_PROFILES_DIR",
}
# A choice of resource types among the options of dbt: then the command makes none of its own.
RESOURCE_OPTIONS = ("--resource-type", "--exclude-resource-type")
# The preset that reads a folder of the user's own, into a target of its own.
FILES = "files"
FILES_VARIABLE = "SEGMENTATION_FILES"
FILES_FOLDER = "data/files"
# Other engines read tables that are there already.
READS_FILES = ("duckdb", "spark")
MANY = 8


def build(
    console: Console,
    *,
    root: Path,
    inputs: str = SAMPLE,
    target: str | None = None,
    as_of: date | None = None,
    variables: Mapping[str, Any] | None = None,
    select: Sequence[str] = (),
    dbt_args: Sequence[str] = (),
    verbose: bool = False,
) -> dbt_runner.Output:
    """Run `dbt build`, then say in a line what happened.

    Args:
        console: where progress and the verdict go.
        root: the folder of dbt_project.yml.
        inputs: the preset.
        target: a target of profiles.yml; its default if None.
        as_of: the var as_of_date; what the preset or the project says if None.
        variables: more vars; they win over the preset's.
        select: dbt selectors; everything if empty.
        dbt_args: more options of `dbt build`.
        verbose: dbt's own lines instead of the progress bar.

    Returns:
        The target that was built.

    Raises:
        SegmentationError: dbt could not start, or a model or a test failed.
    """
    for arg in dbt_args:
        if arg.split("=")[0] in RESERVED_ARGS:
            option = arg.split("=")[0]
            raise SegmentationError(
                f"{option} can't stand after '--': use {RESERVED_ARGS[option]} before it."
            )
    profiles_dir = dbt_runner.find_profiles_dir(root)
    if inputs == FILES:
        target = target or FILES
    output = dbt_runner.read_output(root, profiles_dir, target)
    if inputs == FILES and output.adapter in READS_FILES:
        check_files(root)
    hand_over(output)
    check_target(output)
    given = build_vars(inputs, as_of, variables)
    args = ["build", *(["--select", *select] if select else []), *dbt_args]
    if not any(arg.startswith(RESOURCE_OPTIONS) for arg in dbt_args):
        # Unit tests ask whether the SQL is right, whatever the data: `make test` runs them.
        args += ["--exclude-resource-type", "unit_test"]
    if not verbose:
        args = ["--log-level", "none", *args]  # the bar says what is to be said
    if not console.is_terminal:
        args.insert(0, "--no-use-colors")

    console.print(f"dbt build: inputs '{inputs}', target '{output.name}'", highlight=False)
    started = time.monotonic()
    with _Bar(console, hidden=verbose) as bar:
        result = dbt_runner.invoke(
            args,
            project_dir=root,
            profiles_dir=profiles_dir,
            vars=given,
            target=target,
            callbacks=[bar.on_event],
        )
    explanation = explain_failure(result, output)
    if explanation is None and bar.stopped_by:
        bar.show(bar.stopped_by)
    raise_on_failure(result, explanation)
    nodes = [node for node in result.nodes if node.resource_type != "operation"]
    if not nodes:
        raise SegmentationError(
            f"Nothing was built: no model, seed or test matches {' '.join([*select, *dbt_args])}."
        )
    seconds = time.monotonic() - started
    console.print(f"{len(nodes):,} models, seeds and tests passed in {seconds:.0f} s.")
    if result.warned:
        console.print(f"[yellow]Warnings:[/yellow] {_names(result.warned)}.")
    return output


def check_files(root: Path) -> None:
    """Whether the folder of the preset `files` is there, and an orders file in it.

    Args:
        root: the folder of dbt_project.yml; relative paths start here, as they do for dbt.

    Raises:
        SegmentationError: the folder is missing, or it holds no orders.
    """
    named = os.environ.get(FILES_VARIABLE, FILES_FOLDER)
    folder = root / named
    if not folder.is_dir():
        raise SegmentationError(
            f"There is no folder {named}: the environment variable {FILES_VARIABLE} names the "
            "folder of your orders, contacts and refunds."
        )
    extension = os.environ.get(f"{FILES_VARIABLE}_FORMAT", "parquet")
    if not list(folder.glob(f"orders*.{extension}")):
        raise SegmentationError(
            f"There is no orders.{extension} in {named}. (For CSV files set "
            f"{FILES_VARIABLE}_FORMAT=csv; the columns are in models/staging/README.md.)"
        )


def build_vars(
    inputs: str, as_of: date | None = None, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What `--vars` has to hold: the preset, then the day, then the user's own; the last wins."""
    given = load_preset(inputs)
    if as_of is not None:
        given["as_of_date"] = as_of.isoformat()
    return given | dict(variables or {})


def explain_failure(result: dbt_runner.DbtResult, output: dbt_runner.Output) -> str | None:
    """What the engine's refusal means, if it is one of the usual ones."""
    if result.success:
        return None
    said = [result.error or "", *(node.message for node in result.failed)]
    return next(filter(None, (explain(message, output) for message in said)), None)


def raise_on_failure(result: dbt_runner.DbtResult, explanation: str | None = None) -> None:
    """Turn an unsuccessful run into one sentence; the details are on the screen already.

    Args:
        result: of the run.
        explanation: what hindered it, where that is known.

    Raises:
        SegmentationError: the run wasn't successful.
    """
    if result.success:
        return
    failed = [node for node in result.failed if node.resource_type != "operation"]
    if failed:
        raise SegmentationError(
            f"dbt build: {len(failed):,} of {len(result.nodes):,} models, seeds and tests failed: "
            f"{_names(failed)}. "
            f"{explanation or 'What each one said is above, and in logs/dbt.log.'}"
        )
    raise SegmentationError(
        explanation or "dbt build stopped: its reason is above, and in logs/dbt.log."
    )


def _names(nodes: Sequence[dbt_runner.NodeResult]) -> str:
    shown = ", ".join(node.name for node in nodes[:MANY])
    more = len(nodes) - MANY
    return f"{shown} and {more} more" if more > 0 else shown


class _Bar:
    """One line of progress on a terminal, nothing in a log file; errors and macros' words, always.

    dbt prints nothing itself meanwhile, as it would add the traceback of what it doesn't know.
    """

    def __init__(self, console: Console, *, hidden: bool) -> None:
        self.hidden = hidden
        self.stopped_by = ""  # what ended the whole run, rather than one node
        self.progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=hidden or not console.is_terminal,
        )
        self.task = self.progress.add_task("reading the project", total=None)

    def __enter__(self) -> "_Bar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def show(self, message: str) -> None:
        """Print what dbt said, colours included, above the bar."""
        self.progress.console.print(Text.from_ansi(message.rstrip()), soft_wrap=True)

    def on_event(self, event: Any) -> None:
        if self.hidden:
            return
        name = event.info.name
        if name == "MainEncounteredError":
            self.stopped_by = event.info.msg
        elif name == "JinjaLogInfo" or (event.info.level == "error" and name != "MainStackTrace"):
            self.show(event.info.msg)
        if not name.endswith("Result"):
            return
        # models and seeds count themselves in one field, tests in another
        total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0)
        if total:
            node = event.data.node_info.node_name
            self.progress.update(self.task, advance=1, total=total, description=node)

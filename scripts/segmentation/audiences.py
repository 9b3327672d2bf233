"""The audiences of the last build in a table, and the page of everything a rule may say.

The page is made from the macros that check and compile the rules, so that it can't say anything
else than they do.
"""

import contextlib
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from segmentation import dbt_runner
from segmentation.dbt_runner import Output
from segmentation.errors import SegmentationError
from segmentation.summary import Language, Reader
from segmentation.warehouse import open_target

SEGMENTATION = "audience"
REFERENCE = Path("docs/guides/audiences-reference.md")
# a field that shows the operators of each type, and one for an operator that wants another
EXAMPLES = {
    "number": "order_count",
    "text": "city",
    "date": "registered_date",
    "boolean": "has_marketing_consent",
    "has_tag": "tags",
}
# what is asked of a field in its own example, by how its name ends, else by its type
QUESTIONS = {
    "_share": "at_least: 0.5",
    "_days": "at_most: 30",
    "_count": "at_least: 2",
    "_score": "at_least: 4",
    "_ratio": "at_least: 2",
    "_entropy": "more_than: 0.5",
    "number": "more_than: 100",
    "text": "is_known: true",
    "date": "on_or_after: {days_ago: 30}",
    "boolean": "is: true",
}


def print_audiences(
    console: Console,
    output: Output,
    *,
    database: Path | None = None,
    as_of: date | None = None,
    language: Language = "en",
) -> None:
    """Print the audiences of one as_of_date, by default the latest that was built.

    Args:
        console: where to print.
        output: the target of profiles.yml, which names the schemas and the database.
        database: a DuckDB file instead of the target's database.
        as_of: one of the days in the database.
        language: which labels to show.

    Raises:
        SegmentationError: no database, no way into it, no marts in it, or no such day.
    """
    with open_target(output, database=database) as warehouse:
        reader = Reader(warehouse, output)
        day = reader.choose_day(as_of)
        sizes = {
            row["segment_id"]: row
            for row in reader.segments(day)
            if row["segmentation_id"] == SEGMENTATION
        }
        audiences = sorted(
            reader.rows("*", "intermediate", "int_audiences"), key=itemgetter("audience_rank")
        )
    if not audiences:
        console.print("There are no audiences: the var 'audiences' is empty.", highlight=False)
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("audience", no_wrap=True)
    table.add_column("label")  # the only one that gives way on a narrow screen
    for heading in ("customers", "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("owner", "expires"):
        table.add_column(heading, no_wrap=True)
    for audience in audiences:
        size = sizes[audience["audience_id"]]
        expires = audience["expires_date"]
        is_over = expires is not None and expires <= day
        table.add_row(
            audience["audience_id"],
            audience[f"label_{language}"],
            f"{size['customer_count']:,}",
            f"{float(size['customer_share']):.1%}",
            audience["owner"],
            "never" if expires is None else f"{expires}, over" if is_over else str(expires),
        )
    console.print(
        f"\n[bold]{len(audiences)} audiences at {day}[/bold]. A customer can be in several; shares "
        "are of all customers.\n",
        highlight=False,
        soft_wrap=True,
    )
    console.print(table)
    marts = output.schema("marts")
    console.print(
        f"\nMembers, with their consent, are in {marts}.audience_members, definitions in "
        f"{marts}.segments.",
        highlight=False,
        soft_wrap=True,
    )


def read_grammar(root: Path, profiles_dir: Path, target: str | None = None) -> dict[str, Any]:
    """What the macro audience_reference returns: every part, subject, operator and field.

    Raises:
        SegmentationError: dbt can't read the project.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # dbt prints what it compiles
        result = dbt_runner.invoke(
            ["--quiet", "compile", "--inline", "{{ tojson(segmentation.audience_reference()) }}"],
            project_dir=root,
            profiles_dir=profiles_dir,
            target=target,
        )
    if not result.success:
        said = [node.message for node in result.failed]
        raise SegmentationError("\n".join(said) or str(result.error))
    grammar: dict[str, Any] = json.loads(result.raw.results[0].node.compiled_code)
    return grammar


def worded_segments(folder: Path) -> dict[str, list[str]]:
    """Per segmentation the ids of its segments, from the seeds in the folder."""
    segments: dict[str, list[str]] = {}
    with (folder / "segment_labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            segments.setdefault(row["segmentation_id"], []).append(row["segment_id"])
    with (folder / "channels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            segments.setdefault(f"{row['channel_kind']}_channel", []).append(row["channel_id"])
    return segments


def reference_page(grammar: Mapping[str, Any], segments: Mapping[str, Sequence[str]]) -> str:
    """The page as Markdown, from what `read_grammar` and `worded_segments` give."""
    return "\n".join(_lines(grammar, segments)) + "\n"


def _lines(grammar: Mapping[str, Any], segments: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield from (
        "# Audiences: every part, condition, operator and field",
        "",
        "Written by `segmentation audiences --reference` from the code that checks and compiles "
        "rules. How to write one: [Audiences](audiences.md).",
        "",
        "## Parts of an audience",
        "",
    )
    yield from _table(
        ("part", "needed", "what it is"),
        (
            (f"`{name}`", "yes" if part["required"] else "", part["says"])
            for name, part in grammar["parts"].items()
        ),
    )
    yield from ("", "## Conditions", "", "A condition is about exactly one of these.", "")
    yield from _table(
        ("about", "it holds for", "example"),
        (
            (f"`{name}`", subject["says"], f"`{subject['example']}`")
            for name, subject in grammar["subjects"].items()
        ),
    )
    yield from (
        "",
        "## Operators",
        "",
        "A field has exactly one operator beside it. Where the field has no value, every operator "
        "but `is_known` is false, `is_not` and `not_in` included. A segment is a text that takes "
        '`is`, `is_not`, `in` and `not_in`. A day is written `"YYYY-MM-DD"` or '
        "`{days_ago: 30}`, counted back from as_of_date.",
    )
    for kind in ("number", "text", "date", "boolean"):
        yield from ("", f"### For a {kind}", "")
        yield from _table(
            ("operator", "it holds for", "example"),
            (
                (f"`{name}`", operator["says"], f"`{_operator_example(name, operator, kind)}`")
                for name, operator in grammar["operators"].items()
                if kind in operator["types"]
            ),
        )
    yield from (
        "",
        "## Orders",
        "",
        "Which orders, inside `orders: {...}`; `orders: {}` is all valid orders.",
        "",
    )
    yield from _table(
        ("filter", "orders that are left", "example"),
        (
            (f"`{name}`", only["says"], f"`{_filter_example(name, only)}`")
            for name, only in grammar["order_filters"].items()
        ),
    )
    operators = ", ".join(f"`{name}`" for name in grammar["measure_operators"])
    yield from ("", f"What of them, beside `orders`, with one of {operators}.", "")
    yield from _table(
        ("measure", "what it is", "example"),
        (
            (f"`{name}`", measure["says"], f"`{_measure_example(name, measure, grammar)}`")
            for name, measure in grammar["order_measures"].items()
        ),
    )
    yield from (
        "",
        "## Fields",
        "",
        "The columns of `marts.customers`. Those of segmentations can be asked for as fields, too.",
        "",
    )
    yield from _table(
        ("field", "type", "what it is", "example"),
        (
            (
                f"`{name}`",
                about["type"],
                " ".join(about["says"].split()),
                f"`{_field_example(name, about, segments)}`",
            )
            for name, about in grammar["fields"].items()
        ),
    )


def _operator_example(name: str, operator: Mapping[str, Any], kind: str) -> str:
    column = EXAMPLES.get(name, EXAMPLES[kind])
    return f"{{field: {column}, {name}: {operator['examples'][kind]}}}"


def _filter_example(name: str, only: Mapping[str, Any]) -> str:
    # a window that ends is one that begins
    before = "from_days_ago: 90, " if name == "to_days_ago" else ""
    return f"{{orders: {{{before}{name}: {only['example']}}}, count: {{at_least: 1}}}}"


def _measure_example(name: str, measure: Mapping[str, Any], grammar: Mapping[str, Any]) -> str:
    # lines are measured of a category or product only
    category = grammar["order_filters"]["category"]["example"]
    orders = f"{{category: {category}}}" if measure.get("of") == "lines" else "{}"
    return f"{{orders: {orders}, {name}: {measure['example']}}}"


def _field_example(
    name: str, about: Mapping[str, Any], segments: Mapping[str, Sequence[str]]
) -> str:
    kind = about["type"]
    if words := segments.get(about["segmentation"] or ""):
        return f"{{segment: {about['segmentation']}, is: {words[0]}}}"
    question = next((text for end, text in QUESTIONS.items() if name.endswith(end)), None)
    asked = question if question and kind == "number" else QUESTIONS[kind]
    return f"{{field: {name}, {asked}}}"


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"

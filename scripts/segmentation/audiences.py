"""The audiences of the last build in a table, and the page of everything a rule may say.

The page is made from the macros that check and compile the rules, so that it can't say anything
else than they do.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
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
TYPES = ("number", "text", "date", "boolean")


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
    for heading in ("audience", "label"):
        table.add_column(heading, no_wrap=True)
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


def reference_page(grammar: Mapping[str, Any]) -> str:
    """The page as Markdown, from what `read_grammar` gives."""
    return "\n".join(_lines(grammar)) + "\n"


def _lines(grammar: Mapping[str, Any]) -> Iterator[str]:
    yield "# Audiences: every part, operator and field"
    yield ""
    yield "Written by `segmentation audiences --reference` from the code. [Audiences](audiences.md) is the guide."
    yield ""
    yield "## Parts of an audience"
    yield ""
    yield from _table(
        ("part", "needed", "what it is"),
        (
            (f"`{name}`", "yes" if part["required"] else "", part["says"])
            for name, part in grammar["parts"].items()
        ),
    )
    yield ""
    yield "## Conditions"
    yield ""
    yield "A condition is about exactly one of these."
    yield ""
    yield from _table(
        ("about", "it holds for", "example"),
        (
            (f"`{name}`", subject["says"], f"`{subject['example']}`")
            for name, subject in grammar["subjects"].items()
        ),
    )
    yield ""
    yield "## Operators"
    yield ""
    yield (
        "A field has exactly one operator beside it. With a missing value on its left every one of "
        "them but `is_known` is false."
    )
    for kind in TYPES:
        yield ""
        yield f"### For a {kind}"
        yield ""
        example = next(name for name, field in grammar["fields"].items() if field["type"] == kind)
        yield from _table(
            ("operator", "it holds for", "example"),
            (
                (
                    f"`{name}`",
                    operator["says"],
                    f"`{{field: {example}, {name}: {operator['examples'][kind]}}}`",
                )
                for name, operator in grammar["operators"].items()
                if kind in operator["types"]
            ),
        )
    yield ""
    yield "A segment is a text, and takes `is`, `is_not`, `in` and `not_in`."
    yield ""
    yield "A day is written `\"YYYY-MM-DD\"`, or `{days_ago: 30}`, counted from as_of_date."
    yield ""
    yield "## Orders"
    yield ""
    yield "Which orders, inside `orders: {...}`; `orders: {}` is all valid orders."
    yield ""
    yield from _table(
        ("filter", "orders that are left", "example"),
        (
            (f"`{name}`", a_filter["says"], f"`{name}: {a_filter['example']}`")
            for name, a_filter in grammar["order_filters"].items()
        ),
    )
    yield ""
    operators = ", ".join(f"`{name}`" for name in grammar["measure_operators"])
    yield f"What of them, beside `orders`, with one of {operators}."
    yield ""
    yield from _table(
        ("measure", "what it is", "example"),
        (
            (f"`{name}`", measure["says"], f"`{{orders: {{}}, {name}: {measure['example']}}}`")
            for name, measure in grammar["order_measures"].items()
        ),
    )
    yield ""
    yield "## Fields"
    yield ""
    yield "The columns of `marts.customers`."
    yield ""
    yield from _table(
        ("field", "type", "what it is"),
        (
            (f"`{name}`", field["type"], " ".join(field["says"].split()))
            for name, field in grammar["fields"].items()
        ),
    )


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"

"""What a build left in the database, on one screen, whatever the engine.

Segments with their sizes and revenue, what was rejected and why, whether the money reconciles,
which RFM levels are empty. Changes nothing.
"""

import difflib
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table

from segmentation.dbt_runner import Output
from segmentation.errors import SegmentationError
from segmentation.warehouse import QueryError, Row, Warehouse, open_target

Language = Literal["en", "zh"]

# so many empty segments are named, more are only counted
FEW = 4
# so many segmentations fit on a screen
FIRST = 3
# audiences are listed like a segmentation
AUDIENCE = "audience"


def print_summary(
    console: Console,
    output: Output,
    *,
    database: Path | None = None,
    as_of: date | None = None,
    language: Language = "en",
    only: Collection[str] = (),
    everything: bool = False,
) -> None:
    """Print the summary of one as_of_date, by default the latest that was built.

    Args:
        console: where to print.
        output: the target of profiles.yml, which names the schemas and the database.
        database: a DuckDB file instead of the target's database.
        as_of: one of the days in the database.
        language: which labels to show.
        only: the ids of the segmentations to show, ``audience`` for the audiences; without any,
            the first of the registry and the audiences.
        everything: show them all.

    Raises:
        SegmentationError: no database, no way into it, no marts in it, no such day or segmentation.
    """
    with open_target(output, database=database) as warehouse:
        reader = Reader(warehouse, output)
        day = reader.choose_day(as_of)
        found = {
            name: list(rows)
            for name, rows in groupby(reader.segments(day), key=itemgetter("segmentation_id"))
        }
        _print_heading(console, found, day)
        _print_segments(console, _chosen(found, only, everything), language)
        _print_others(console, found, only, everything, output)
        _print_quality(console, reader, day)
    file = output.database_path if output.adapter == "duckdb" else None
    path = database or file
    _print_next_steps(console, path, output)


class Reader:
    """The queries of the summaries: plain selects for every engine, sorted and added up here.

    Engines sort text by rules of their own, and not all of them can collect it into a list.
    """

    def __init__(self, warehouse: Warehouse, output: Output) -> None:
        self.warehouse = warehouse
        self.output = output
        self.name = warehouse.name

    def rows(self, columns: str, layer: str, table: str, rest: str = "") -> list[Row]:
        """The rows of a table of a layer, each by its columns' names."""
        relation = self.warehouse.relation(self.output.schema(layer), table)
        try:
            return self.warehouse.rows(f"select {columns} from {relation} {rest}")  # noqa: S608
        except QueryError as error:
            option = "" if self.output.is_default else f" --target {self.output.name}"
            raise SegmentationError(
                f"{self.name} holds no finished build: run 'segmentation build{option}' first "
                f"({error})."
            ) from error

    def choose_day(self, as_of: date | None) -> date:
        """The day asked for, if it was built, or the latest."""
        found = self.rows("distinct as_of_date", "marts", "segment_summary")
        days: list[date] = sorted(row["as_of_date"] for row in found)
        if not days:
            raise SegmentationError(
                f"{self.name} holds no segments: were there any orders or contacts to build from?"
            )
        if as_of is None:
            return max(days)
        if as_of not in days:
            built = ", ".join(str(day) for day in days)
            raise SegmentationError(
                f"{self.name} holds no {as_of}. It holds {built}; "
                f"'segmentation build --as-of {as_of}' builds that day."
            )
        return as_of

    def segments(self, day: date) -> list[Row]:
        """The rows of segment_summary of a day, in the order of the registry."""
        ranks = {
            row["segmentation_id"]: row["segmentation_rank"]
            for row in self.rows("distinct segmentation_id, segmentation_rank", "marts", "segments")
        }
        rows = self.rows("*", "marts", "segment_summary", _on(day))
        rows.sort(key=itemgetter("segment_rank", "segment_id"))
        return sorted(rows, key=lambda row: (ranks[row["segmentation_id"]], row["segmentation_id"]))

    def rejects(self) -> list[Row]:
        """Rows, entities and sources per reason, the most frequent reason first."""
        group = "reason, entity, source_name"
        columns = f"{group}, count(*) as row_count"
        reasons: dict[str, list[Row]] = {}
        for row in self.rows(columns, "marts", "rejected_records", f"group by {group}"):
            reasons.setdefault(row["reason"], []).append(row)
        found = [
            {
                "reason": reason,
                "row_count": sum(row["row_count"] for row in rows),
                "entities": ", ".join(sorted({row["entity"] for row in rows})),
                "sources": ", ".join(sorted({row["source_name"] for row in rows})),
            }
            for reason, rows in reasons.items()
        ]
        return sorted(found, key=lambda row: (-row["row_count"], row["reason"]))

    def checks(self, day: date) -> list[Row]:
        """The rows of reconciliation of a day."""
        rows = self.rows("*", "marts", "reconciliation", _on(day))
        return sorted(rows, key=itemgetter("check_name"))

    def empty_levels(self, day: date) -> list[Row]:
        """The levels of RFM that nobody can have."""
        empty = f"{_on(day)} and is_empty"
        rows = self.rows("metric, level", "intermediate", "int_rfm_levels", empty)
        return sorted(rows, key=itemgetter("metric", "level"))


def _on(day: date) -> str:
    return f"where as_of_date = cast('{day.isoformat()}' as date)"


def _chosen(
    found: Mapping[str, list[Row]], only: Collection[str], everything: bool
) -> dict[str, list[Row]]:
    for name in only:
        if name not in found:
            near = difflib.get_close_matches(name, found, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise SegmentationError(
                f"There is no segmentation '{name}'. There are: {', '.join(found)}.{hint}"
            )
    first = [name for name in found if name != AUDIENCE][:FIRST]
    names = only or (found if everything else [*first, AUDIENCE])
    return {name: rows for name, rows in found.items() if name in names}


def _print_heading(console: Console, found: Mapping[str, list[Row]], day: date) -> None:
    partitions = {name: rows for name, rows in found.items() if name != AUDIENCE}
    first = next(iter(partitions.values()))
    customers = sum(row["customer_count"] for row in first)
    revenue = sum((row["net_revenue"] or Decimal(0) for row in first), Decimal(0))
    console.print(
        f"\n[bold]{customers:,} customers at {day}[/bold], net revenue {revenue:,.2f}, "
        f"in {len(partitions)} segmentations and {len(found.get(AUDIENCE, []))} audiences.\n"
        "Days since the last order and number of orders are medians.\n",
        highlight=False,
        soft_wrap=True,
    )


def _print_segments(console: Console, chosen: Mapping[str, list[Row]], language: Language) -> None:
    table = _table()
    table.add_column("segment", no_wrap=True)
    for heading in ("customers", "share", "net revenue", "share", "days", "orders"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, rows in chosen.items():
        title = "audiences, which overlap" if name == AUDIENCE else name
        table.add_row(f"[bold]{title}[/bold]")
        for row in rows:
            if row["customer_count"]:
                table.add_row(
                    f"  {row[f'label_{language}']}",
                    f"{row['customer_count']:,}",
                    _percent(row["customer_share"]),
                    _amount(row["net_revenue"]),
                    _percent(row["revenue_share"]),
                    _median(row["median_recency_days"]),
                    _median(row["median_order_count"]),
                )
    console.print(table)
    empty = []
    for name, rows in chosen.items():
        labels = [str(row[f"label_{language}"]) for row in rows if not row["customer_count"]]
        if labels:
            few = len(labels) <= FEW
            empty.append(f"{name} {', '.join(labels) if few else f'{len(labels)} of {len(rows)}'}")
    if empty:
        console.print(
            f"Segments without customers: {'; '.join(empty)}.", highlight=False, soft_wrap=True
        )


def _print_others(
    console: Console,
    found: Mapping[str, list[Row]],
    only: Collection[str],
    everything: bool,
    output: Output,
) -> None:
    others = [name for name in found if name not in _chosen(found, only, everything)]
    if others and not only:
        target = "" if output.is_default else f" --target {output.name}"
        console.print(
            f"\n{len(others)} more: {', '.join(others)}.\n"
            f"'segmentation summary{target} --all' shows them, "
            f"'--segmentation {others[0]}' one of them.",
            highlight=False,
        )
    console.print()


def _print_quality(console: Console, reader: Reader, day: date) -> None:
    rejects = reader.rejects()
    if rejects:
        total = sum(row["row_count"] for row in rejects)
        console.print(f"[bold]{total:,} rows rejected[/bold]", highlight=False)
        table = _table()
        table.add_column("reason", no_wrap=True)
        table.add_column("rows", justify="right", no_wrap=True)
        table.add_column("of")
        table.add_column("from")
        for row in rejects:
            table.add_row(row["reason"], f"{row['row_count']:,}", row["entities"], row["sources"])
        console.print(table)
        console.print()
    else:
        console.print("[bold]No rows rejected[/bold]")

    checks = reader.checks(day)
    broken = [row for row in checks if row["difference"] != 0]
    if broken:
        console.print(f"[bold red]Reconciliation: {len(broken)} of {len(checks)} fail[/bold red]")
        for row in broken:
            console.print(
                f"  {row['check_name']}: expected {row['expected']:,}, "
                f"found {row['actual']:,}, difference {row['difference']:,}"
            )
    else:
        console.print(
            f"[bold]Reconciliation[/bold]: all {len(checks)} checks agree to the cent.",
            highlight=False,
        )

    empty = reader.empty_levels(day)
    if empty:
        levels: dict[str, list[str]] = {}
        for row in empty:
            levels.setdefault(str(row["metric"]), []).append(str(row["level"]))
        named = "; ".join(f"{metric} {', '.join(found)}" for metric, found in levels.items())
        what = f"{named} can't be had by anyone, as cut points coincide."
    else:
        what = "all in use."
    console.print(f"[bold]RFM levels[/bold]: {what}", highlight=False, soft_wrap=True)


def _print_next_steps(console: Console, path: Path | None, output: Output) -> None:
    marts = output.schema("marts")
    target = "" if output.is_default else f" --target {output.name}"
    customers = "one row per customer"
    if path is None:
        first = (f"{marts}.customers", f"{customers}, on target '{output.name}'")
    else:
        shown = path.relative_to(output.root) if path.is_relative_to(output.root) else path
        first = (f"{shown}", f"the database; {marts}.customers has {customers}")
    console.print("\n[bold]Where to look next[/bold]")
    steps = (
        first,
        (f"{marts}.segments", "what each segment means and what to do with it"),
        (f"segmentation explain{target} CUSTOMER_ID", "why one customer is in its segments"),
        (f"{marts}.rejected_records", "each rejected row with its raw values"),
        (f"segmentation summary{target} --lang zh", "this page in Chinese labels"),
        ("make docs", "every table and column, described, as one page"),
    )
    width = max(len(name) for name, _ in steps)
    for name, what in steps:
        console.print(f"  {name:<{width}}  {what}", highlight=False, soft_wrap=True)


def _table() -> Table:
    narrow = (0, 1, 0, 0)
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=narrow, header_style="dim")


def _percent(share: float | Decimal | None) -> str:
    return "-" if share is None else f"{float(share):.1%}"


def _amount(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,.0f}"


def _median(value: float | Decimal | None) -> str:
    return "-" if value is None else f"{float(value):,.1f}".removesuffix(".0")

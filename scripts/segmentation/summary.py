"""What a build left in the database, on one screen.

Reads a DuckDB file, read-only and without dbt: segments with their sizes and revenue, what was
rejected and why, whether the money reconciles, which RFM levels are empty.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from segmentation.dbt_runner import Output
from segmentation.errors import SegmentationError

Language = Literal["en", "zh"]
Row = Mapping[str, Any]

# so many empty segments are named, more are only counted
FEW = 4


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a database that exists.

    Raises:
        SegmentationError: there is no file, another process holds it, or it isn't DuckDB.
    """
    if not path.is_file():
        raise SegmentationError(
            f"There is no database at {path}: run 'make build' (or 'segmentation build') first."
        )
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise SegmentationError(
                f"{path} is open in another program: close that one, then run again."
            ) from error
        raise SegmentationError(f"{path} can't be opened as a DuckDB database: {error}") from error


def print_summary(
    console: Console,
    output: Output,
    *,
    database: Path | None = None,
    as_of: date | None = None,
    language: Language = "en",
) -> None:
    """Print the summary of one as_of_date, by default the latest that was built.

    Args:
        console: where to print.
        output: the target of profiles.yml, which names the schemas and the file.
        database: another DuckDB file than the target's.
        as_of: one of the days in the database.
        language: which labels to show.

    Raises:
        SegmentationError: no database, no marts in it, or no such day.
    """
    if output.adapter != "duckdb" and database is None:
        raise SegmentationError(
            f"The summary reads DuckDB files, and target '{output.name}' is {output.adapter}: "
            f"query {output.schema('marts')}.segment_summary there."
        )
    path = database or output.database_path
    with open_read_only(path) as connection:
        reader = _Reader(connection, path, output)
        day = reader.choose_day(as_of)
        _print_segments(console, reader.segments(day), day, language)
        _print_quality(console, reader, day)
    _print_next_steps(console, path, output)


class _Reader:
    """The queries of the summary. Table names are ours; everything given by a user is bound."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, output: Output) -> None:
        self.connection = connection
        self.path = path
        self.marts = _quoted(output.schema("marts"))
        self.intermediate = _quoted(output.schema("intermediate"))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        try:
            cursor = self.connection.execute(sql, list(parameters))
        except duckdb.CatalogException as error:
            raise SegmentationError(
                f"{self.path} holds no finished build: run 'segmentation build' first "
                f"({str(error).splitlines()[0]})."
            ) from error
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def choose_day(self, as_of: date | None) -> date:
        sql = f"select distinct as_of_date from {self.marts}.segment_summary order by as_of_date"  # noqa: S608
        days: list[date] = [row["as_of_date"] for row in self.rows(sql)]
        if not days:
            raise SegmentationError(
                f"{self.path} holds no segments: were there any orders or contacts to build from?"
            )
        if as_of is None:
            return max(days)
        if as_of not in days:
            built = ", ".join(str(day) for day in days)
            raise SegmentationError(
                f"{self.path} holds no {as_of}. It holds {built}; "
                f"'segmentation build --as-of {as_of}' builds that day."
            )
        return as_of

    def segments(self, day: date) -> list[Row]:
        sql = f"""
            select *
            from {self.marts}.segment_summary
            where as_of_date = ?
            order by segmentation_id, segment_rank, segment_id
        """  # noqa: S608
        return self.rows(sql, [day])

    def rejects(self) -> list[Row]:
        sql = f"""
            select
                reason,
                count(*) as row_count,
                string_agg(distinct entity, ', ' order by entity) as entities,
                string_agg(distinct source_name, ', ' order by source_name) as sources
            from {self.marts}.rejected_records
            group by reason
            order by row_count desc, reason
        """  # noqa: S608
        return self.rows(sql)

    def checks(self, day: date) -> list[Row]:
        sql = f"""
            select *
            from {self.marts}.reconciliation
            where as_of_date = ?
            order by check_name
        """  # noqa: S608
        return self.rows(sql, [day])

    def empty_levels(self, day: date) -> list[Row]:
        sql = f"""
            select metric, level
            from {self.intermediate}.int_rfm_levels
            where as_of_date = ? and is_empty
            order by metric, level
        """  # noqa: S608
        return self.rows(sql, [day])


def _print_segments(
    console: Console, segments: Sequence[Row], day: date, language: Language
) -> None:
    partitions = {
        name: list(rows) for name, rows in groupby(segments, key=itemgetter("segmentation_id"))
    }
    first = next(iter(partitions.values()))
    customers = sum(row["customer_count"] for row in first)
    revenue = sum((row["net_revenue"] or Decimal(0) for row in first), Decimal(0))
    console.print(
        f"\n[bold]{customers:,} customers at {day}[/bold], net revenue {revenue:,.2f}, "
        f"in {len(partitions)} segmentations.\n"
        "Days since the last order and number of orders are medians.\n",
        highlight=False,
        soft_wrap=True,
    )
    table = _table()
    table.add_column("segment", no_wrap=True)
    for heading in ("customers", "share", "net revenue", "share", "days", "orders"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, rows in partitions.items():
        table.add_row(f"[bold]{name}[/bold]")
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
    for name, rows in partitions.items():
        labels = [str(row[f"label_{language}"]) for row in rows if not row["customer_count"]]
        if labels:
            few = len(labels) <= FEW
            empty.append(f"{name} {', '.join(labels) if few else f'{len(labels)} of {len(rows)}'}")
    if empty:
        console.print(f"Segments without customers: {'; '.join(empty)}.", highlight=False)
    console.print()


def _print_quality(console: Console, reader: _Reader, day: date) -> None:
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


def _print_next_steps(console: Console, path: Path, output: Output) -> None:
    marts = output.schema("marts")
    target = "" if output.is_default else f" --target {output.name}"
    shown = path.relative_to(output.root) if path.is_relative_to(output.root) else path
    console.print("\n[bold]Where to look next[/bold]")
    steps = (
        (f"{shown}", f"the database; {marts}.customers has one row per customer"),
        (f"{marts}.segments", "what each segment means and what to do with it"),
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


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _percent(share: float | Decimal | None) -> str:
    return "-" if share is None else f"{float(share):.1%}"


def _amount(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,.0f}"


def _median(value: float | Decimal | None) -> str:
    return "-" if value is None else f"{float(value):,.1f}".removesuffix(".0")

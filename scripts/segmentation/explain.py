"""Why one customer is in each of its segments, and what would move it: for a person, or as JSON.

Reads `marts.segment_explanations`, whatever the engine, and changes nothing.
"""

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from segmentation.dbt_runner import Output
from segmentation.errors import SegmentationError
from segmentation.summary import Language
from segmentation.warehouse import QueryError, Row, Warehouse, open_target

# A customer_id is a hash: nothing else is put into a query.
ID = re.compile(r"[0-9a-z]+")
FEW = 5

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "heading": "Customer {customer} at {day}",
        "means": "means",
        "because": "because",
        "facts": "facts",
        "nearest": "nearest",
        "change": "{label}: {change}",
        "another": "another segment: {change}",
        "colon": ": ",
    },
    "zh": {
        "heading": "客户 {customer}，截至 {day}",
        "means": "含义",
        "because": "依据",
        "facts": "数据",
        "nearest": "临近分层",
        "change": "{label}：{change}",
        "another": "其他分层：{change}",
        "colon": "：",
    },
}


def print_explanation(
    console: Console,
    output: Output,
    customer: str,
    *,
    segmentations: Sequence[str] = (),
    database: Path | None = None,
    as_of: date | None = None,
    language: Language = "en",
    as_json: bool = False,
) -> None:
    """Print why a customer is in its segments.

    Args:
        console: where to print.
        output: the target of profiles.yml, which names the schemas and the database.
        customer: its customer_id, or as much of its beginning as no other customer's begins with.
        segmentations: only these; all if empty.
        database: a DuckDB file instead of the target's database.
        as_of: the day that is expected in the database.
        language: which labels and sentences to show.
        as_json: a list of objects, one per segmentation, with the columns of the mart.

    Raises:
        SegmentationError: no database, no explanations in it, or no such customer, segmentation
            or day.
    """
    with open_target(output, database=database) as warehouse:
        reader = _Reader(warehouse, output)
        reader.check_day(as_of)
        customer_id = reader.choose_customer(customer)
        names = reader.choose_segmentations(segmentations)
        rows = reader.explanations(customer_id, names)
    if as_json:
        # as it is, neither wrapped nor coloured
        console.print(
            json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        return
    _print(console, rows, names, WORDS[language], language)


class _Reader:
    """The queries: plain selects that every engine knows, with nothing pasted but checked names."""

    def __init__(self, warehouse: Warehouse, output: Output) -> None:
        self.warehouse = warehouse
        self.output = output
        self.name = warehouse.name

    def rows(self, columns: str, table: str, rest: str = "") -> list[Row]:
        relation = self.warehouse.relation(self.output.schema("marts"), table)
        try:
            return self.warehouse.rows(f"select {columns} from {relation} {rest}")  # noqa: S608
        except QueryError as error:
            raise SegmentationError(
                f"{self.name} holds no finished build: run '{self.build}' first ({error})."
            ) from error

    @property
    def build(self) -> str:
        option = "" if self.output.is_default else f" --target {self.output.name}"
        return f"segmentation build{option}"

    def check_day(self, as_of: date | None) -> None:
        if as_of is None:
            return
        days = [row["as_of_date"] for row in self.rows("distinct as_of_date", "segments")]
        if as_of not in days:
            held = ", ".join(map(str, days)) or "no day"
            raise SegmentationError(
                f"{self.name} explains {held}, not {as_of}; "
                f"'{self.build} --as-of {as_of}' builds that day."
            )

    def choose_customer(self, customer: str) -> str:
        """The one customer_id that is or begins with the text."""
        wanted = customer.strip().lower()
        found: list[str] = []
        if ID.fullmatch(wanted):
            begins = f"where customer_id like '{wanted}%' order by customer_id limit {FEW + 1}"
            found = [row["customer_id"] for row in self.rows("customer_id", "customers", begins)]
        if wanted in found or len(found) == 1:
            return wanted if wanted in found else found[0]
        if not found:
            raise SegmentationError(
                f"No customer_id is or begins with '{customer}' in {self.name}: copy one from "
                f"{self.output.schema('marts')}.customers, or run '{self.build}' if the customer "
                "is new. A contact's or an order's own id is none."
            )
        shown = ", ".join(found[:FEW]) + (" and others" if len(found) > FEW else "")
        raise SegmentationError(
            f"Several customers' ids begin with '{customer}': {shown}. "
            "Give more of the one you mean."
        )

    def choose_segmentations(self, wanted: Sequence[str]) -> dict[str, Row]:
        """The segmentations to show, in the order of the reports, with their names."""
        columns = (
            "distinct segmentation_id, segmentation_rank, "
            "segmentation_label_en, segmentation_label_zh"
        )
        partitions = self.rows(columns, "segments", "where kind = 'partition'")
        rows = sorted(partitions, key=itemgetter("segmentation_rank"))
        known = {str(row["segmentation_id"]): row for row in rows}
        for name in wanted:
            if name not in known:
                raise SegmentationError(
                    f"There is no segmentation '{name}'. There are: {', '.join(known)}."
                )
        return {name: row for name, row in known.items() if not wanted or name in wanted}

    def explanations(self, customer_id: str, names: dict[str, Row]) -> list[Row]:
        place = {name: number for number, name in enumerate(names)}
        # names of the registry, which are identifiers: with them the others aren't worked out
        wanted = ", ".join(f"'{name}'" for name in names)
        rows = self.rows(
            "*",
            "segment_explanations",
            f"where customer_id = '{customer_id}' and segmentation_id in ({wanted})",
        )
        return sorted(rows, key=lambda row: place[row["segmentation_id"]])


def _plain(row: Row) -> dict[str, Any]:
    """A row as JSON has it, with the facts as an object."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Decimal):
            plain[name] = float(value)
        elif isinstance(value, date):
            plain[name] = value.isoformat()
        else:
            plain[name] = value
    plain["facts"] = json.loads(row["facts"]) if row["facts"] else None
    return plain


def _print(
    console: Console,
    rows: Sequence[Row],
    names: dict[str, Row],
    words: dict[str, str],
    language: Language,
) -> None:
    first = rows[0]
    heading = words["heading"].format(customer=first["customer_id"], day=first["as_of_date"])
    console.print(f"\n[bold]{heading}[/bold]", highlight=False, soft_wrap=True)
    for row in rows:
        name = names[row["segmentation_id"]][f"segmentation_label_{language}"]
        label = row[f"label_{language}"]
        console.print(
            f"\n[bold]{escape(name)}[/bold]{words['colon']}{escape(label)} "
            f"[dim]({row['segmentation_id']}: {escape(row['segment_id'])})[/dim]",
            highlight=False,
            soft_wrap=True,
        )
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column()
        for word, text in _lines(row, words, language):
            if text:
                table.add_row(words[word], escape(text))
        console.print(Padding(table, (0, 0, 0, 2)), highlight=False)
    console.print()


def _lines(row: Row, words: dict[str, str], language: Language) -> list[tuple[str, str | None]]:
    change = row[f"change_{language}"]
    nearest = row[f"nearest_label_{language}"]
    facts = json.loads(row["facts"], parse_float=str) if row["facts"] else {}
    return [
        ("means", row[f"definition_{language}"]),
        ("because", row["decided_by"]),
        ("facts", ", ".join(f"{name} {_fact(value)}" for name, value in facts.items())),
        (
            "nearest",
            change
            and words["change" if nearest else "another"].format(label=nearest, change=change),
        ),
    ]


def _fact(value: object) -> str:
    """A value as the explanation writes it."""
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)

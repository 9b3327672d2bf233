"""Online Retail II: the loader, the staging models, and the published figures end to end."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pygini
import pytest
from conftest import RunDbt
from contract_files import preset_vars
from oracle import gini_of, top_share
from segmentation.errors import SegmentationError
from segmentation.online_retail import COLUMNS, SHEETS, prepare
from xlsx_writer import Cell, write_workbook

HEADER = tuple("Customer ID" if name == "CustomerID" else name for name in COLUMNS)
FIRST_SHEET, SECOND_SHEET = SHEETS
VARIABLE = "SEGMENTATION_ONLINE_RETAIL"
SINGULAR_TESTS = (
    "assert_every_online_retail_line_is_used_once",
    "assert_online_retail_money_is_conserved",
)

# Invented lines: invoice, stock code, description, quantity, time, price, customer, country.
MORNING = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001 - the publisher's clock has no zone
SUMMER = datetime(2010, 7, 1, 0, 30)  # noqa: DTZ001
FIRST_ROWS: list[tuple[Cell, ...]] = [
    (500001, 10002, " BLUE MUG ", 12, SUMMER, 6.95, 10001, "United Kingdom"),
    (500001, "79323P", "FREE SAMPLE", 1, SUMMER, 0, 10001, "United Kingdom"),
    (500002, "85123a", None, 5, SUMMER, 0, None, "United Kingdom"),
    (500003, 10002, "lost", -7, SUMMER, 0, None, "United Kingdom"),
    ("C500004", "M", "Manual", -1, SUMMER, 20.5, 10001, "France"),
    ("A500005", "B", "Adjust bad debt", 1, SUMMER, -53594.36, None, "United Kingdom"),
    (500006, "PADS", "PADS", 1, MORNING, 0.001, 10002, "Channel Islands"),
]
SECOND_ROWS: list[tuple[Cell, ...]] = [
    (500006, "PADS", "PADS", 1, MORNING, 0.001, 10002, "Channel Islands"),
    (500007, 10002, "BLUE MUG", "a dozen", MORNING, 6.95, 10003, "EIRE"),
    (500007, 10002, "BLUE MUG", 2, MORNING, 6.95, 10003, "EIRE"),
    (500008, 10002, 'SAYS "GO"', -2, MORNING, 6.95, 10003, "EIRE"),
    (500009, 10002, "BLUE MUG", 0, MORNING, 6.95, None, "EIRE"),
]


def workbook(path: Path, first=FIRST_ROWS, second=SECOND_ROWS, header=HEADER) -> Path:
    return write_workbook(path, {FIRST_SHEET: [header, *first], SECOND_SHEET: [header, *second]})


def read(path: Path) -> list[tuple[Any, ...]]:
    return duckdb.read_parquet(str(path)).order("source_sheet, row_no").fetchall()


def silent(_: str) -> None:
    """Progress nobody wants to see."""


# --- the loader --------------------------------------------------------------------------------
def test_workbook_becomes_text_lines_that_lose_nothing(tmp_path):
    said: list[str] = []
    result = prepare(workbook(tmp_path / "shop.xlsx"), tmp_path / "out", say=said.append)

    assert duckdb.read_parquet(str(result)).columns == ["source_sheet", "row_no", *COLUMNS]
    rows = read(result)
    assert len(rows) == len(FIRST_ROWS) + len(SECOND_ROWS)
    assert rows[0] == (
        *(FIRST_SHEET, 1, "500001", "10002", " BLUE MUG ", "12"),
        *("2010-07-01 00:30:00", "6.95", "10001", "United Kingdom"),
    )
    assert rows[2][4:6] == (None, "5")
    assert rows[len(FIRST_ROWS) + 1][:6] == (
        *(SECOND_SHEET, 2, "500007", "10002", "BLUE MUG", "a dozen"),
    )
    assert said[-1] == f"Wrote {len(rows)} invoice lines to {result}."


def test_workbook_and_parquet_of_real_lines_give_the_same(data_dir, tmp_path):
    """Every kind of line of both sheets, in the cell types that the publisher uses."""
    lines = duckdb.read_parquet(str(data_dir / "online_retail_ii" / "online_retail_ii.parquet"))
    slice_ = lines.filter(
        "row_no % 997 = 0 or not regexp_matches(StockCode, '^[0-9]{5}') and row_no % 29 = 0 "
        "or Invoice like 'A%' or Price between 0.0001 and 0.0099 or abs(Quantity) > 20000 "
        "or Description is null and row_no % 97 = 0"
    ).project(
        "source_sheet, cast(row_number() over (partition by source_sheet order by row_no) as int)"
        f" as row_no, {', '.join(COLUMNS)}"
    )
    slice_.order("source_sheet, row_no").write_parquet(str(tmp_path / "slice.parquet"))
    sheets: dict[str, list[tuple[Cell, ...]]] = {name: [HEADER] for name in SHEETS}
    for sheet, _, invoice, stock_code, *rest in read(tmp_path / "slice.parquet"):
        codes = (int(code) if code.isdigit() else code for code in (invoice, stock_code))
        sheets[sheet].append((*codes, *rest))
    write_workbook(tmp_path / "slice.xlsx", sheets)

    from_parquet = read(prepare(tmp_path / "slice.parquet", tmp_path / "one", say=silent))
    from_workbook = read(prepare(tmp_path / "slice.xlsx", tmp_path / "two", say=silent))
    assert len(from_parquet) > 1000
    assert from_workbook == from_parquet


def test_parquet_written_by_pandas_gives_whole_customer_numbers(tmp_path):
    path = tmp_path / "lines.parquet"
    duckdb.sql(
        f"select '{FIRST_SHEET}' as source_sheet, '500001' as Invoice, '10002' as StockCode, "
        "'MUG' as Description, 3 as Quantity, timestamp '2010-07-01 00:30:00' as InvoiceDate, "
        '2.0::double as Price, unnest([10001.0::double, null]) as "Customer ID", '
        "'EIRE' as Country"
    ).write_parquet(str(path))
    rows = read(prepare(path, tmp_path / "out", say=silent))
    assert [row[1] for row in rows] == [1, 2]
    assert [row[-3:-1] for row in rows] == [("2", "10001"), ("2", None)]


def test_a_second_call_reads_the_file_anew(tmp_path):
    path = workbook(tmp_path / "shop.xlsx")
    first = prepare(path, tmp_path / "out", say=silent)
    workbook(path, first=FIRST_ROWS[:1], second=SECOND_ROWS[:1])
    second = prepare(path, tmp_path / "out", say=silent)
    assert second == first
    assert len(read(second)) == 2
    assert [entry.name for entry in first.parent.iterdir()] == [first.name]


def test_a_failed_call_leaves_the_former_result(tmp_path):
    path = workbook(tmp_path / "shop.xlsx")
    result = prepare(path, tmp_path / "out", say=silent)
    before = read(result)
    workbook(path, header=HEADER[:-1])
    with pytest.raises(SegmentationError):
        prepare(path, tmp_path / "out", say=silent)
    assert read(result) == before
    assert [entry.name for entry in result.parent.iterdir()] == [result.name]


def test_a_folder_stands_for_the_only_file_in_it(tmp_path):
    folder = tmp_path / "download"
    folder.mkdir()
    (folder / "readme.txt").write_text("about the data", encoding="utf-8")
    workbook(folder / "online_retail_II.xlsx")
    assert len(read(prepare(folder, tmp_path / "out", say=silent))) == 12
    # its own result in the same folder is not a second candidate
    assert len(read(prepare(folder, folder, say=silent))) == 12
    assert len(read(prepare(folder, folder, say=silent))) == 12


def write_nothing(folder: Path) -> Path:
    return folder / "online_retail_II.xlsx"


def write_other_kind(folder: Path) -> Path:
    path = folder / "online_retail_II.csv"
    path.write_text("Invoice\n1\n", encoding="utf-8")
    return path


def write_broken_workbook(folder: Path) -> Path:
    path = folder / "shop.xlsx"
    path.write_text("this is no archive", encoding="utf-8")
    return path


def write_broken_parquet(folder: Path) -> Path:
    path = folder / "shop.parquet"
    path.write_text("this is no Parquet", encoding="utf-8")
    return path


def write_one_sheet(folder: Path) -> Path:
    return write_workbook(folder / "shop.xlsx", {SECOND_SHEET: [HEADER, *SECOND_ROWS]})


def write_other_header(folder: Path) -> Path:
    header = ("InvoiceNo", *HEADER[1:6], "CustomerNo", *HEADER[7:])
    return workbook(folder / "shop.xlsx", header=header)


def write_no_lines(folder: Path) -> Path:
    return workbook(folder / "shop.xlsx", first=[], second=[])


def write_parquet_without_sheet(folder: Path) -> Path:
    path = folder / "shop.parquet"
    duckdb.sql("select '500001' as Invoice").write_parquet(str(path))
    return path


def write_parquet_without_price(folder: Path) -> Path:
    path = folder / "shop.parquet"
    columns = ", ".join(f"'x' as {name}" for name in COLUMNS if name != "Price")
    duckdb.sql(f"select 'x' as source_sheet, {columns}").write_parquet(str(path))
    return path


def write_empty_folder(folder: Path) -> Path:
    path = folder / "empty"
    path.mkdir()
    return path


def write_two_candidates(folder: Path) -> Path:
    workbook(folder / "one.xlsx")
    workbook(folder / "two.xlsx")
    return folder


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (write_nothing, "There is no file .*online_retail_II.xlsx. Download Online Retail II"),
        (write_other_kind, "online_retail_II.csv is not a .parquet or .xlsx file: give"),
        (write_broken_workbook, "shop.xlsx can't be read as a workbook: "),
        (write_broken_parquet, "shop.parquet can't be read: "),
        (write_one_sheet, f"no sheet '{FIRST_SHEET}': it has '{SECOND_SHEET}'."),
        (
            write_other_header,
            f"The sheet '{FIRST_SHEET}' of .* has no columns 'Invoice', 'Customer ID': it has",
        ),
        (write_no_lines, "shop.xlsx holds no invoice lines."),
        (write_parquet_without_sheet, "has no column 'source_sheet'.* would count twice"),
        (write_parquet_without_price, "has no column 'Price': it has 'source_sheet'"),
        (write_empty_folder, "The folder .*empty holds no .parquet or .xlsx file."),
        (write_two_candidates, "more than one file that could be meant: one.xlsx, two.xlsx."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path, write, sentence):
    with pytest.raises(SegmentationError, match=sentence) as caught:
        prepare(write(tmp_path), tmp_path / "out", say=silent)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_the_result_is_not_taken_for_the_source(tmp_path):
    result = prepare(workbook(tmp_path / "shop.xlsx"), tmp_path / "out", say=silent)
    with pytest.raises(SegmentationError, match="is where the result goes"):
        prepare(result, tmp_path / "out", say=silent)


# --- staging, on invented lines -----------------------------------------------------------------
class Staged:
    """The staging models over the invented lines, and dbt on the same database."""

    def __init__(self, run_dbt: RunDbt, folder: Path) -> None:
        self.run_dbt = run_dbt
        self.folder = folder
        self.database = folder / "staged.duckdb"

    def dbt(self, *args: str):
        return self.run_dbt(
            ["--quiet", *args],
            vars=preset_vars("online_retail"),
            db_path=self.database,
            target_path=self.folder / "target",
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def staged(run_dbt, tmp_path_factory) -> Iterator[Staged]:
    folder = tmp_path_factory.mktemp("staged") / "it's here (1)"
    folder.mkdir()
    lines = prepare(workbook(folder / "shop.xlsx"), folder, say=silent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(lines))
        staged = Staged(run_dbt, folder)
        result = staged.dbt(
            "build",
            "--select",
            "online_retail_countries",
            "path:models/staging/online_retail",
            *SINGULAR_TESTS,
        )
        assert result.success, result.error or result.failed
        built = {node.name for node in result.nodes}
        assert built >= set(SINGULAR_TESTS)
        yield staged


def test_every_line_has_the_kind_that_its_definition_says(staged):
    kinds = staged.rows(
        "select record_key, line_kind from staging.stg_online_retail__lines order by 1"
    )
    assert kinds == [
        (f"{FIRST_SHEET}/1", "sale"),
        (f"{FIRST_SHEET}/2", "free"),
        (f"{FIRST_SHEET}/3", "free"),
        (f"{FIRST_SHEET}/4", "write_off"),
        (f"{FIRST_SHEET}/5", "cancellation"),
        (f"{FIRST_SHEET}/6", "adjustment"),
        (f"{FIRST_SHEET}/7", "sale"),
        (f"{SECOND_SHEET}/1", "repeat"),
        (f"{SECOND_SHEET}/2", "unreadable"),
        (f"{SECOND_SHEET}/3", "sale"),
        (f"{SECOND_SHEET}/4", "unclassified"),
        (f"{SECOND_SHEET}/5", "unclassified"),
    ]


def test_orders_are_invoices_that_sell_something(staged):
    orders = staged.rows(
        "select order_id, contact_id, country, ordered_at, gross_amount, currency, sales_channel,"
        " status, is_test, discount_amount from staging.stg_online_retail__orders order by 1"
    )
    same = ("GBP", "web", "completed", False, Decimal(0))
    summer = datetime(2010, 6, 30, 23, 30, tzinfo=UTC).replace(tzinfo=None)
    assert orders == [
        ("500001", "10001", "GB", summer, Decimal("83.4"), *same),
        ("500006", "10002", None, MORNING, Decimal("0.001"), *same),
        ("500007", "10003", "IE", MORNING, Decimal("13.9"), *same),
    ]


def test_order_lines_are_the_lines_that_orders_add_up(staged):
    lines = staged.rows(
        "select order_id, line_id, product_id, quantity, unit_price, category, unit_cost, currency"
        " from staging.stg_online_retail__order_lines order by 1, 2"
    )
    none = (None, None, "GBP")
    assert lines == [
        ("500001", f"{FIRST_SHEET}/1", "10002", Decimal(12), Decimal("6.95"), *none),
        ("500001", f"{FIRST_SHEET}/2", "79323P", Decimal(1), Decimal(0), *none),
        ("500006", f"{FIRST_SHEET}/7", "PADS", Decimal(1), Decimal("0.001"), *none),
        ("500007", f"{SECOND_SHEET}/3", "10002", Decimal(2), Decimal("6.95"), *none),
    ]


def test_cancellations_are_refunds_with_a_positive_amount(staged):
    assert staged.rows(
        "select refund_id, order_id, contact_id, country, refund_amount"
        " from staging.stg_online_retail__refunds"
    ) == [("C500004", None, "10001", "FR", Decimal("20.5"))]


def test_customers_come_from_the_lines_that_name_them(staged):
    summer = datetime(2010, 6, 30, 23, 30, tzinfo=UTC).replace(tzinfo=None)
    assert staged.rows(
        "select contact_id, country, created_at from staging.stg_online_retail__contacts order by 1"
    ) == [
        ("10001", "FR", summer),
        ("10002", None, MORNING),
        ("10003", "IE", MORNING),
    ]


def test_all_other_lines_are_rejected_with_a_reason_and_their_raw_values(staged):
    rejected = staged.rows(
        "select record_key, reason, amount, raw_values"
        " from staging.stg_online_retail__rejected_rows order by 1"
    )
    assert [row[:3] for row in rejected] == [
        (f"{FIRST_SHEET}/3", "free_without_sale", Decimal(0)),
        (f"{FIRST_SHEET}/4", "stock_write_off", Decimal(0)),
        (f"{FIRST_SHEET}/6", "bad_debt_adjustment", Decimal("-53594.36")),
        (f"{SECOND_SHEET}/1", "invoice_repeated", Decimal("0.001")),
        (f"{SECOND_SHEET}/2", "line_unreadable", None),
        (f"{SECOND_SHEET}/4", "line_unclassified", Decimal("-13.9")),
        (f"{SECOND_SHEET}/5", "line_unclassified", Decimal(0)),
    ]
    assert '"Quantity": "a dozen"' in rejected[4][3]
    assert '"Description": "SAYS \\"GO\\""' in rejected[5][3]


@pytest.mark.parametrize(
    ("damage", "failing"),
    [
        # a line of no money vanishes: only the count of places sees it
        (
            "where record_key <> 'Year 2009-2010/4'",
            {"assert_every_online_retail_line_is_used_once"},
        ),
        # a line of money vanishes
        ("where amount is null or amount >= -50000", set(SINGULAR_TESTS)),
        # a line stands there twice
        ("union all from sound where amount = -13.9", set(SINGULAR_TESTS)),
        # a line's money changes on the way: only the sums see it
        (
            "where amount <> -13.9 or amount is null union all"
            " select * replace (13.9 as amount) from sound where amount = -13.9",
            {"assert_online_retail_money_is_conserved"},
        ),
    ],
    ids=["line lost", "money lost", "line twice", "money changed"],
)
def test_lines_lost_or_counted_twice_fail_the_build(staged, damage, failing):
    """The singular tests can fail: each sees the damage it is there for."""
    name = "staging.stg_online_retail__rejected_rows"
    with duckdb.connect(str(staged.database)) as connection:
        (kind,) = connection.execute(
            "select table_type from information_schema.tables"
            " where table_name = 'stg_online_retail__rejected_rows'"
        ).fetchone() or ("",)
        drop = "drop view" if kind == "VIEW" else "drop table"
        connection.execute(f"create or replace table kept as from {name}")
        connection.execute(f"{drop} {name}")
        connection.execute(
            f"create table {name} as with sound as (from kept) select * from sound {damage}"
        )
    try:
        result = staged.dbt("test", "--select", *SINGULAR_TESTS)
        assert {node.name for node in result.failed} == failing
    finally:
        with duckdb.connect(str(staged.database)) as connection:
            connection.execute(f"drop table {name}; drop table kept")
        rebuilt = staged.dbt("run", "--select", "stg_online_retail__rejected_rows")
        assert rebuilt.success


# --- the published figures ----------------------------------------------------------------------
class Built:
    """The whole project over Online Retail II at the published day."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        (row,) = self.rows(sql)
        return row


@pytest.fixture(scope="module")
def built(run_dbt, data_dir, tmp_path_factory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("online_retail")
    lines = prepare(data_dir / "online_retail_ii", folder, say=silent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(lines))
        result = run_dbt(
            ["--quiet", "build"],
            vars=preset_vars("online_retail"),
            db_path=folder / "built.duckdb",
            target_path=folder / "target",
        )
        assert result.success, result.error or result.failed
        yield Built(folder / "built.duckdb")


LINES = "staging.stg_online_retail__lines"

# The rows of the published table: filter, lines, invoices, sum of quantity x price.
PUBLISHED = {
    "all rows": ("true", 1_067_371, 53_628, "19287250.57"),
    "kept once": ("line_kind <> 'repeat'", 1_044_848, 53_628, None),
    "repeats": ("line_kind = 'repeat'", 22_523, 1_088, None),
    "sale, customer known": (
        "line_kind = 'sale' and contact_id is not null",
        791_045,
        36_969,
        "17431551.18",
    ),
    "sale, no customer": (
        "line_kind = 'sale' and contact_id is null",
        228_608,
        3_107,
        "3091128.68",
    ),
    "free, customer known": ("line_kind = 'free' and contact_id is not null", 70, 61, "0"),
    "free, no customer": ("line_kind = 'free' and contact_id is null", 2_561, 1_925, "0"),
    "write-off": ("line_kind = 'write_off'", 3_393, 3_393, "0"),
    "write-off, no customer": (
        "line_kind = 'write_off' and contact_id is null",
        3_393,
        3_393,
        "0",
    ),
    "cancellation, customer known": (
        "line_kind = 'cancellation' and contact_id is not null",
        18_446,
        7_901,
        "-1087882.14",
    ),
    "cancellation, no customer": (
        "line_kind = 'cancellation' and contact_id is null",
        719,
        391,
        "-377421.52",
    ),
    "adjustment": ("line_kind = 'adjustment'", 6, 6, "-147614.08"),
    "left over": ("line_kind in ('unreadable', 'unclassified')", 0, 0, None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_row_of_the_published_table(built, name):
    condition, lines, invoices, amount = PUBLISHED[name]
    found = built.row(
        f"select count(*), count(distinct invoice), round(sum(line_amount), 2)"
        f" from {LINES} where {condition}"
    )
    assert found[:2] == (lines, invoices)
    if amount is not None:
        assert found[2] == Decimal(amount)


@pytest.mark.slow
def test_kept_lines_and_repeats_add_up_to_every_raw_row(built):
    kinds = Counter(dict(built.rows(f"select line_kind, count(*) from {LINES} group by 1")))
    assert kinds.total() == 1_067_371
    assert built.rows(
        "select source_sheet, count(*), min(row_no), max(row_no)"
        f" from {LINES} group by 1 order by 1"
    ) == [(FIRST_SHEET, 525_461, 1, 525_461), (SECOND_SHEET, 541_910, 1, 541_910)]


@pytest.mark.slow
def test_the_single_year_has_its_published_lines_and_customers(built):
    assert built.row(
        "select count(*), count(distinct contact_id)"
        f" from {LINES} where source_sheet = '{SECOND_SHEET}' and contact_id is not null"
        " and quantity > 0 and unit_price > 0 and invoice not like 'C%'"
    ) == (397_885, 4_338)


@pytest.mark.slow
def test_published_customers_and_buyers(built):
    assert built.row(
        "select count(*), count(distinct customer_id), count_if(order_count > 0),"
        " min(as_of_date)::varchar, max(as_of_date)::varchar from marts.customers"
    ) == (5_942, 5_942, 5_878, "2011-12-10", "2011-12-10")


@pytest.mark.slow
def test_published_orders_and_gross_revenue_of_known_customers(built):
    """17,431,551.178: a line is priced at 0.001 on 18 of the orders; rounded once, at the end."""
    orders, gross = built.row(
        "select count(*), round(sum(gross_amount), 2) from marts.orders"
        " where customer_id is not null and is_valid"
    )
    assert (orders, gross) == (36_969, Decimal("17431551.18"))
    orders, gross = built.row(
        "select sum(order_count), round(sum(gross_revenue), 2) from marts.customers"
    )
    assert (orders, gross) == (36_969, Decimal("17431551.18"))


@pytest.mark.slow
def test_published_orders_without_a_customer(built):
    assert built.row(
        "select count(*), round(sum(gross_amount), 2) from marts.orders"
        " where customer_id is null and is_valid"
    ) == (3_107, Decimal("3091128.68"))


@pytest.mark.slow
def test_published_refunds_and_net_revenue_of_known_customers(built):
    refunded, net = built.row(
        "select round(sum(refund_amount), 2), round(sum(net_revenue), 2) from marts.customers"
    )
    assert refunded == Decimal("1087882.14")
    assert net == Decimal("17431551.18") - Decimal("1087882.14")


@pytest.mark.slow
def test_the_one_cancellation_that_bills_is_rejected_with_its_amount(built):
    assert built.rows(
        "select record_key, reason, amount from marts.rejected_records where entity = 'refunds'"
    ) == [("C496350", "amount_not_positive", Decimal("-373.57"))]


@pytest.mark.slow
def test_rejected_lines_are_the_published_rest(built):
    rejected = built.rows(
        "select reason, count(*), sum(amount) from marts.rejected_records"
        " where entity = 'order_lines' group by 1 order by 1"
    )
    assert rejected == [
        ("bad_debt_adjustment", 6, Decimal("-147614.08")),
        ("free_without_sale", 1_922, Decimal(0)),
        ("invoice_repeated", 22_523, Decimal("377488.45")),
        ("stock_write_off", 3_393, Decimal(0)),
    ]


@pytest.mark.slow
def test_orders_refunds_and_rejects_add_up_to_the_raw_money(built):
    assert built.row(
        "select (select sum(gross_amount) from staging.stg_online_retail__orders)"
        " - (select sum(refund_amount) from staging.stg_online_retail__refunds)"
        " + (select sum(amount) from staging.stg_online_retail__rejected_rows)"
        f" - (select sum(line_amount) from {LINES})"
    ) == (Decimal(0),)


@pytest.mark.slow
def test_the_lines_of_orders_add_up_to_them(built):
    """Every line of a sale, and the 709 free ones that went with one."""
    orders, gross = built.row("select count(*), sum(gross_amount) from marts.orders where is_valid")
    assert built.row(
        "select count(*), count(distinct order_id), sum(net_amount)"
        " from intermediate.int_order_lines"
    ) == (791_045 + 228_608 + 709, orders, gross)
    assert built.rows(
        "select distinct order_count > 0, category_preference_segment, profit_tier_segment,"
        " line_revenue_share from marts.customers order by 1"
    ) == [(False, "none", "none", None), (True, "unknown", "unknown", Decimal(1))]


@pytest.mark.slow
def test_reconciliation_has_no_difference(built):
    checks = built.rows("select check_name, scope, difference from marts.reconciliation")
    assert {name for name, _, _ in checks} >= {"orders_rows", "orders_amount", "customer_orders"}
    assert [row for row in checks if row[2] != 0] == []


@pytest.mark.slow
def test_the_customers_who_ordered_by_mistake_have_no_revenue_left(built):
    """16446 and 12346 ordered 80,995 and 74,215 pieces and cancelled minutes later."""
    for number, net in (("12346", Decimal("-64.68")), ("16446", Decimal("-6.1"))):
        orders, refunds = built.row(
            "select (select sum(gross_amount) from staging.stg_online_retail__orders"
            f" where contact_id = '{number}'), (select sum(refund_amount)"
            f" from staging.stg_online_retail__refunds where contact_id = '{number}')"
        )
        assert orders - refunds == net
        assert built.rows(
            "select net_revenue from marts.customers where customer_id = (select any_value"
            "(orders.customer_id) from marts.orders as orders inner join"
            " staging.stg_online_retail__orders as invoices using (order_id)"
            f" where invoices.contact_id = '{number}')"
        ) == [(net,)]


@pytest.mark.slow
def test_revenue_is_as_concentrated_as_its_definitions_say(built):
    """Gini over all pairs of buyers, top shares customer by customer, the parts one by one."""
    revenues = sorted(
        (
            net
            for (net,) in built.rows(
                "select net_revenue from marts.customers where order_count > 0"
            )
        ),
        reverse=True,
    )
    revenues = [net for net in revenues if net > 0]
    total = sum(revenues)
    columns = (
        "buyer_count",
        "net_revenue",
        "gini",
        *(f"top_{percent}_percent_revenue_share" for percent in (1, 5, 10, 20)),
        "head_customer_count",
        "torso_customer_count",
        "tail_customer_count",
    )
    found = built.row(f"select {', '.join(columns)} from marts.revenue_concentration")
    assert found[:2] == (len(revenues), total)

    def rounded(exact: Fraction) -> Decimal:
        return Decimal(int(exact * 10_000 + Fraction(1, 2))) / 10_000

    assert found[2] == rounded(gini_of(revenues))
    assert found[3:7] == tuple(rounded(top_share(revenues, percent)) for percent in (1, 5, 10, 20))
    above = {net: sum(other for other in revenues if other > net) for net in set(revenues)}
    parts = Counter(
        sum(above[net] >= total * share for share in (Decimal("0.8"), Decimal("0.95")))
        for net in revenues
    )
    assert found[7:] == (parts[0], parts[1], parts[2])

    # the same by libraries: pygini's coefficient, numpy's interpolation of the Lorenz curve
    ascending = np.array(sorted(map(float, revenues)))
    assert float(found[2]) == pytest.approx(pygini.gini(ascending), abs=0.00005)
    held = np.concatenate([[0], np.cumsum(ascending)]) / ascending.sum()
    people = np.linspace(0, 1, len(held))
    for percent, share in zip((1, 5, 10, 20), found[3:7], strict=True):
        below = np.interp(1 - percent / 100, people, held)
        assert float(share) == pytest.approx(1 - below, abs=0.00005)

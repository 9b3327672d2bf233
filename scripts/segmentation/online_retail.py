"""Online Retail II: from the publisher's file to the one Parquet shape that staging reads.

The data set (UCI Machine Learning Repository, no. 502, Chen 2019, CC BY 4.0) is published as one
workbook with two sheets. The same lines as Parquet are read too. Every row is kept and every value
stays as the publisher has it, as text: typing, and saying what cannot be typed, is the work of
`models/staging/online_retail`.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import pyarrow as pa

from segmentation import warehouse
from segmentation.dbt_runner import Output, find_project_root
from segmentation.errors import SegmentationError

# Which file the staging models of the preset online_retail read, and, on an engine that reads no
# files, in which schema they find the raw lines.
FILE_VARIABLE = "SEGMENTATION_ONLINE_RETAIL"
SCHEMA_VARIABLE = "SEGMENTATION_SOURCE_SCHEMA"
SOURCE_SCHEMA = "raw"
TABLE = "lines"
FILE_READERS = ("duckdb", "spark", "databricks")

OUTPUT_NAME = "online_retail.parquet"
SHEETS = ("Year 2009-2010", "Year 2010-2011")
EXTENSIONS = (".parquet", ".xlsx")

# The raw shape: source_sheet, row_no and these columns of the publisher. "Customer ID" is written
# without the blank, as a column name in SQL.
COLUMNS = (
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "CustomerID",
    "Country",
)
OTHER_SPELLINGS = {"CustomerID": "Customer ID"}

HOW_TO_GET = (
    "Download Online Retail II from the UCI Machine Learning Repository (data set 502), "
    "or give its Parquet copy."
)


def prepare(path: Path, out_dir: Path | None = None, *, say: Callable[[str], None] = print) -> Path:
    """Read Online Retail II and write it in the raw shape that the staging models expect.

    The result has one row per raw line: `source_sheet` (text), `row_no` (whole number, from 1 in
    each sheet), and the publisher's eight columns as text, with empty cells as NULL. It is written
    anew on every call, and appears under its name only when it is complete.

    Args:
        path: the publisher's .xlsx, a .parquet of the same lines, or a folder that holds one.
        out_dir: where the result goes, made if it isn't there; by default the folder `data` of the
            project, where the staging models look if SEGMENTATION_ONLINE_RETAIL isn't set.
        say: called with one sentence per step.

    Returns:
        The path of the Parquet file, `online_retail.parquet` in `out_dir`, absolute.

    Raises:
        SegmentationError: the file is missing, is of another kind, can't be read, lacks a sheet or
            a column, or is the result itself; or the result can't be written.
    """
    target = (out_dir or find_project_root() / "data").resolve() / OUTPUT_NAME
    source = _find_file(path, target)
    say(f"Reading {source} ({source.stat().st_size / 1_000_000:.0f} MB).")
    partial = target.with_name(f"{OUTPUT_NAME}.{os.getpid()}.partial")
    with duckdb.connect() as connection:
        try:
            if source.suffix.lower() == ".xlsx":
                lines = _read_workbook(connection, source, say)
            else:
                lines = _read_parquet(connection, source)
            row_count = len(lines)
        except duckdb.Error as error:
            raise SegmentationError(f"{source} can't be read: {_first_line(error)}") from error
        if row_count == 0:
            raise SegmentationError(f"{source} holds no invoice lines. {HOW_TO_GET}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            lines.write_parquet(str(partial), compression="zstd")
            partial.replace(target)
        except (OSError, duckdb.Error) as error:
            raise SegmentationError(f"{target} can't be written: {_first_line(error)}") from error
        finally:
            partial.unlink(missing_ok=True)
    say(f"Wrote {row_count:,} invoice lines to {target}.")
    return target


def needs_loading(output: Output) -> bool:
    """Whether the target's engine reads tables only, so that `load` must come before the build."""
    return output.adapter not in FILE_READERS


def load(
    lines: Path,
    output: Output,
    *,
    profiles_dir: Path | None = None,
    say: Callable[[str], None] = print,
) -> str:
    """Replace the raw lines in a Postgres database by those of a file that `prepare` wrote.

    The table is `lines` in the schema that SEGMENTATION_SOURCE_SCHEMA names (`raw`): source_sheet
    as text, row_no as integer, the publisher's columns in lower case as text, NULL where the
    file has it. Both are made if they aren't there. All of it is one transaction: readers meet the
    old lines or the new ones, and a failure leaves the old ones in place.

    Args:
        lines: the Parquet file in the raw shape.
        output: the target of profiles.yml.
        profiles_dir: the folder of profiles.yml; where dbt would look for it if None.
        say: called with one sentence per step.

    Returns:
        The table's name, as SQL writes it.

    Raises:
        SegmentationError: the target is no Postgres, can't be reached, refuses the user's rights,
            or has another table of that name.
    """
    schema = os.environ.get(SCHEMA_VARIABLE) or SOURCE_SCHEMA
    if output.adapter != "postgres":
        raise SegmentationError(
            f"Lines can be loaded into Postgres only, and target '{output.name}' is "
            f"{output.adapter}: load {lines} there yourself as the table {schema}.{TABLE}, every "
            "column as text but row_no, then run 'segmentation build --inputs online_retail "
            f"--target {output.name}'."
        )
    with (
        tempfile.TemporaryDirectory(prefix="segmentation-") as folder,
        warehouse.connect(output, profiles_dir=profiles_dir) as adapter,
    ):
        table = f"{adapter.quote(schema)}.{adapter.quote(TABLE)}"
        say(f"Loading the lines into {schema}.{TABLE} on target '{output.name}'.")
        csv = Path(folder) / "lines.csv"
        with duckdb.connect() as connection:
            relation = connection.read_parquet(str(lines))
            row_count = len(relation)
            relation.create_view("raw_lines")
            # every text in quotes, so that an empty one is told from NULL, which has none
            connection.execute(
                f"copy raw_lines to {_text(str(csv))} (format csv, header false, force_quote *)"
            )
        handle = adapter.connections.get_thread_connection().handle
        try:
            with handle.cursor() as cursor, csv.open("rb") as file:
                _make_table(cursor, schema, table)
                cursor.execute(f"truncate {table}")
                cursor.copy_expert(
                    f"copy {table} ({', '.join(_table_columns())}) from stdin (format csv)", file
                )
            handle.commit()
            with handle.cursor() as cursor:
                cursor.execute(f"analyze {table}")
            handle.commit()
        except SegmentationError:
            handle.rollback()
            raise
        except Exception as error:
            handle.rollback()
            raise SegmentationError(
                f"The lines can't be loaded into {schema}.{TABLE} on target '{output.name}': "
                f"{_first_line(error)}. Another schema can be named by {SCHEMA_VARIABLE}."
            ) from error
    say(f"Loaded {row_count:,} invoice lines into {schema}.{TABLE}.")
    return table


def _table_columns() -> dict[str, str]:
    """The columns of the raw lines on a server, with their types."""
    texts = dict.fromkeys((name.lower() for name in COLUMNS), "text")
    return {"source_sheet": "text", "row_no": "integer", **texts}


def _make_table(cursor: Any, schema: str, table: str) -> None:
    """Make schema and table if they aren't there.

    Raises:
        SegmentationError: there is a table of that name with other columns.
    """
    cursor.execute("select 1 from pg_namespace where nspname = %s", [schema])
    if not cursor.fetchall():
        # "if not exists" asks for the right to create even where nothing is to be created
        cursor.execute(f"create schema {table.rpartition('.')[0]}")
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        [table],
    )
    found = dict(cursor.fetchall())
    wanted = _table_columns()
    if not found:
        columns = ", ".join(f"{name} {data_type}" for name, data_type in wanted.items())
        cursor.execute(f"create table {table} ({columns})")
    elif found != wanted:
        raise SegmentationError(
            f"There is another table {schema}.{TABLE} already, with the columns "
            f"{', '.join(found)}: name another schema for the raw lines by {SCHEMA_VARIABLE}."
        )


def _find_file(path: Path, result: Path) -> Path:
    """The file meant by `path`: itself, or the only fitting one in the folder, never the result."""
    if path.is_dir():
        found = sorted(
            entry
            for entry in path.iterdir()
            if entry.is_file()
            and entry.suffix.lower() in EXTENSIONS
            and not entry.name.startswith(("~$", "."))
            and entry.resolve() != result
        )
        named = [entry for entry in found if "online" in entry.name.lower()]
        candidates = named or found
        if not candidates:
            raise SegmentationError(
                f"The folder {path} holds no {' or '.join(EXTENSIONS)} file. {HOW_TO_GET}"
            )
        if len(candidates) > 1:
            names = ", ".join(entry.name for entry in candidates)
            raise SegmentationError(
                f"The folder {path} holds more than one file that could be meant: {names}. "
                "Give the path of one of them."
            )
        return candidates[0]
    if not path.exists():
        raise SegmentationError(f"There is no file {path}. {HOW_TO_GET}")
    if path.suffix.lower() not in EXTENSIONS:
        raise SegmentationError(
            f"{path} is not a {' or '.join(EXTENSIONS)} file: "
            "give the publisher's workbook as downloaded, or its Parquet copy."
        )
    if path.resolve() == result:
        raise SegmentationError(
            f"{path} is where the result goes: give the publisher's file, or another folder "
            "for the result."
        )
    return path


def _read_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, say: Callable[[str], None]
) -> duckdb.DuckDBPyRelation:
    """Both sheets in the raw shape, one after the other, in the order of their rows."""
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise SegmentationError(
            f"{path} can't be read as a workbook: {_first_line(error)}"
        ) from error
    for name in SHEETS:
        if name not in workbook.sheet_names:
            raise SegmentationError(
                f"{path} has no sheet '{name}': it has {_listed(workbook.sheet_names)}. "
                f"The publisher's workbook has the sheets {_listed(SHEETS)}."
            )
    relations = []
    for name in SHEETS:
        try:
            # As text: a number keeps its shortest form, a code such as 79323P stays whole.
            sheet = workbook.load_sheet(name, dtypes="string").to_arrow()
        except fastexcel.FastExcelError as error:
            raise SegmentationError(
                f"The sheet '{name}' of {path} can't be read: {_first_line(error)}"
            ) from error
        columns = _match_columns(sheet.schema.names, f"The sheet '{name}' of {path}")
        cells = [_cell(*names) for names in zip(columns, COLUMNS, strict=True)]
        row_no = "cast(row_number() over () as integer) as row_no"
        relations.append(
            connection.from_arrow(pa.table(sheet)).project(
                ", ".join([f"{_text(name)} as source_sheet", row_no, *cells])
            )
        )
        say(f"Read {sheet.num_rows:,} lines of the sheet '{name}'.")
    first, second = relations
    return first.union(second)


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """The file in the raw shape, in its own order."""
    rows = connection.read_parquet(str(path), file_row_number=True)
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    del types["file_row_number"]
    if "source_sheet" not in types:
        raise SegmentationError(
            f"{path} has no column 'source_sheet' (it has {_listed(types)}). Without it, the "
            "invoices that stand in both sheets of the publisher's workbook would count twice: "
            "give the .xlsx, or add the column with "
            f"{' and '.join(repr(sheet) for sheet in SHEETS)}."
        )
    columns = _match_columns(list(types), str(path))
    position = "row_number() over (partition by source_sheet order by file_row_number)"
    row_no = "row_no" if "row_no" in types else position
    cells = [
        _cell(column, name, types[column]) for column, name in zip(columns, COLUMNS, strict=True)
    ]
    return rows.project(
        ", ".join(
            [
                "cast(source_sheet as varchar) as source_sheet",
                f"cast({row_no} as integer) as row_no",
                *cells,
            ]
        )
    )


def _match_columns(present: Sequence[str], where: str) -> list[str]:
    """The spelling used for each of COLUMNS, in their order."""
    columns = [name if name in present else OTHER_SPELLINGS.get(name, name) for name in COLUMNS]
    missing = [
        OTHER_SPELLINGS.get(name, name)
        for name, column in zip(COLUMNS, columns, strict=True)
        if column not in present
    ]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise SegmentationError(
            f"{where} has no column{plural} {_listed(missing)}: it has {_listed(present)}."
        )
    return columns


def _cell(column: str, name: str, type_name: str = "VARCHAR") -> str:
    """One column as text; a whole number that was stored as a float loses its '.0'."""
    text = f'cast("{column}" as varchar)'
    if type_name in {"FLOAT", "DOUBLE"}:
        text = f"regexp_replace({text}, '[.]0$', '')"
    return f'{text} as "{name}"'


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _text(value: str) -> str:
    """A SQL text literal."""
    return "'" + value.replace("'", "''") + "'"

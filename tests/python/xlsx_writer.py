"""The smallest workbook a spreadsheet program would also open, written without a library.

Numbers are number cells, datetimes are serial days with a date format, text goes through the table
of shared strings: the three kinds of cell that the publisher's workbooks hold.
"""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from string import ascii_uppercase
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | float | datetime | None

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SCHEMAS = "http://schemas.openxmlformats.org"
MAIN = f"{SCHEMAS}/spreadsheetml/2006/main"
OFFICE = f"{SCHEMAS}/officeDocument/2006/relationships"
PACKAGE = f"{SCHEMAS}/package/2006"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATIONSHIPS = "application/vnd.openxmlformats-package.relationships+xml"
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's clock has no zone
DATE_STYLE = 1


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> Path:
    """Write the sheets, each a list of rows, header included, in their order."""
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, rows in enumerate(sheets.values(), start=1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _worksheet(rows, strings))
        archive.writestr("xl/sharedStrings.xml", _shared_strings(strings))
        archive.writestr("xl/styles.xml", _styles())
        archive.writestr("xl/workbook.xml", _workbook(list(sheets)))
        archive.writestr("xl/_rels/workbook.xml.rels", _workbook_parts(len(sheets)))
        archive.writestr("_rels/.rels", _package_parts())
        archive.writestr("[Content_Types].xml", _content_types(len(sheets)))
    return path


def _worksheet(rows: Iterable[Sequence[Cell]], strings: dict[str, int]) -> str:
    lines = []
    for row_number, row in enumerate(rows, start=1):
        cells = "".join(
            _cell(f"{ascii_uppercase[place]}{row_number}", value, strings)
            for place, value in enumerate(row)
            if value is not None
        )
        lines.append(f'<row r="{row_number}">{cells}</row>')
    data = "".join(lines)
    return f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'


def _cell(reference: str, value: Cell, strings: dict[str, int]) -> str:
    if isinstance(value, datetime):
        days = (value - DAY_ZERO) / timedelta(days=1)
        return f'<c r="{reference}" s="{DATE_STYLE}"><v>{days!r}</v></c>'
    if isinstance(value, str):
        index = strings.setdefault(value, len(strings))
        return f'<c r="{reference}" t="s"><v>{index}</v></c>'
    return f'<c r="{reference}"><v>{value!r}</v></c>'


def _shared_strings(strings: Iterable[str]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    return f'{XML}<sst xmlns="{MAIN}">{items}</sst>'


def _styles() -> str:
    """Style 0 is plain, style 1 a date with a time (format 22)."""
    return (
        f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _workbook_parts(sheet_count: int) -> str:
    parts = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheet_count + 1)]
    return _relationships(
        [*parts, ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    )


def _package_parts() -> str:
    return _relationships([("officeDocument", "xl/workbook.xml")])


def _relationships(parts: Iterable[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def _content_types(sheet_count: int) -> str:
    parts = [
        ("workbook.xml", "sheet.main"),
        ("styles.xml", "styles"),
        ("sharedStrings.xml", "sharedStrings"),
        *((f"worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheet_count + 1)),
    ]
    overrides = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{CONTENT}.{kind}+xml"/>'
        for part, kind in parts
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{RELATIONSHIPS}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )

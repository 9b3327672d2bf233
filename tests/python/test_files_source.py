"""Tables that already have contract shape: Parquet and CSV give the same rows, wrong ones stop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from contract_files import CONTRACTS, preset_vars, write_contract_file

# One full row and one of nothing but a source, per entity; ids that a CSV reader must not touch.
ROWS = {
    "orders": {
        "source_name": "'shop'",
        "order_id": "'00042'",
        "contact_id": "'007'",
        "email": "'Li@Example.com '",
        "phone": "'+8613800000000'",
        "country": "'CN'",
        "ordered_at": "'2026-05-31 15:59:59.123456'",
        "status": "'paid'",
        "is_test": "false",
        "gross_amount": "1234.5678",
        "discount_amount": "0",
        "currency": "'CNY'",
        "sales_channel": "'web, mobile'",
        "utm_source": "'a \"quoted\" source'",
        "utm_medium": "'cpc'",
        "utm_campaign": "'春季'",
        "updated_at": "'2026-06-01 00:00:00'",
        "raw_values": '\'{"order_id": "00042"}\'',
    },
    "contacts": {
        "source_name": "'shop'",
        "contact_id": "'007'",
        "created_at": "'2024-02-29 23:59:59'",
        "birth_date": "'1990-12-31'",
        "has_marketing_consent": "true",
        "tags": "'vip;press'",
    },
    "refunds": {
        "source_name": "'shop'",
        "refund_id": "'R-1'",
        "order_id": "'00042'",
        "refunded_at": "'2026-06-02 08:00:00'",
        "refund_amount": "0.0001",
        "currency": "'CNY'",
    },
    "order_lines": {
        "source_name": "'shop'",
        "order_id": "'00042'",
        "line_id": "'01'",
        "product_id": "'0815'",
        "category": "'Tea, loose'",
        "quantity": "0.125",
        "unit_price": "1234.5678",
        "unit_cost": "0.0001",
        "currency": "'CNY'",
        "updated_at": "'2026-06-01 00:00:00'",
    },
}


def write_files(folder: Path, extension: str) -> Path:
    """A folder with a file per entity, each with its full row and its empty one."""
    folder.mkdir(parents=True, exist_ok=True)
    for entity, values in ROWS.items():
        expressions = {
            column: f"case when number = 1 or '{column}' = 'source_name' then {value} end"
            for column, value in values.items()
        }
        write_contract_file(
            folder / f"{entity}.{extension}",
            entity,
            duckdb.sql("select unnest([1, 2]) as number"),
            expressions,
        )
    return folder


@pytest.fixture
def build(run_dbt, tmp_path, monkeypatch) -> Callable[..., Any]:
    """Build the staging models, or `select`, over a folder of files; gives dbt's result."""

    def run(
        folder: Path,
        *,
        file_format: str = "parquet",
        select: str = "path:models/staging/files",
        **changes: Any,
    ) -> Any:
        monkeypatch.setenv("SEGMENTATION_FILES", str(folder))
        monkeypatch.setenv("SEGMENTATION_FILES_FORMAT", file_format)
        return run_dbt(
            ["--quiet", "build", "--select", select],
            vars=preset_vars("files", **changes),
            db_path=tmp_path / "files.duckdb",
            target_path=tmp_path / "target",
        )

    return run


def staged_rows(database: Path, entity: str) -> list[tuple[Any, ...]]:
    """The rows of a staging model, whose columns and types must be those of the contract."""
    with duckdb.connect(str(database), read_only=True) as connection:
        relation = connection.table(f"staging.stg_files__{entity}")
        types = [str(given).lower().replace(",", ", ") for given in relation.types]
        assert list(zip(relation.columns, types, strict=True)) == list(CONTRACTS[entity].items())
        key = relation.columns[1]
        return relation.order(f"{key} nulls last").fetchall()


def expected_rows(entity: str) -> list[tuple[Any, ...]]:
    """The full row and the empty one, as DuckDB itself types them."""
    casts = ", ".join(
        f"cast({ROWS[entity].get(column, 'null')} as {type_name})"
        for column, type_name in CONTRACTS[entity].items()
    )
    full = duckdb.sql(f"select {casts}").fetchall()
    return [*full, ("shop", *(None for _ in range(len(CONTRACTS[entity]) - 1)))]


@pytest.mark.parametrize("extension", ["parquet", "csv"])
def test_files_become_staging_rows_of_the_contract_types(build, tmp_path, extension):
    folder = write_files(tmp_path / "it's here (1)", extension)
    inputs = {entity: [f"stg_files__{entity}"] for entity in CONTRACTS}
    result = build(folder, file_format=extension, inputs=inputs)
    assert result.success, result.error or result.failed
    for entity in CONTRACTS:
        assert staged_rows(tmp_path / "files.duckdb", entity) == expected_rows(entity)


def test_text_of_a_csv_file_that_cannot_be_read_is_rejected(build, tmp_path):
    folder = write_files(tmp_path / "files", "csv")
    lines = (folder / "orders.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    row = dict.fromkeys(header, "")
    row |= {"source_name": "shop", "order_id": "bad", "ordered_at": "31/12/2025", "currency": "USD"}
    row |= {"gross_amount": "twelve", "discount_amount": "0", "raw_values": "31/12/2025"}
    lines.append(",".join(row[column] for column in header))
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = build(folder, file_format="csv", select="+rejected_records")
    assert not [node for node in result.failed if node.resource_type == "model"], result.failed
    with duckdb.connect(str(tmp_path / "files.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select reason, raw_values from marts.rejected_records where record_key = 'bad'"
        ).fetchall()
    assert found == [("ordered_at_unreadable", "31/12/2025")]


def test_an_entity_left_out_of_inputs_needs_no_file(build, tmp_path):
    folder = write_files(tmp_path / "files", "parquet")
    for entity in ("contacts", "refunds", "order_lines"):
        (folder / f"{entity}.parquet").unlink()
    result = build(folder, inputs={"orders": ["stg_files__orders"]})
    assert result.success, result.error or result.failed
    models = {node.name for node in result.nodes if node.resource_type == "model"}
    assert models == {"stg_files__orders"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("* exclude (currency)", "currency"),
        ("* replace ('yesterday' as ordered_at)", "yesterday"),
        ("* replace ('12,50' as gross_amount)", "12,50"),
    ],
)
def test_a_wrong_shape_stops_and_names_the_column_or_the_value(build, tmp_path, change, said):
    folder = write_files(tmp_path / "files", "parquet")
    path = str(folder / "orders.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"create table orders as select {change} from '{path}'")
        connection.table("orders").write_parquet(path)
    result = build(folder, select="+int_orders")
    assert not result.success
    assert said in " ".join(node.message for node in result.failed)


def test_a_missing_file_is_named(build, tmp_path):
    folder = write_files(tmp_path / "files", "parquet")
    (folder / "refunds.parquet").unlink()
    result = build(folder)
    assert not result.success
    assert "refunds.parquet" in " ".join(node.message for node in result.failed)

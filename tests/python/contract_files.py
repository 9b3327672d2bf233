"""Write tables in the shape of the input contracts, as `models/staging/files` reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml
from conftest import PROJECT_ROOT

PRESETS = PROJECT_ROOT / "scripts" / "segmentation" / "presets"

CONTRACTS: dict[str, dict[str, str]] = {
    "orders": {
        "source_name": "varchar",
        "order_id": "varchar",
        "contact_id": "varchar",
        "email": "varchar",
        "phone": "varchar",
        "country": "varchar",
        "ordered_at": "timestamp",
        "status": "varchar",
        "is_test": "boolean",
        "gross_amount": "decimal(18, 4)",
        "discount_amount": "decimal(18, 4)",
        "currency": "varchar",
        "sales_channel": "varchar",
        "utm_source": "varchar",
        "utm_medium": "varchar",
        "utm_campaign": "varchar",
        "updated_at": "timestamp",
        "raw_values": "varchar",
    },
    "contacts": {
        "source_name": "varchar",
        "contact_id": "varchar",
        "email": "varchar",
        "phone": "varchar",
        "created_at": "timestamp",
        "acquisition_source": "varchar",
        "acquisition_medium": "varchar",
        "acquisition_campaign": "varchar",
        "birth_date": "date",
        "gender": "varchar",
        "occupation": "varchar",
        "country": "varchar",
        "region": "varchar",
        "city": "varchar",
        "company": "varchar",
        "industry": "varchar",
        "company_size": "varchar",
        "partner_type": "varchar",
        "tags": "varchar",
        "has_marketing_consent": "boolean",
        "erased_at": "timestamp",
        "updated_at": "timestamp",
        "raw_values": "varchar",
    },
    "refunds": {
        "source_name": "varchar",
        "refund_id": "varchar",
        "order_id": "varchar",
        "contact_id": "varchar",
        "email": "varchar",
        "phone": "varchar",
        "country": "varchar",
        "refunded_at": "timestamp",
        "refund_amount": "decimal(18, 4)",
        "currency": "varchar",
        "updated_at": "timestamp",
        "raw_values": "varchar",
    },
    "order_lines": {
        "source_name": "varchar",
        "order_id": "varchar",
        "line_id": "varchar",
        "product_id": "varchar",
        "product_name": "varchar",
        "category": "varchar",
        "quantity": "decimal(18, 4)",
        "unit_price": "decimal(18, 4)",
        "unit_cost": "decimal(18, 4)",
        "currency": "varchar",
        "updated_at": "timestamp",
        "raw_values": "varchar",
    },
}


def preset_vars(name: str, **changes: Any) -> dict[str, Any]:
    """The vars of a shipped preset, with some of them changed."""
    text = (PRESETS / f"{name}.yml").read_text(encoding="utf-8")
    variables: dict[str, Any] = yaml.safe_load(text)
    return variables | changes


def write_contract_file(
    path: Path,
    entity: str,
    rows: duckdb.DuckDBPyRelation,
    expressions: Mapping[str, str],
) -> Path:
    """Write `rows` in contract shape to a .parquet or .csv file.

    Args:
        path: the file to write.
        entity: orders, contacts, refunds or order_lines.
        rows: what to read from.
        expressions: per contract column a SQL expression over `rows`; columns not named are NULL.
    """
    contract = CONTRACTS[entity]
    unknown = set(expressions) - set(contract)
    assert not unknown, f"not in the contract of {entity}: {unknown}"
    shaped = rows.project(
        ", ".join(
            f"cast({expressions.get(column, 'null')} as {type_name}) as {column}"
            for column, type_name in contract.items()
        )
    )
    if path.suffix == ".csv":
        shaped.write_csv(str(path), header=True)
    else:
        shaped.write_parquet(str(path))
    return path

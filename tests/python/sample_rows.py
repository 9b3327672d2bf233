"""The sample's raw files as rows of the input contracts: what staging must deliver, in Python.

Written from the descriptions in `seeds/sample/_sample.yml`, not from the staging SQL. The label in
the column `planted` travels in `raw_values`.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from oracle import Contact, Order, OrderLine, Refund

RawRow = dict[str, str]
HEAD_OFFICE = "Asia/Shanghai"
ZONE_OF_STORE = {"LDN1": "Europe/London"}
COUNTRY_OF_STORE = {"LDN1": "GB"}
ISO_OF_COUNTRY = {
    "China": "CN",
    "France": "FR",
    "Germany": "DE",
    "Hong Kong": "HK",
    "Japan": "JP",
    "United Kingdom": "GB",
    "United States": "US",
}
GENDERS = {"F": "female", "女": "female", "M": "male", "男": "male"}
ANSWERS = {"1": True, "Y": True, "0": False, "N": False}


def read_raw(folder: Path, name: str) -> list[RawRow]:
    """The rows of one raw file, every value as text."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(value: str) -> str | None:
    """Trimmed, or nothing."""
    return value.strip(" ") or None


def decimal(value: str) -> Decimal | None:
    """A plain decimal, or nothing."""
    plain = value.strip()
    return Decimal(plain) if re.fullmatch(r"[+-]?\d+(\.\d+)?", plain, re.ASCII) else None


def moment(value: str, zone: str = "UTC") -> datetime | None:
    """ISO text on the zone's wall clock as UTC without a zone, or nothing."""
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]", value):
        return None
    try:
        local = datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def store_zone(store: str) -> str:
    """The time zone whose wall clock a till writes."""
    return ZONE_OF_STORE.get(store, "Asia/Shanghai")


def read_orders(folder: Path) -> list[Order]:
    """Both sources' orders, web shop first, in the files' order."""
    web = [
        Order(
            source_name="web_shop",
            order_id=text(row["order_no"]),
            contact_id=text(row["customer_no"]),
            email=text(row["email"]),
            phone=text(row["phone"]),
            country=text(row["ship_country"]),
            ordered_at=moment(row["placed_at"]),
            status=text(row["state"]),
            is_test=row["test_mode"] == "true",
            gross_amount=decimal(row["subtotal"]),
            discount_amount=decimal(row["discount"]),
            currency=text(row["currency"]),
            sales_channel=text(row["storefront"]),
            utm_source=text(row["utm_source"]),
            utm_medium=text(row["utm_medium"]),
            utm_campaign=text(row["utm_campaign"]),
            updated_at=moment(row["updated_at"]),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "web_shop_orders")
    ]
    tills = [
        Order(
            source_name="tills",
            order_id=text(row["receipt_no"]),
            contact_id=text(row["member_no"]),
            phone=text(row["phone"]),
            country=COUNTRY_OF_STORE.get(row["store"], "CN"),
            ordered_at=moment(row["local_time"], store_zone(row["store"])),
            status=text(row["status"]),
            is_test=row["training"] == "Y",
            gross_amount=decimal(row["total"]),
            discount_amount=decimal(row["rebate"] or "0"),
            currency=text(row["currency"]),
            sales_channel="store",
            utm_source="store",
            utm_medium="offline",
            updated_at=moment(row["changed_at"], store_zone(row["store"])),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "till_orders")
    ]
    return [*web, *tills]


def read_contacts(folder: Path) -> list[Contact]:
    """All three sources' contacts: web shop, CRM, tills."""
    web = [
        Contact(
            source_name="web_shop",
            contact_id=text(row["customer_no"]),
            email=text(row["email"]),
            phone=text(row["phone"]),
            created_at=moment(row["registered_at"]),
            acquisition_source=text(row["signup_utm_source"]),
            acquisition_medium=text(row["signup_utm_medium"]),
            acquisition_campaign=text(row["signup_utm_campaign"]),
            country=text(row["country_code"]),
            city=text(row["city"]),
            has_marketing_consent=ANSWERS.get(row["newsletter"]),
            updated_at=moment(row["updated_at"]),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "web_shop_customers")
    ]
    crm = [
        Contact(
            source_name="crm",
            contact_id=text(row["contact_no"]),
            email=text(row["email"]),
            phone=text(row["mobile"]),
            created_at=moment(row["created"], HEAD_OFFICE),
            acquisition_source=text(row["lead_source"]),
            acquisition_medium=text(row["lead_medium"]),
            acquisition_campaign=text(row["lead_campaign"]),
            birth_date=date.fromisoformat(row["birth_date"]) if row["birth_date"] else None,
            gender=GENDERS.get(row["gender"]),
            occupation=text(row["occupation"]),
            country=ISO_OF_COUNTRY[row["country"]],
            region=text(row["province"]),
            city=text(row["city"]),
            company=text(row["company"]),
            industry=text(row["industry"]),
            company_size=text(row["company_size"]),
            partner_type=text(row["partner_type"]),
            tags=text(row["tags"]),
            has_marketing_consent=ANSWERS.get(row["consent"]),
            erased_at=moment(row["erased_on"], HEAD_OFFICE),
            updated_at=moment(row["modified"], HEAD_OFFICE),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "crm_contacts")
    ]
    tills = [
        Contact(
            source_name="tills",
            contact_id=text(row["member_no"]),
            phone=text(row["phone"]),
            created_at=moment(row["joined_at"], store_zone(row["home_store"])),
            acquisition_source="store",
            acquisition_medium="offline",
            gender=GENDERS.get(row["gender"]),
            country=COUNTRY_OF_STORE.get(row["home_store"], "CN"),
            updated_at=moment(row["changed_at"], store_zone(row["home_store"])),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "till_members")
    ]
    return [*web, *crm, *tills]


def read_refunds(folder: Path) -> list[Refund]:
    """The web shop's refunds, the only ones."""
    return [
        Refund(
            source_name="web_shop",
            refund_id=text(row["refund_no"]),
            order_id=text(row["order_no"]),
            contact_id=text(row["customer_no"]),
            email=text(row["email"]),
            refunded_at=moment(row["refunded_at"]),
            refund_amount=decimal(row["amount"]),
            currency=text(row["currency"]),
            updated_at=moment(row["updated_at"]),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "web_shop_refunds")
    ]


def read_order_lines(folder: Path) -> list[OrderLine]:
    """Both sources' lines, web shop first."""
    web = [
        OrderLine(
            source_name="web_shop",
            order_id=text(row["order_no"]),
            line_id=text(row["line_no"]),
            product_id=text(row["sku"]),
            category=text(row["category"]),
            quantity=decimal(row["quantity"]),
            unit_price=decimal(row["price"]),
            unit_cost=decimal(row["cost"]),
            currency=text(row["currency"]),
            updated_at=moment(row["updated_at"]),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "web_shop_order_lines")
    ]
    tills = [
        OrderLine(
            source_name="tills",
            order_id=text(row["receipt_no"]),
            line_id=text(row["position"]),
            product_name=text(row["article"]),
            category=text(row["department"]),
            quantity=decimal(row["amount"]),
            unit_price=decimal(row["single_price"]),
            unit_cost=decimal(row["purchase_price"]),
            currency=text(row["currency"]),
            updated_at=moment(row["changed_at"], store_zone(row["receipt_no"].partition("-")[0])),
            raw_values=row["planted"],
        )
        for row in read_raw(folder, "till_order_lines")
    ]
    return [*web, *tills]

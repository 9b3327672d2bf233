"""What the sample data plants among its sound rows: unusable rows, older versions, copies.

Every unusable row carries, in its column `planted`, the reason for which the project must reject
it; where it has two defects, the one that is checked first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

Row = dict[str, str]

FUTURE: Final = "2099-12-31"  # later than the day after any run

# Per file and reason: the changes that make a sound row unusable. One row is planted per change.
BROKEN: Final[dict[str, tuple[tuple[str, Row], ...]]] = {
    "web_shop_orders": (
        ("missing_order_id", {"order_no": ""}),
        ("missing_order_id", {"order_no": ""}),
        ("missing_order_id", {"order_no": "", "placed_at": "yesterday"}),
        ("missing_order_id", {"order_no": "", "subtotal": ""}),
        ("ordered_at_unreadable", {"placed_at": ""}),
        ("ordered_at_unreadable", {"placed_at": "2025-02-29T10:15:00Z"}),
        ("ordered_at_unreadable", {"placed_at": "2024-13-05T10:15:00Z"}),
        ("ordered_at_unreadable", {"placed_at": "31/12/2024 10:15"}),
        ("ordered_at_unreadable", {"placed_at": "2024-04-31T08:00:00Z", "currency": "XTS"}),
        ("ordered_in_future", {"placed_at": f"{FUTURE}T10:15:00Z"}),
        ("ordered_in_future", {"placed_at": "2099-01-01T00:00:00Z"}),
        ("ordered_in_future", {"placed_at": f"{FUTURE}T23:59:59Z", "subtotal": "n.a."}),
        ("amount_unreadable", {"subtotal": ""}),
        ("amount_unreadable", {"subtotal": "12O.00"}),
        ("amount_unreadable", {"subtotal": "1,299.00"}),
        ("amount_unreadable", {"subtotal": "¥128"}),
        ("amount_unreadable", {"discount": ""}),
        ("amount_unreadable", {"discount": "10%"}),
        ("amount_negative", {"subtotal": "-128.00"}),
        ("amount_negative", {"subtotal": "128.00", "discount": "-5.00"}),
        ("amount_negative", {"subtotal": "128.00", "discount": "128.01"}),
        ("amount_negative", {"subtotal": "-58.00", "currency": ""}),
        ("currency_unknown", {"currency": "XTS"}),
        ("currency_unknown", {"currency": "XTS", "state": "cancelled"}),
        ("currency_unknown", {"currency": ""}),
        ("currency_unknown", {"currency": "?"}),
    ),
    "till_orders": (
        ("missing_order_id", {"receipt_no": ""}),
        ("missing_order_id", {"receipt_no": ""}),
        ("ordered_at_unreadable", {"local_time": "2024-06-31 12:00:00"}),
        ("ordered_at_unreadable", {"local_time": "0000-00-00 00:00:00"}),
        ("ordered_at_unreadable", {"local_time": "24:10"}),
        ("ordered_in_future", {"local_time": f"{FUTURE} 12:00:00"}),
        ("ordered_in_future", {"local_time": "2098-02-28 12:00:00"}),
        ("amount_unreadable", {"total": "--"}),
        ("amount_unreadable", {"total": ""}),
        ("amount_unreadable", {"rebate": "member"}),
        ("amount_negative", {"total": "-88.00", "rebate": ""}),
        ("amount_negative", {"total": "88.00", "rebate": "880.00"}),
        ("currency_unknown", {"currency": "XTS"}),
        ("currency_unknown", {"currency": "12"}),
    ),
    "web_shop_refunds": (
        ("missing_refund_id", {"refund_no": ""}),
        ("missing_refund_id", {"refund_no": "", "amount": "0.00"}),
        ("refunded_at_unreadable", {"refunded_at": ""}),
        ("refunded_at_unreadable", {"refunded_at": "2025-11-31T09:00:00Z"}),
        ("refunded_in_future", {"refunded_at": f"{FUTURE}T09:00:00Z"}),
        ("refunded_in_future", {"refunded_at": "2099-06-30T16:00:00Z", "currency": "XTS"}),
        ("amount_unreadable", {"amount": ""}),
        ("amount_unreadable", {"amount": "50.00.00"}),
        ("amount_not_positive", {"amount": "0.00"}),
        ("amount_not_positive", {"amount": "-45.00"}),
        ("currency_unknown", {"currency": "XTS"}),
        ("currency_unknown", {"currency": ""}),
    ),
    "web_shop_order_lines": (
        ("missing_order_id", {"order_no": ""}),
        ("missing_order_id", {"order_no": "", "line_no": "", "quantity": "?"}),
        ("missing_line_id", {"line_no": ""}),
        ("missing_line_id", {"line_no": "", "price": ""}),
        ("quantity_unreadable", {"quantity": "two"}),
        ("quantity_unreadable", {"quantity": "", "currency": "XTS"}),
        ("quantity_not_positive", {"quantity": "0"}),
        ("quantity_not_positive", {"quantity": "-1", "price": "n.a."}),
        ("price_unreadable", {"price": ""}),
        ("price_unreadable", {"price": "¥88"}),
        ("price_negative", {"price": "-20.00"}),
        ("price_negative", {"price": "-0.01", "cost": "-1.00"}),
        ("cost_negative", {"cost": "-3.10"}),
        ("amount_out_of_range", {"quantity": "1000000000"}),
        ("amount_out_of_range", {"price": "9999999999999", "quantity": "2"}),
        ("order_unknown", {"order_no": "W99999"}),
        ("order_unknown", {"order_no": "W005"}),  # an order that is rejected itself
        ("currency_unknown", {"currency": ""}),
        ("currency_differs", {"currency": "XTS"}),
        ("currency_differs", {"currency": "SEK"}),
    ),
    "till_order_lines": (
        ("missing_order_id", {"receipt_no": ""}),
        ("missing_line_id", {"position": ""}),
        ("quantity_unreadable", {"amount": "1/2"}),
        ("quantity_not_positive", {"amount": "-0.1000"}),
        ("price_unreadable", {"single_price": "-"}),
        ("price_negative", {"single_price": "-88.00"}),
        ("cost_negative", {"purchase_price": "-41.36"}),
        ("order_unknown", {"receipt_no": "SH03-0001"}),
        ("currency_unknown", {"currency": ""}),
        ("currency_differs", {"currency": "XTS"}),
    ),
    "web_shop_customers": (
        ("missing_contact_id", {"customer_no": ""}),
        ("missing_contact_id", {"customer_no": ""}),
        ("created_at_unreadable", {"registered_at": "2025-09-31T01:02:03Z"}),
        ("created_at_unreadable", {"registered_at": ""}),
        ("created_in_future", {"registered_at": f"{FUTURE}T01:02:03Z"}),
    ),
    "till_members": (
        ("missing_contact_id", {"member_no": ""}),
        ("created_at_unreadable", {"joined_at": "last week"}),
        ("created_in_future", {"joined_at": f"{FUTURE} 11:00:00"}),
    ),
    "crm_contacts": (
        ("missing_contact_id", {"contact_no": ""}),
        ("missing_contact_id", {"contact_no": "", "created": "?"}),
        ("created_at_unreadable", {"created": "2024/05/17"}),
        ("created_at_unreadable", {"created": "2023-02-30 12:00:00"}),
        ("created_in_future", {"created": f"{FUTURE} 11:00:00"}),
        ("created_in_future", {"created": "2096-02-29 11:00:00"}),
    ),
}


class _Faults(NamedTuple):
    id_column: str
    broken_id: str  # ids of unusable rows begin with it
    time_column: str
    version_column: str
    older_rows: int
    older_values: Row  # what an older version said instead
    copies: int


_FAULTS: Final = {
    "web_shop_orders": _Faults(
        "order_no", "W0", "placed_at", "updated_at", 24, {"state": "pending"}, 10
    ),
    "till_orders": _Faults(
        "receipt_no", "SH01-X", "local_time", "changed_at", 8, {"status": "open"}, 5
    ),
    "web_shop_refunds": _Faults(
        "refund_no", "R0", "refunded_at", "updated_at", 5, {"amount": "9.99"}, 3
    ),
    "web_shop_order_lines": _Faults(
        "line_no", "9", "updated_at", "updated_at", 40, {"quantity": "99"}, 15
    ),
    "till_order_lines": _Faults(
        "position", "9", "changed_at", "changed_at", 12, {"single_price": "0.01"}, 6
    ),
    "web_shop_customers": _Faults(
        "customer_no", "C0", "registered_at", "updated_at", 6, {"city": "", "newsletter": "0"}, 4
    ),
    "till_members": _Faults(
        "member_no", "9900", "joined_at", "changed_at", 4, {"name": "", "gender": ""}, 2
    ),
    "crm_contacts": _Faults(
        "contact_no", "K0", "created", "modified", 8, {"kind": "lead", "tags": ""}, 4
    ),
}


def spread(rows: Sequence[Row], count: int, offset: int) -> list[Row]:
    """`count` rows at even distances, so that what is planted lies all over the file."""
    step = len(rows) // count
    return [rows[offset % step + number * step] for number in range(count)]


def place_of(rows: Sequence[Row], row: Row) -> int:
    """Where this very row stands; an equal one is another."""
    return next(place for place, other in enumerate(rows) if other is row)


def plant_faults(files: dict[str, list[Row]]) -> Counter[str]:
    """Add to each file what can't be used, beside the sound rows that it is made from.

    Args:
        files: File name -> its numbered rows; changed in place. Each row gets the key `planted`.

    Returns:
        How many older versions (`updated_rows`) and copies (`duplicate_rows`) were added.
    """
    added: Counter[str] = Counter()
    for name, faults in _FAULTS.items():
        rows = files[name]
        for row in rows:
            row["planted"] = ""
        for row in spread([row for row in rows if not row.get("erased_on")], faults.older_rows, 7):
            _add_older_version(rows, row, faults)
            added["updated_rows"] += 1
        for row in spread([row for row in rows if not row["planted"]], faults.copies, 3):
            row["planted"] = "duplicate"
            rows.insert(place_of(rows, row), dict(row))
            added["duplicate_rows"] += 1
        sound = [row for row in rows if not row["planted"]]
        for number, row in enumerate(spread(sound, len(BROKEN[name]), 5)):
            reason, change = BROKEN[name][number]
            broken_id = f"{faults.broken_id}{number + 1:02d}"
            broken = {**row, faults.id_column: broken_id, **change, "planted": reason}
            rows.insert(place_of(rows, row) + 1, broken)
    return added


def unusable_rows(rows: Sequence[Row]) -> dict[str, int]:
    """Reject reason -> rows. Of two copies one is accepted, the other superseded."""
    reasons = Counter(row["planted"] for row in rows if row["planted"])
    reasons["superseded"] += reasons.pop("duplicate", 0) // 2
    return dict(sorted(reasons.items()))


def _add_older_version(rows: list[Row], row: Row, faults: _Faults) -> None:
    first_seen = row[faults.time_column]
    older = {
        **row,
        **faults.older_values,
        faults.version_column: first_seen,
        "planted": "superseded",
    }
    if row[faults.version_column] == first_seen:
        shape = "%Y-%m-%dT%H:%M:%SZ" if first_seen.endswith("Z") else "%Y-%m-%d %H:%M:%S"
        later = datetime.strptime(first_seen, shape) + timedelta(hours=3)  # noqa: DTZ007
        row[faults.version_column] = later.strftime(shape)
    rows.insert(place_of(rows, row), older)

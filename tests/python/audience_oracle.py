"""Who is in which audience, in plain Python from the definitions of docs/guides/audiences.md.

Knows nothing of the macros: a rule is walked condition by condition, customer by customer.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

Rule = Mapping[str, Any]
Customer = Mapping[str, Any]
Key = tuple[int, date]

SEPARATORS = re.compile("[,;|，；、]")
MEASURES = {
    "paid_amount": lambda sale: sale.paid,
    "gross_amount": lambda sale: sale.gross,
    "discount_amount": lambda sale: sale.gross - sale.paid,
    "count": lambda sale: 1,
}


@dataclass(frozen=True)
class Line:
    """One line of an order, with what was paid for it."""

    category: str | None
    product: str | None
    net: Decimal


@dataclass(frozen=True)
class Sale:
    """One order as audiences see it."""

    customer: int | None
    day: date
    is_valid: bool
    gross: Decimal
    paid: Decimal
    purchase_channel: str
    marketing_channel: str
    lines: tuple[Line, ...] = ()


@dataclass
class World:
    """Everything that rules can ask of."""

    customers: list[Customer]
    sales: list[Sale]
    lists: set[tuple[str, str]]
    models: dict[str, set[tuple[str, date]]]
    segment_columns: dict[str, str]
    found: dict[str, set[Key]] = field(default_factory=dict)

    def buyers(self, day: date, column: str) -> list[Decimal]:
        """The values of a column among the buyers of a day, ascending."""
        return sorted(
            Decimal(customer[column])
            for customer in self.customers
            if customer["as_of_date"] == day
            and (customer["order_count"] or 0) > 0
            and customer[column] is not None
        )


def members(audiences: Sequence[Rule], world: World) -> dict[str, set[Key]]:
    """The (customer_number, as_of_date) in each audience, by id."""
    by_id = {audience["id"]: audience for audience in audiences}
    world.found = {}
    for name in by_id:
        _decide(name, by_id, world)
    return world.found


def _decide(name: str, by_id: Mapping[str, Rule], world: World) -> set[Key]:
    if name in world.found:
        return world.found[name]
    audience = by_id[name]
    needed = set(_named(audience["where"]))
    place = audience.get("precedence")
    rivals = [
        other["id"]
        for other in by_id.values()
        if place
        and other.get("precedence")
        and other["precedence"]["group"] == place["group"]
        and other["precedence"]["rank"] < place["rank"]
    ]
    for other in (*needed, *rivals):
        _decide(other, by_id, world)
    rule = _filled(audience["where"], audience.get("parameters") or {})
    expires = audience.get("expires")
    found: set[Key] = set()
    for customer in world.customers:
        key = (customer["customer_number"], customer["as_of_date"])
        over = expires is not None and customer["as_of_date"] >= date.fromisoformat(expires)
        is_taken = any(key in world.found[rival] for rival in rivals)
        if not over and not is_taken and holds(rule, customer, world):
            found.add(key)
    world.found[name] = found
    return found


def _named(rule: Any) -> Iterable[str]:
    if isinstance(rule, Mapping):
        if "audience" in rule:
            yield rule["audience"]
        for key in ("all", "any", "not"):
            yield from _named(rule.get(key))
    elif isinstance(rule, list):
        for part in rule:
            yield from _named(part)


def _filled(rule: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(rule, Mapping):
        if set(rule) == {"param"}:
            return parameters[rule["param"]]
        return {key: _filled(value, parameters) for key, value in rule.items()}
    if isinstance(rule, list):
        return [_filled(value, parameters) for value in rule]
    return rule


def holds(rule: Rule, customer: Customer, world: World) -> bool:  # noqa: PLR0911
    """Whether a rule without parameters holds for a customer on its day."""
    day = customer["as_of_date"]
    if "all" in rule:
        return all(holds(part, customer, world) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, customer, world) for part in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], customer, world)
    if "audience" in rule:
        return (customer["customer_number"], day) in world.found[rule["audience"]]
    if "list" in rule:
        return (rule["list"], customer["customer_id"]) in world.lists
    if "model" in rule:
        return (customer["customer_id"], day) in world.models[rule["model"]]
    if "orders" in rule:
        (measure,) = set(rule) - {"orders"}
        asked = rule["orders"]
        sales = [sale for sale in world.sales if _is_asked_for(sale, asked, customer)]
        if measure == "line_amount":
            lines = [line for sale in sales for line in sale.lines if _is_chosen(line, asked)]
            total = sum((line.net for line in lines), Decimal(0))
        else:
            total = sum((Decimal(MEASURES[measure](sale)) for sale in sales), Decimal(0))
        ((operator, value),) = rule[measure].items()
        return _compared(total, operator, value, day)
    subject = "segment" if "segment" in rule else "field"
    column = world.segment_columns[rule["segment"]] if "segment" in rule else rule["field"]
    ((operator, value),) = ((key, rule[key]) for key in rule if key != subject)
    if operator in {"top_percent", "bottom_percent"}:
        own = customer[column]
        if own is None or not (customer["order_count"] or 0) > 0:
            return False
        values = world.buyers(day, column)
        place = math.ceil(len(values) * Fraction(str(value)) / 100)
        if operator == "top_percent":
            return bool(own >= values[-place])
        return bool(own <= values[place - 1])
    return _compared(customer[column], operator, value, day)


def _is_asked_for(sale: Sale, chosen: Mapping[str, Any], customer: Customer) -> bool:
    ago = (customer["as_of_date"] - sale.day).days
    names = {
        name: [chosen[name]] if isinstance(chosen[name], str) else chosen[name]
        for name in ("purchase_channel", "marketing_channel")
        if name in chosen
    }
    return (
        sale.is_valid
        and sale.customer == customer["customer_number"]
        and ago >= 1
        and ago > chosen.get("to_days_ago", 0)
        and ("from_days_ago" not in chosen or ago <= chosen["from_days_ago"])
        and all(getattr(sale, name) in allowed for name, allowed in names.items())
        and ("paid_at_least" not in chosen or sale.paid >= _number(chosen["paid_at_least"]))
        and ("paid_at_most" not in chosen or sale.paid <= _number(chosen["paid_at_most"]))
        and chosen.get("is_discounted", sale.paid < sale.gross) == (sale.paid < sale.gross)
        and (
            not {"category", "product_id"} & set(chosen)
            or any(_is_chosen(line, chosen) for line in sale.lines)
        )
    )


def _is_chosen(line: Line, chosen: Mapping[str, Any]) -> bool:
    """Whether a line has the category and the product that are asked for."""

    def names(key: str) -> list[str]:
        return [chosen[key]] if isinstance(chosen[key], str) else chosen[key]

    has_category = "category" not in chosen or line.category in {
        name.strip().lower() for name in names("category")
    }
    has_product = "product_id" not in chosen or line.product in {
        name.strip() for name in names("product_id")
    }
    return has_category and has_product


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _day(value: Any, today: date) -> date:
    if isinstance(value, Mapping):
        return today - timedelta(days=value["days_ago"])
    return date.fromisoformat(value)


def _compared(own: Any, operator: str, value: Any, today: date) -> bool:  # noqa: PLR0911
    """One comparison; with nothing on the left it is false."""
    if operator == "is_known":
        return (own is not None) == value
    if own is None:
        return False
    if isinstance(own, bool):
        return own == value
    if isinstance(own, str):
        if operator == "has_tag":
            tags = {re.sub("[ \u3000]", "", tag).lower() for tag in SEPARATORS.split(own)}
            return value.replace(" ", "").lower() in tags
        if operator == "starts_with":
            return own[: len(value)] == value
        return {
            "is": lambda: own == value,
            "is_not": lambda: own != value,
            "in": lambda: own in value,
            "not_in": lambda: own not in value,
        }[operator]()
    if isinstance(own, date):
        if operator == "between":
            return _day(value[0], today) <= own <= _day(value[1], today)
        other = _day(value, today)
        return {
            "on_day": own == other,
            "before": own < other,
            "on_or_before": own <= other,
            "after": own > other,
            "on_or_after": own >= other,
        }[operator]
    if operator in {"in", "not_in"}:
        return (own in map(_number, value)) == (operator == "in")
    if operator == "between":
        return bool(_number(value[0]) <= own <= _number(value[1]))
    number = _number(value)
    return bool(
        {
            "is": own == number,
            "is_not": own != number,
            "at_least": own >= number,
            "at_most": own <= number,
            "more_than": own > number,
            "less_than": own < number,
        }[operator]
    )

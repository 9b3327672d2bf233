"""The project's definitions once more, in plain Python and without the SQL that they check.

Every function states the definition it follows and does the obvious thing: loops, dictionaries,
``Decimal`` for money, ``Fraction`` for quantiles and medians. Nothing here is fast, nothing here
reads a model. Rows have the shape of the input contracts (see ``models/staging/README.md``):
time stamps are UTC without a zone, amounts are decimals, blank text is ``None``.

The order of the work is ``judge_*`` (what is usable, and why not) -> ``accept_*`` (one currency,
business dates, valid or not) -> ``resolve_identity`` -> ``measure`` (one customer on one day) ->
scores and segments. ``run`` does all of it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import phonenumbers

CENT = Decimal("0.01")


# ---------------------------------------------------------------------------------------------
# Input rows: the columns of the contracts, in their order
# ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Order:
    """One row of the contract ``orders``. ``gross_amount`` is before ``discount_amount``."""

    source_name: str
    order_id: str | None = None
    contact_id: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    ordered_at: datetime | None = None
    status: str | None = None
    is_test: bool | None = None
    gross_amount: Decimal | None = None
    discount_amount: Decimal | None = None
    currency: str | None = None
    sales_channel: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    updated_at: datetime | None = None
    raw_values: str | None = None


@dataclass(frozen=True)
class Contact:
    """One row of the contract ``contacts``."""

    source_name: str
    contact_id: str | None = None
    email: str | None = None
    phone: str | None = None
    created_at: datetime | None = None
    acquisition_source: str | None = None
    acquisition_medium: str | None = None
    acquisition_campaign: str | None = None
    birth_date: date | None = None
    gender: str | None = None
    occupation: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    company: str | None = None
    industry: str | None = None
    company_size: str | None = None
    partner_type: str | None = None
    tags: str | None = None
    has_marketing_consent: bool | None = None
    erased_at: datetime | None = None
    updated_at: datetime | None = None
    raw_values: str | None = None


@dataclass(frozen=True)
class Refund:
    """One row of the contract ``refunds``. ``refund_amount`` is positive."""

    source_name: str
    refund_id: str | None = None
    order_id: str | None = None
    contact_id: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    refunded_at: datetime | None = None
    refund_amount: Decimal | None = None
    currency: str | None = None
    updated_at: datetime | None = None
    raw_values: str | None = None


@dataclass(frozen=True)
class OrderLine:
    """One row of the contract ``order_lines``. ``unit_price`` is before the order's discount."""

    source_name: str
    order_id: str | None = None
    line_id: str | None = None
    product_id: str | None = None
    product_name: str | None = None
    category: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    unit_cost: Decimal | None = None
    currency: str | None = None
    updated_at: datetime | None = None
    raw_values: str | None = None


Record = Order | Contact | Refund
Row = TypeVar("Row", Order, Contact, Refund, OrderLine)


# ---------------------------------------------------------------------------------------------
# Settings (the vars) and reference data (the seeds)
# ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Settings:
    """The vars that a definition depends on, with the project's defaults."""

    run_date: date
    business_timezone: str = "Asia/Shanghai"
    reporting_currency: str = "CNY"
    default_country: str = "CN"
    valid_order_statuses: tuple[str, ...] = ("completed", "paid", "shipped", "delivered")
    identity_max_accounts_per_identifier: int = 10
    identity_max_identifiers_per_customer: int = 50
    activity_new_days: int = 30
    activity_active_days: int = 90
    activity_lost_days: int = 365
    rfm_preset: str = "rfm"
    lifecycle_min_gaps: int = 3
    lifecycle_min_rhythm_days: int = 14
    lifecycle_fallback_rhythm_days: int = 90
    lifecycle_declining_ratio: int = 2
    lifecycle_churned_ratio: int = 4
    lifecycle_mature_orders: int = 4
    lifecycle_loyal_orders: int = 8
    lifecycle_loyal_days: int = 365
    habit_min_orders: int = 3
    southern_hemisphere: bool = False
    frequency_high_days: int = 30
    frequency_regular_days: int = 90
    price_high_share: Fraction = Fraction("0.5")
    price_high_depth: Fraction = Fraction("0.1")
    price_low_share: Fraction = Fraction("0.2")
    price_low_depth: Fraction = Fraction("0.02")
    value_tier_high_amount: Decimal = Decimal(5000)
    value_tier_mid_amount: Decimal = Decimal(2500)
    value_tier_high_orders: int = 12
    value_tier_mid_orders: int = 4
    value_tier_policy: str = "min"
    pareto_head_share: Fraction = Fraction("0.8")
    pareto_torso_share: Fraction = Fraction("0.15")
    vip_weight_recency: Fraction = Fraction(2)
    vip_weight_frequency: Fraction = Fraction(3)
    vip_weight_monetary: Fraction = Fraction(5)
    churn_window_days: int = 180
    churn_overdue_ratio: Fraction = Fraction("1.5")
    churn_falling_share: Fraction = Fraction("0.5")
    churn_min_previous_orders: int = 3
    churn_high_reasons: int = 3
    profit_high_amount: int = 1000
    profit_mid_amount: int = 200
    profit_min_cost_share: Fraction = Fraction(1, 2)


Touch = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Reference:
    """What the seeds say.

    ``rates`` maps a currency to its dated rates into the reporting currency; ``is_denied`` says of
    a kind (email, phone) and a normal form whether it identifies nobody; ``rfm_map`` maps the 125
    score triples (``rfm_8``: the eight triples of 1, low, and 2, high) to a segment;
    ``channel_of`` maps (source, medium, campaign) to a marketing channel, ``channel_rank`` orders
    those that touch at the same instant, lowest first; ``sales_channel_of`` maps a source's own
    name of a sales channel to the project's. ``profile_map`` maps an attribute and a writing to a
    segment; ``age_bands`` and ``size_bands`` map a least value to a segment; ``macro_regions`` maps
    country and region (none for the whole country) to a macro-region, as seen from the default
    country; ``city_tiers`` maps country and city to the region and the tier; ``vip_minimums`` maps
    a VIP level to the least score it takes.
    """

    rates: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)
    is_denied: Callable[[str, str], bool] = lambda kind, identifier: False
    rfm_map: Mapping[tuple[int, int, int], str] = field(default_factory=dict)
    channel_of: Callable[[Touch], str] = lambda touch: "unassigned"
    channel_rank: Mapping[str, int] = field(default_factory=dict)
    sales_channel_of: Callable[[str | None], str] = lambda name: name or "other"
    vip_minimums: Mapping[str, Decimal] = field(default_factory=dict)
    profile_map: Mapping[tuple[str, str], str] = field(default_factory=dict)
    age_bands: Mapping[int, str] = field(default_factory=dict)
    size_bands: Mapping[int, str] = field(default_factory=dict)
    macro_regions: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    city_tiers: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------
# Primitives
# ---------------------------------------------------------------------------------------------
def business_date(moment: datetime, settings: Settings) -> date:
    """The calendar day of a UTC time stamp in the business time zone."""
    zone = ZoneInfo(settings.business_timezone)
    return moment.replace(tzinfo=UTC).astimezone(zone).date()


def recorded_clock(moment: datetime, settings: Settings) -> time | None:
    """The wall clock of a UTC time stamp in the business time zone.

    ``None`` at exactly midnight: so a source writes a day without a time.
    """
    clock = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(settings.business_timezone)).time()
    return None if clock == time() else clock


def seconds(moment: datetime) -> float:
    """A UTC time stamp as a number, to order by."""
    return moment.replace(tzinfo=UTC).timestamp()


def round_cents(amount: Decimal) -> Decimal:
    """Two decimals, half away from zero (``ROUND_HALF_UP`` of ``decimal`` does just that)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def in_reporting_currency(
    amount: Decimal, currency: str | None, rate: Decimal, settings: Settings
) -> Decimal:
    """Amounts of the reporting currency stay as the source gives them; others are converted.

    What is converted is rounded once, to whole cents.
    """
    return amount if currency == settings.reporting_currency else round_cents(amount * rate)


def rate_on(
    currency: str | None, day: date, settings: Settings, reference: Reference
) -> Decimal | None:
    """The latest rate dated on or before ``day``; the reporting currency itself is 1."""
    if currency is None:
        return None
    if currency == settings.reporting_currency:
        return Decimal(1)
    known = [dated for dated in reference.rates.get(currency, ()) if dated[0] <= day]
    return max(known)[1] if known else None


def quantile_type_7(values: Sequence[Decimal] | Sequence[int], share: Fraction) -> Fraction:
    """Type-7 quantile (R's and numpy's default), exact: h = (n - 1) p, linear between neighbours.

    Hyndman and Fan, "Sample quantiles in statistical packages", 1996, definition 7.
    """
    ordered = sorted(Fraction(value) for value in values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Sequence[int] | Sequence[Fraction]) -> Fraction:
    """The middle value, or half way between the two middle ones."""
    return quantile_type_7([Fraction(value) for value in values], Fraction(1, 2))  # type: ignore[arg-type]


def normal_email(email: str | None) -> str | None:
    """Normal form of an e-mail: trimmed and lower-cased.

    What isn't of the form name@host.domain is no identifier.
    """
    text = (email or "").strip().lower()
    name, _, host = text.partition("@")
    parts = host.split(".")
    is_whole = bool(name) and len(parts) > 1 and all(parts)
    return text if is_whole and "@" not in host and not any(map(str.isspace, text)) else None


def normal_phone(phone: str | None, country: str | None, settings: Settings) -> str | None:
    """E.164 by Google's phone number library, read in the row's country or the default one.

    A number that is impossible by its length is no identifier.
    """
    try:
        number = phonenumbers.parse(phone or "", country or settings.default_country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# ---------------------------------------------------------------------------------------------
# Accepted and rejected rows
# ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Judged(Generic[Row]):
    """A raw row with the first reason why it cannot be used, or ``None``."""

    row: Row
    reason: str | None


def supersede(rows: Sequence[Row], keys: Sequence[Hashable | None]) -> list[bool]:
    """Which of the usable rows an equal or newer row of the same key replaces.

    A newer ``updated_at`` wins, a missing one is oldest; of equal rows one is kept. A row that
    cannot be used (key ``None``) neither replaces a row nor is replaced.
    """
    best: dict[Hashable, int] = {}
    for place, key in enumerate(keys):
        if key is None:
            continue
        held = best.get(key)
        if held is None or _version(rows[place]) > _version(rows[held]):
            best[key] = place
    return [key is not None and best[key] != place for place, key in enumerate(keys)]


def _version(row: Record | OrderLine) -> float:
    return -math.inf if row.updated_at is None else seconds(row.updated_at)


def _judge(
    rows: Sequence[Row], first_reason: Callable[[Row], str | None], key: Callable[[Row], Hashable]
) -> list[Judged[Row]]:
    reasons = [first_reason(row) for row in rows]
    keys = [key(row) if reason is None else None for row, reason in zip(rows, reasons, strict=True)]
    replaced = supersede(rows, keys)
    return [
        Judged(row, "superseded" if gone else reason)
        for row, reason, gone in zip(rows, reasons, replaced, strict=True)
    ]


def date_reason(word: str, moment: datetime | None, settings: Settings) -> str | None:
    """``<word>_at_unreadable``, or ``<word>_in_future``: later than the day after the run."""
    if moment is None:
        return f"{word}_at_unreadable"
    if business_date(moment, settings) > settings.run_date + timedelta(days=1):
        return f"{word}_in_future"
    return None


def judge_orders(
    orders: Sequence[Order], settings: Settings, reference: Reference
) -> list[Judged[Order]]:
    """Every order row with its reject reason; the first in this order wins.

    missing_order_id, ordered_at_unreadable, ordered_in_future (business date later than the day
    after the run), amount_unreadable, amount_negative, currency_unknown, superseded.
    """

    def first_reason(row: Order) -> str | None:
        gross, discount = row.gross_amount, row.discount_amount
        if row.order_id is None:
            return "missing_order_id"
        if reason := date_reason("ordered", row.ordered_at, settings):
            return reason
        if gross is None or discount is None:
            return "amount_unreadable"
        if gross < 0 or discount < 0 or discount > gross:
            return "amount_negative"
        assert row.ordered_at is not None
        day = business_date(row.ordered_at, settings)
        rate = rate_on(row.currency, day, settings, reference)
        return "currency_unknown" if rate is None else None

    return _judge(orders, first_reason, lambda row: (row.source_name, row.order_id))


def judge_contacts(contacts: Sequence[Contact], settings: Settings) -> list[Judged[Contact]]:
    """Every contact row with its reject reason; the first in this order wins.

    missing_contact_id, created_at_unreadable, created_in_future, superseded.
    """

    def first_reason(row: Contact) -> str | None:
        if row.contact_id is None:
            return "missing_contact_id"
        return date_reason("created", row.created_at, settings)

    return _judge(contacts, first_reason, lambda row: (row.source_name, row.contact_id))


def judge_refunds(
    refunds: Sequence[Refund],
    orders: Mapping[OrderKey, AcceptedOrder],
    settings: Settings,
    reference: Reference,
) -> list[Judged[Refund]]:
    """Every refund row with its reject reason; the first in this order wins.

    missing_refund_id, refunded_at_unreadable, refunded_in_future, amount_unreadable,
    amount_not_positive, currency_unknown, superseded.
    """

    def first_reason(row: Refund) -> str | None:
        if row.refund_id is None:
            return "missing_refund_id"
        if reason := date_reason("refunded", row.refunded_at, settings):
            return reason
        if row.refund_amount is None:
            return "amount_unreadable"
        if row.refund_amount <= 0:
            return "amount_not_positive"
        rate = refund_rate(row, orders, settings, reference)
        return "currency_unknown" if rate is None else None

    return _judge(refunds, first_reason, lambda row: (row.source_name, row.refund_id))


TEN_THOUSANDTH = Decimal("0.0001")


def line_amount(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    """Quantity x price to four decimals; ``None`` when unknown or out of range.

    Out of range: a quantity of a billion or more, or an amount of more than 13 digits.
    """
    if quantity is None or price is None or abs(quantity) >= 10**9:
        return None
    amount = quantity * price
    if abs(amount) >= 10**13:
        return None
    return amount.quantize(TEN_THOUSANDTH, rounding=ROUND_HALF_UP)


def judge_order_lines(
    lines: Sequence[OrderLine], orders: Mapping[OrderKey, AcceptedOrder]
) -> list[Judged[OrderLine]]:
    """Every order line with its reject reason; the first in this order wins.

    missing_order_id, missing_line_id, quantity_unreadable, quantity_not_positive,
    price_unreadable, price_negative, cost_negative, amount_out_of_range, order_unknown (it is not
    among the accepted ones), currency_unknown, currency_differs (from that of the order),
    superseded.
    """

    def first_reason(row: OrderLine) -> str | None:
        cost = row.unit_cost
        order = orders.get((row.source_name, row.order_id or ""))
        rules = (
            ("missing_order_id", row.order_id is None),
            ("missing_line_id", row.line_id is None),
            ("quantity_unreadable", row.quantity is None),
            ("quantity_not_positive", row.quantity is not None and row.quantity <= 0),
            ("price_unreadable", row.unit_price is None),
            ("price_negative", row.unit_price is not None and row.unit_price < 0),
            ("cost_negative", cost is not None and cost < 0),
            (
                "amount_out_of_range",
                line_amount(row.quantity, row.unit_price) is None
                or (cost is not None and line_amount(row.quantity, cost) is None),
            ),
            ("order_unknown", order is None),
            ("currency_unknown", row.currency is None),
            ("currency_differs", order is not None and row.currency != order.row.currency),
        )
        return next((reason for reason, holds in rules if holds), None)

    return _judge(lines, first_reason, lambda row: (row.source_name, row.order_id, row.line_id))


# ---------------------------------------------------------------------------------------------
# Accepted records: business dates and one currency
# ---------------------------------------------------------------------------------------------
OrderKey = tuple[str, str]


@dataclass(frozen=True)
class AcceptedOrder:
    """A usable order, in the reporting currency."""

    row: Order
    key: OrderKey
    order_date: date
    rate: Decimal
    gross: Decimal
    discount: Decimal
    is_valid: bool

    @property
    def paid(self) -> Decimal:
        """Gross less discount."""
        return self.gross - self.discount


@dataclass(frozen=True)
class AcceptedContact:
    """A usable contact record."""

    row: Contact
    created_date: date


@dataclass(frozen=True)
class AcceptedRefund:
    """A usable refund, in the reporting currency; ``order`` is the accepted order it names."""

    row: Refund
    refund_date: date
    amount: Decimal
    order: AcceptedOrder | None

    @property
    def counts(self) -> bool:
        """Refunds of an accepted but not valid order don't count."""
        return self.order is None or self.order.is_valid


def accept_orders(
    judged: Iterable[Judged[Order]], settings: Settings, reference: Reference
) -> dict[OrderKey, AcceptedOrder]:
    """Orders in the reporting currency, at the rate of their business date.

    Gross and paid are each converted, the discount is what lies between. Valid: a configured
    status (trimmed, any case), no test, and more than nothing paid: not even a cent is no sale.
    """
    accepted: dict[OrderKey, AcceptedOrder] = {}
    for verdict in judged:
        row = verdict.row
        if verdict.reason is not None:
            continue
        assert row.order_id is not None and row.ordered_at is not None
        assert row.gross_amount is not None and row.discount_amount is not None
        day = business_date(row.ordered_at, settings)
        rate = rate_on(row.currency, day, settings, reference)
        assert rate is not None
        net = row.gross_amount - row.discount_amount
        gross = in_reporting_currency(row.gross_amount, row.currency, rate, settings)
        paid = in_reporting_currency(net, row.currency, rate, settings)
        status = (row.status or "").strip().lower()
        accepted[(row.source_name, row.order_id)] = AcceptedOrder(
            row=row,
            key=(row.source_name, row.order_id),
            order_date=day,
            rate=rate,
            gross=gross,
            discount=gross - paid,
            is_valid=(
                status in settings.valid_order_statuses and row.is_test is not True and paid > 0
            ),
        )
    return accepted


def accept_contacts(judged: Iterable[Judged[Contact]], settings: Settings) -> list[AcceptedContact]:
    """Contacts with the business date on which they were created."""
    return [
        AcceptedContact(verdict.row, business_date(verdict.row.created_at, settings))
        for verdict in judged
        if verdict.reason is None and verdict.row.created_at is not None
    ]


def refund_rate(
    row: Refund,
    orders: Mapping[OrderKey, AcceptedOrder],
    settings: Settings,
    reference: Reference,
) -> Decimal | None:
    """The rate that a refund is converted with.

    That of the accepted order it names, when in the same currency; else that of its own date.
    """
    order = orders.get((row.source_name, row.order_id)) if row.order_id else None
    if order is not None and order.row.currency == row.currency:
        return order.rate
    assert row.refunded_at is not None
    return rate_on(row.currency, business_date(row.refunded_at, settings), settings, reference)


def accept_refunds(
    judged: Iterable[Judged[Refund]],
    orders: Mapping[OrderKey, AcceptedOrder],
    settings: Settings,
    reference: Reference,
) -> list[AcceptedRefund]:
    """Refunds with their own date, their order and their amount in the reporting currency."""
    accepted = []
    for verdict in judged:
        row = verdict.row
        if verdict.reason is not None:
            continue
        assert row.refunded_at is not None and row.refund_amount is not None
        rate = refund_rate(row, orders, settings, reference)
        assert rate is not None
        accepted.append(
            AcceptedRefund(
                row=row,
                refund_date=business_date(row.refunded_at, settings),
                amount=in_reporting_currency(row.refund_amount, row.currency, rate, settings),
                order=orders.get((row.source_name, row.order_id)) if row.order_id else None,
            )
        )
    return accepted


@dataclass(frozen=True)
class AcceptedLine:
    """A line of a valid order in the reporting currency, ``cost`` if it is known.

    ``net`` bears its share of the discount of the order.
    """

    order: AcceptedOrder
    category: str | None
    net: Decimal
    cost: Decimal | None


def accept_order_lines(
    judged: Iterable[Judged[OrderLine]], orders: Mapping[OrderKey, AcceptedOrder]
) -> list[AcceptedLine]:
    """The lines of valid orders, at their order's own rate, to four decimals.

    A line nets what the order was paid for, in the part that it is of the order's gross amount. A
    category is lower-case text without blanks around it; ``none`` and ``unknown`` are no category.
    """

    def part(amount: Decimal, share: Fraction) -> Decimal:
        return rounded(Fraction(amount) * share)

    accepted = []
    for verdict in judged:
        row = verdict.row
        if verdict.reason is not None:
            continue
        assert row.order_id is not None
        order = orders[(row.source_name, row.order_id)]
        if not order.is_valid:
            continue
        assert order.row.gross_amount is not None
        booked = Fraction(order.row.gross_amount)
        amount = line_amount(row.quantity, row.unit_price)
        cost = line_amount(row.quantity, row.unit_cost)
        assert amount is not None
        category = (row.category or "").strip().lower()
        accepted.append(
            AcceptedLine(
                order=order,
                category=category if category not in ("", "none", "unknown") else None,
                net=part(amount, Fraction(order.paid) / booked),
                cost=None if cost is None else part(cost, Fraction(order.gross) / booked),
            )
        )
    return accepted


def rounded(exact: Fraction) -> Decimal:
    """Four decimals, half away from zero."""
    units = math.floor(abs(exact) * 10_000 + Fraction(1, 2))
    return Decimal(units if exact >= 0 else -units) / 10_000


# ---------------------------------------------------------------------------------------------
# Identity
# ---------------------------------------------------------------------------------------------
Account = tuple[str, ...]
Customer = frozenset[Account]


@dataclass(frozen=True)
class Identity:
    """Which accounts are one customer.

    ``capped`` holds the accounts that stay alone because their component holds too many
    identifiers.
    """

    customer_of: Mapping[Account, Customer]
    capped: frozenset[Account]


def identifiers_of(
    record: Record, settings: Settings, reference: Reference
) -> tuple[str | None, str | None]:
    """The usable e-mail and phone of a record in normal form.

    What is on the deny list identifies nobody.
    """
    email = normal_email(record.email)
    phone = normal_phone(record.phone, record.country, settings)
    return (
        None if email is None or reference.is_denied("email", email) else email,
        None if phone is None or reference.is_denied("phone", phone) else phone,
    )


def account_of(record: Record, settings: Settings, reference: Reference) -> Account | None:
    """(source, contact id); without a contact id the e-mail, else the phone; else nobody."""
    if record.contact_id is not None:
        return ("contact", record.source_name, record.contact_id)
    email, phone = identifiers_of(record, settings, reference)
    if email is not None:
        return ("email", email)
    if phone is not None:
        return ("phone", phone)
    return None


def resolve_identity(
    records: Iterable[Record], settings: Settings, reference: Reference
) -> Identity:
    """Connected components of accounts over shared e-mails and phones, by union-find.

    An erased contact's e-mail and phone link nothing, on its orders and refunds neither. An
    e-mail or phone that more than ``identity_max_accounts_per_identifier`` accounts share links
    none of them. A component with more than ``identity_max_identifiers_per_customer``
    identifiers (contact ids, e-mails and phones that may link) falls apart into its accounts.
    """
    records = list(records)
    erased = {
        account_of(record, settings, reference)
        for record in records
        if isinstance(record, Contact) and record.erased_at is not None
    }
    accounts_of: dict[str, set[Account]] = defaultdict(set)
    parent: dict[Account, Account] = {}
    for record in records:
        account = account_of(record, settings, reference)
        if account is None:
            continue
        parent.setdefault(account, account)
        for identifier in identifiers_of(record, settings, reference):
            if identifier is not None and account not in erased:
                accounts_of[identifier].add(account)

    def root(account: Account) -> Account:
        while parent[account] != account:
            account = parent[account]
        return account

    linking = {
        identifier: accounts
        for identifier, accounts in accounts_of.items()
        if len(accounts) <= settings.identity_max_accounts_per_identifier
    }
    for accounts in linking.values():
        first, *others = accounts
        for other in others:
            parent[root(other)] = root(first)

    members: dict[Account, set[Account]] = defaultdict(set)
    for account in parent:
        members[root(account)].add(account)
    identifiers: dict[Account, set[str]] = defaultdict(set)
    for identifier, accounts in linking.items():
        identifiers[root(next(iter(accounts)))].add(identifier)

    customer_of: dict[Account, Customer] = {}
    capped: set[Account] = set()
    for top, accounts in members.items():
        contact_ids = sum(account[0] == "contact" for account in accounts)
        held = contact_ids + len(identifiers[top])
        too_many = held > settings.identity_max_identifiers_per_customer
        if too_many:
            capped |= accounts
        for account in accounts:
            customer_of[account] = frozenset({account}) if too_many else frozenset(accounts)
    return Identity(customer_of, frozenset(capped))


# ---------------------------------------------------------------------------------------------
# One customer on one day
# ---------------------------------------------------------------------------------------------
@dataclass
class CustomerRecords:
    """All accepted records of one customer, whatever their date."""

    contacts: list[AcceptedContact] = field(default_factory=list)
    orders: list[AcceptedOrder] = field(default_factory=list)
    refunds: list[AcceptedRefund] = field(default_factory=list)
    lines: list[AcceptedLine] = field(default_factory=list)


@dataclass(frozen=True)
class Window:
    """What happened in a stretch of days: valid orders, and paid less refunded in it."""

    order_count: int
    net_revenue: Decimal


@dataclass
class Metrics:
    """One customer at one as_of_date, with the column names of the mart ``customers``."""

    as_of_date: date
    first_seen_date: date
    registered_date: date | None
    order_count: int
    gross_revenue: Decimal
    discount_amount: Decimal
    refund_amount: Decimal
    net_revenue: Decimal
    first_order_date: date | None
    last_order_date: date | None
    recency_days: int | None
    tenure_days: int | None
    purchase_date_count: int
    own_rhythm_days: Fraction | None
    last_gap_days: int | None
    median_gap_days: Fraction | None
    gap_variation: Fraction | None
    discounted_order_count: int
    preferred_time_segment: str
    preferred_time_share: Fraction | None
    preferred_weekday_segment: str
    preferred_weekday_share: Fraction | None
    preferred_season_segment: str
    preferred_season_share: Fraction | None
    purchase_frequency_segment: str
    purchase_channel: str
    purchase_channel_share: Fraction | None
    purchase_channel_entropy: float | None
    is_omnichannel: bool
    acquisition_channel: str
    year_order_count: int
    year_net_revenue: Decimal
    recent: Window
    previous: Window
    category_preference_segment: str
    category_preference_share: Fraction | None
    category_count: int
    gross_profit: Decimal | None
    gross_margin_share: Fraction | None
    line_revenue_share: Fraction | None
    costed_revenue_share: Fraction | None
    profit_tier_segment: str
    activity_segment: str = ""
    rhythm_days: Fraction | None = None
    overdue_ratio: Fraction | None = None
    next_order_expected_date: date | None = None
    lifecycle_segment: str = ""
    r_score: int | None = None
    f_score: int | None = None
    m_score: int | None = None
    rfm_segment: str = ""
    price_sensitivity_segment: str = ""
    discounted_order_share: Fraction | None = None
    discount_depth: Fraction | None = None
    spend_grade: str = ""
    frequency_grade: str = ""
    value_tier_segment: str = ""
    cumulative_revenue_share: Fraction | None = None
    pareto_segment: str = "none"
    vip_score: Fraction | None = None
    vip_level_segment: str = "none"
    churn_reasons: dict[str, tuple[int, Fraction, Fraction]] = field(default_factory=dict)
    churn_risk_segment: str = ""
    age_band_segment: str = ""
    gender_segment: str = ""
    region_segment: str = ""
    urban_segment: str = ""
    occupation_segment: str = ""
    industry_segment: str = ""
    company_size_segment: str = ""
    partner_type_segment: str = ""

    @property
    def churn_reason_count(self) -> int:
        """How many reasons there are to expect that the customer leaves."""
        return len(self.churn_reasons)

    @property
    def average_order_value(self) -> Fraction | None:
        """Net revenue per valid order."""
        return Fraction(self.net_revenue) / self.order_count if self.order_count else None


def measure(
    records: CustomerRecords, as_of_date: date, settings: Settings, reference: Reference
) -> Metrics | None:
    """What is known of a customer at ``as_of_date``, an exclusive upper bound.

    A record counts if its business date is earlier. A customer exists once any record does;
    before that the answer is ``None``.
    """
    contacts = [record for record in records.contacts if record.created_date < as_of_date]
    accepted = [record for record in records.orders if record.order_date < as_of_date]
    refunds = [record for record in records.refunds if record.refund_date < as_of_date]
    seen = [
        *(record.created_date for record in contacts),
        *(record.order_date for record in accepted),
        *(record.refund_date for record in refunds),
    ]
    if not seen:
        return None
    orders = [order for order in accepted if order.is_valid]
    gross = sum((order.gross for order in orders), Decimal("0.00"))
    discount = sum((order.discount for order in orders), Decimal("0.00"))
    refunded = sum((refund.amount for refund in refunds if refund.counts), Decimal("0.00"))
    dates = sorted({order.order_date for order in orders})
    gaps = [(later - earlier).days for earlier, later in pairwise(dates)]
    channel, share, entropy, channel_count = purchase_channel(orders, reference)
    clocks = [recorded_clock(order.row.ordered_at, settings) for order in orders
              if order.row.ordered_at is not None]  # fmt: skip
    times = preferred([time_of_day(clock) for clock in clocks if clock is not None], settings)
    weekdays = preferred([WEEKDAYS[order.order_date.weekday()] for order in orders], settings)
    seasons = preferred([season(order.order_date, settings) for order in orders], settings)

    def window(first_days_ago: int, last_days_ago: int) -> Window:
        """From so many days before ``as_of_date`` up to, but not with, so many."""
        begin = as_of_date - timedelta(days=first_days_ago)
        end = as_of_date - timedelta(days=last_days_ago)
        bought = [order for order in orders if begin <= order.order_date < end]
        back = [refund for refund in refunds if refund.counts and begin <= refund.refund_date < end]
        paid = sum((order.paid for order in bought), Decimal(0))
        return Window(len(bought), paid - sum((refund.amount for refund in back), Decimal(0)))

    year = window(365, 0)
    profile = profile_segments(attributes_of(contacts), as_of_date, settings, reference)
    lines = [line for line in records.lines if line.order.order_date < as_of_date]
    category, category_share, category_count = category_preference(lines, len(orders))
    profit, margin, costed = profit_of(lines, gross - discount, refunded, settings)
    return Metrics(
        as_of_date=as_of_date,
        first_seen_date=min(seen),
        registered_date=min((contact.created_date for contact in contacts), default=None),
        order_count=len(orders),
        gross_revenue=gross,
        discount_amount=discount,
        refund_amount=refunded,
        net_revenue=gross - discount - refunded,
        first_order_date=dates[0] if dates else None,
        last_order_date=dates[-1] if dates else None,
        recency_days=(as_of_date - dates[-1]).days if dates else None,
        tenure_days=(as_of_date - dates[0]).days if dates else None,
        purchase_date_count=len(dates),
        own_rhythm_days=median(gaps) if len(gaps) >= settings.lifecycle_min_gaps else None,
        last_gap_days=gaps[-1] if gaps else None,
        median_gap_days=median(gaps) if gaps else None,
        gap_variation=gap_variation(gaps) if len(gaps) >= settings.lifecycle_min_gaps else None,
        discounted_order_count=sum(order.discount > 0 for order in orders),
        preferred_time_segment=times[0] if orders else "none",
        preferred_time_share=times[1],
        preferred_weekday_segment=weekdays[0] if orders else "none",
        preferred_weekday_share=weekdays[1],
        preferred_season_segment=seasons[0] if orders else "none",
        preferred_season_share=seasons[1],
        purchase_frequency_segment=purchase_frequency(dates, settings),
        purchase_channel=channel,
        purchase_channel_share=share,
        purchase_channel_entropy=entropy,
        is_omnichannel=channel_count >= 2,
        acquisition_channel=acquisition_channel(contacts, orders, reference),
        year_order_count=year.order_count,
        year_net_revenue=year.net_revenue,
        recent=window(settings.churn_window_days, 0),
        previous=window(2 * settings.churn_window_days, settings.churn_window_days),
        **{f"{name}_segment": segment for name, segment in profile.items()},
        category_preference_segment=category,
        category_preference_share=category_share,
        category_count=category_count,
        gross_profit=profit,
        gross_margin_share=margin,
        line_revenue_share=line_share(lines, gross - discount),
        costed_revenue_share=costed,
        profit_tier_segment=profit_tier(profit, len(orders), settings),
    )


def gap_variation(gaps: Sequence[int]) -> Fraction:
    """How far the gaps lie from their median on average, in medians: 0 is clockwork."""
    middle = median(gaps)
    return sum((abs(gap - middle) for gap in gaps), Fraction(0)) / len(gaps) / middle


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def time_of_day(clock: time) -> str:
    """Quarters of the day, which begin at 0:00, 6:00, 12:00 and 18:00."""
    if clock < time(6):
        return "night"
    if clock < time(12):
        return "morning"
    return "afternoon" if clock < time(18) else "evening"


def season(day: date, settings: Settings) -> str:
    """The meteorological season: spring is March to May, in the south September to November."""
    northern = ("winter", "spring", "summer", "autumn")
    return northern[(day.month // 3 + 2 * settings.southern_hemisphere) % 4]


def preferred(names: Sequence[str], settings: Settings) -> tuple[str, Fraction | None]:
    """The name that stands more often than any other, and the share of the most frequent.

    ``mixed`` when two stand equally often, ``unknown`` when there are fewer than
    ``habit_min_orders``.
    """
    if not names:
        return "unknown", None
    counts = Counter(names)
    most = max(counts.values())
    top = [name for name, count in counts.items() if count == most]
    segment = top[0] if len(top) == 1 else "mixed"
    if len(names) < settings.habit_min_orders:
        segment = "unknown"
    return segment, Fraction(most, len(names))


def purchase_frequency(dates: Sequence[date], settings: Settings) -> str:
    """By the median of the days between purchase dates; one date alone is ``one_time``."""
    if len(dates) < 2:
        return "one_time" if dates else "none"
    usual = median([(later - earlier).days for earlier, later in pairwise(dates)])
    if usual <= settings.frequency_high_days:
        return "high"
    return "regular" if usual <= settings.frequency_regular_days else "occasional"


def judge_prices(customers: Sequence[Metrics], settings: Settings) -> None:
    """How far discounts decide, for all customers of one date.

    Share: discounted orders of all; depth: discounts of gross revenue. High when both reach the
    upper threshold, low when either misses the lower. ``unknown`` with too few orders; for all
    buyers, and without a share, when no order of any of them is discounted.
    """
    is_known = any(customer.discounted_order_count for customer in customers)
    for customer in customers:
        if customer.order_count == 0:
            customer.price_sensitivity_segment = "none"
            continue
        share = Fraction(customer.discounted_order_count, customer.order_count)
        depth = Fraction(customer.discount_amount) / Fraction(customer.gross_revenue)
        if is_known:
            customer.discounted_order_share, customer.discount_depth = share, depth
        if not is_known or customer.order_count < settings.habit_min_orders:
            segment = "unknown"
        elif share >= settings.price_high_share and depth >= settings.price_high_depth:
            segment = "high"
        elif share < settings.price_low_share or depth < settings.price_low_depth:
            segment = "low"
        else:
            segment = "medium"
        customer.price_sensitivity_segment = segment


def category_preference(
    lines: Sequence[AcceptedLine], order_count: int
) -> tuple[str, Fraction | None, int]:
    """What a customer likes best: category, its share of all lines, number of categories.

    The category of the highest net amount, then of most orders, then of the latest order, then the
    first by name. ``none`` without an order, ``unknown`` when no line has a category.
    """
    by_category: dict[str, list[AcceptedLine]] = defaultdict(list)
    for line in lines:
        if line.category is not None:
            by_category[line.category].append(line)
    if not by_category:
        return "unknown" if order_count else "none", None, 0

    def net(some: Iterable[AcceptedLine]) -> Decimal:
        return sum((line.net for line in some), Decimal(0))

    def place(category: str) -> tuple[Decimal, int, float, bytes]:
        inside = by_category[category]
        moments = [line.order.row.ordered_at for line in inside]
        return (
            -net(inside),
            -len({line.order.key for line in inside}),
            -max(seconds(moment) for moment in moments if moment),
            category.encode(),
        )

    best = min(by_category, key=place)
    whole = Fraction(net(lines))
    share = Fraction(net(by_category[best])) / whole if whole else None
    return best, share, len(by_category)


def line_share(lines: Iterable[AcceptedLine], paid: Decimal) -> Fraction | None:
    """How much of the paid amount is in lines."""
    if not paid:
        return None
    return Fraction(sum((line.net for line in lines), Decimal(0))) / Fraction(paid)


def profit_of(
    lines: Iterable[AcceptedLine], paid: Decimal, refunded: Decimal, settings: Settings
) -> tuple[Decimal | None, Fraction | None, Fraction | None]:
    """Gross profit, margin, and the share of the paid amount whose cost is known.

    Profit is over lines of known cost; of it remains the part of the paid amount that was not
    refunded, never less than nothing. Unknown where costs are known for too little.
    """
    if not paid:
        return None, None, None
    costed = [line for line in lines if line.cost is not None]
    revenue = Fraction(sum((line.net for line in costed), Decimal(0)))
    cost = Fraction(sum((line.cost for line in costed if line.cost is not None), Decimal(0)))
    known_share = revenue / Fraction(paid)
    if not costed or known_share < settings.profit_min_cost_share:
        return None, None, known_share
    kept = max(Fraction(paid - refunded), Fraction(0)) / Fraction(paid)
    margin = (revenue - cost) / revenue if revenue else None
    return rounded((revenue - cost) * kept), margin, known_share


def profit_tier(profit: Decimal | None, order_count: int, settings: Settings) -> str:
    """First that holds: none, unknown, high, mid, low, loss."""
    if order_count == 0:
        return "none"
    if profit is None:
        return "unknown"
    if profit >= settings.profit_high_amount:
        return "high"
    if profit >= settings.profit_mid_amount:
        return "mid"
    return "low" if profit >= 0 else "loss"


def purchase_channel(
    orders: Sequence[AcceptedOrder], reference: Reference
) -> tuple[str, Fraction | None, float | None, int]:
    """Where a customer buys: channel, its share, entropy, number of channels.

    The sales channel of most valid orders, then of most paid, then of the latest order, then the
    first by name; its share of the orders; the entropy -sum(p ln p) of the shares. Without an
    order the channel is ``none``.
    """
    by_channel: dict[str, list[AcceptedOrder]] = defaultdict(list)
    for order in orders:
        by_channel[reference.sales_channel_of(order.row.sales_channel)].append(order)
    if not by_channel:
        return "none", None, None, 0

    def place(channel: str) -> tuple[int, Decimal, float, str]:
        inside = by_channel[channel]
        latest = max(order.row.ordered_at for order in inside if order.row.ordered_at)
        return (
            -len(inside),
            -sum((order.paid for order in inside), Decimal(0)),
            -seconds(latest),
            channel,
        )

    best = min(by_channel, key=place)
    shares = [Fraction(len(inside), len(orders)) for inside in by_channel.values()]
    entropy = -sum(float(share) * math.log(share) for share in shares)
    return best, Fraction(len(by_channel[best]), len(orders)), entropy, len(by_channel)


def touches_of(
    contacts: Iterable[AcceptedContact], orders: Iterable[AcceptedOrder]
) -> list[tuple[datetime, Touch]]:
    """The marketing touches, each with its instant.

    A contact's creation with its acquisition fields, where it has any (an erased contact has
    none), and each valid order with its campaign fields, where none means nobody sent it.
    """
    touches: list[tuple[datetime, Touch]] = []
    for contact in contacts:
        person = contact.row
        assert person.created_at is not None
        fields: Touch = (
            person.acquisition_source,
            person.acquisition_medium,
            person.acquisition_campaign,
        )
        if person.erased_at is None and any(fields):
            touches.append((person.created_at, fields))
    for order in orders:
        assert order.row.ordered_at is not None
        sale = order.row
        assert sale.ordered_at is not None
        touches.append((sale.ordered_at, (sale.utm_source, sale.utm_medium, sale.utm_campaign)))
    return touches


def acquisition_channel(
    contacts: Iterable[AcceptedContact], orders: Iterable[AcceptedOrder], reference: Reference
) -> str:
    """The channel of the earliest touch that is neither direct nor unassigned.

    Equal instants: lowest channel rank. Else direct if any touch is direct; else unassigned.
    """
    touches = [
        (moment, reference.channel_of(touch)) for moment, touch in touches_of(contacts, orders)
    ]
    speaking = [
        (moment, reference.channel_rank.get(channel, 0), channel)
        for moment, channel in touches
        if channel not in ("direct", "unassigned")
    ]
    if speaking:
        return min(speaking)[2]
    return "direct" if any(channel == "direct" for _, channel in touches) else "unassigned"


# ---------------------------------------------------------------------------------------------
# Who the customer is
# ---------------------------------------------------------------------------------------------
OLDEST = 120
BLANKS = " \t\n\r\u00a0\u3000"


def attributes_of(contacts: Iterable[AcceptedContact]) -> dict[str, Any]:
    """What the contact records of one staging model agree on best, attribute by attribute.

    The newest record that has it; of equally new ones the first by source, then by id. An erased
    contact has nothing.
    """
    rows = sorted(
        (contact.row for contact in contacts if contact.row.erased_at is None),
        key=lambda row: (-_version(row), row.source_name, row.contact_id or ""),
    )
    names = ("birth_date", "gender", "occupation", "country", "region", "city", "industry",
             "company_size", "partner_type", "tags")  # fmt: skip
    return {
        name: next((value for row in rows if (value := getattr(row, name)) not in (None, "")), None)
        for name in names
    }


def age_on(birth_date: date, day: date) -> int:
    """Completed years: birthdays that have passed, 29 February being 1 March in common years."""
    is_before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - is_before_birthday


def band_of(value: int, bands: Mapping[int, str]) -> str:
    """The band with the greatest least value that the value reaches."""
    return bands[max(least for least in bands if least <= value)]


def profile_segments(
    facts: Mapping[str, Any], day: date, settings: Settings, reference: Reference
) -> dict[str, str]:
    """The segment of each segmentation that goes by who the customer is.

    Texts are compared trimmed and in lower case; blanks and the word null are none. Occupation and
    industry name themselves where the map doesn't know them, an unknown partner type is a partner
    all the same.
    """

    def text(name: str) -> str | None:
        value = (facts[name] or "").strip(BLANKS).lower()
        return None if value in {"", "null"} else value

    def mapped(name: str, otherwise: str | None) -> str:
        value = text(name)
        if value is None:
            return "none" if name == "partner_type" else "unknown"
        return reference.profile_map.get((name, value), otherwise or value)

    def age_band() -> str:
        born: date | None = facts["birth_date"]
        if born is None or born > day or age_on(born, day) > OLDEST:
            return "unknown"
        return band_of(age_on(born, day), reference.age_bands)

    def company_size() -> str:
        size = text("company_size") or ""
        is_headcount = size.isascii() and size.isdigit() and len(size) <= 7
        return mapped(
            "company_size",
            band_of(int(size), reference.size_bands) if is_headcount else "unknown",
        )

    home = settings.default_country
    country = (text("country") or home.lower()).upper()
    tiers = reference.city_tiers.get((country, text("city") or ""))

    def region() -> str:
        regions = reference.macro_regions
        for place in (text("region"), tiers and tiers[0]):
            if place and (country, place) in regions:
                return regions[country, place]
        if text("country") is None:
            return "unknown"
        if (country, None) in regions:
            return regions[country, None]
        if country != home:
            return "international"
        is_divided = any(part and where == home for where, part in regions)
        return "unknown" if is_divided else "domestic"

    urban = tiers[1] if tiers else "unlisted"
    return {
        "age_band": age_band(),
        "gender": mapped("gender", "unknown"),
        "region": region(),
        "urban": "unknown" if text("city") is None else urban,
        "occupation": mapped("occupation", None),
        "industry": mapped("industry", None),
        "company_size": company_size(),
        "partner_type": mapped("partner_type", "other_partner"),
    }


# ---------------------------------------------------------------------------------------------
# Segments
# ---------------------------------------------------------------------------------------------
QUINTILES = tuple(Fraction(number, 5) for number in range(1, 5))


@dataclass(frozen=True)
class CutPoints:
    """The four cut points of each score, exact.

    ``is_inclusive``: a value on a cut point is above it (frequency and monetary, ``rfm_r``).
    """

    recency: tuple[Fraction, ...]
    frequency: tuple[Fraction, ...]
    monetary: tuple[Fraction, ...]
    is_inclusive: bool = False


def cut_points(customers: Sequence[Metrics], preset: str) -> CutPoints | None:
    """Type-7 quantiles at 20, 40, 60, 80 % over the customers with a valid order at that date.

    Preset ``rfm_r``: the quantile plus 1, its lower bound inclusive.
    """
    buyers = [customer for customer in customers if customer.order_count > 0]
    if not buyers:
        return None
    shift = 1 if preset == "rfm_r" else 0

    def cuts(values: Sequence[Decimal] | Sequence[int]) -> tuple[Fraction, ...]:
        return tuple(quantile_type_7(values, share) + shift for share in QUINTILES)

    return CutPoints(
        recency=cuts([buyer.recency_days or 0 for buyer in buyers]),
        frequency=cuts([buyer.order_count for buyer in buyers]),
        monetary=cuts([buyer.net_revenue for buyer in buyers]),
        is_inclusive=preset == "rfm_r",
    )


def recency_score(recency_days: int, cuts: Iterable[Fraction]) -> int:
    """1 + the number of cut points above the recency: fresher scores higher."""
    return 1 + sum(cut > recency_days for cut in cuts)


def value_score(value: Decimal | int, cuts: Iterable[Fraction], is_inclusive: bool) -> int:
    """1 + the number of cut points below the value (``is_inclusive``: below or equal)."""
    exact = Fraction(value)
    return 1 + sum(cut < exact or (is_inclusive and cut == exact) for cut in cuts)


@dataclass(frozen=True)
class Means:
    """The mean of each RFM value over the customers with a valid order, exact."""

    recency: Fraction
    frequency: Fraction
    monetary: Fraction


def means(customers: Sequence[Metrics]) -> Means | None:
    """The three means; none without a buyer."""
    buyers = [customer for customer in customers if customer.order_count > 0]
    if not buyers:
        return None
    return Means(
        recency=Fraction(sum(buyer.recency_days or 0 for buyer in buyers), len(buyers)),
        frequency=Fraction(sum(buyer.order_count for buyer in buyers), len(buyers)),
        monetary=sum((Fraction(buyer.net_revenue) for buyer in buyers), Fraction(0)) / len(buyers),
    )


def levels(customer: Metrics, mean: Means) -> tuple[int, int, int]:
    """Preset ``rfm_8``: R, F and M each 2 (better than the mean) or 1 (equal to it or worse)."""
    assert customer.recency_days is not None
    return (
        1 + (customer.recency_days < mean.recency),
        1 + (customer.order_count > mean.frequency),
        1 + (Fraction(customer.net_revenue) > mean.monetary),
    )


def score(
    customer: Metrics,
    cuts: CutPoints | None,
    mean: Means | None,
    reference: Reference,
    preset: str,
) -> None:
    """The three scores and the named cell of the map; ``prospect`` without a valid order."""
    if customer.order_count == 0 or cuts is None or mean is None or customer.recency_days is None:
        customer.rfm_segment = "prospect"
        return
    customer.r_score = recency_score(customer.recency_days, cuts.recency)
    customer.f_score = value_score(customer.order_count, cuts.frequency, cuts.is_inclusive)
    customer.m_score = value_score(customer.net_revenue, cuts.monetary, cuts.is_inclusive)
    scores = (customer.r_score, customer.f_score, customer.m_score)
    triple = levels(customer, mean) if preset == "rfm_8" else scores
    customer.rfm_segment = reference.rfm_map.get(triple, "")


def activity_segment(customer: Metrics, settings: Settings) -> str:
    """First that holds: prospect, new, active, dormant, lost.

    New: at most one order, and first order or registration at most ``activity_new_days`` ago.
    """
    if customer.first_order_date is None or customer.recency_days is None:
        return "prospect"
    starts = [customer.first_order_date, customer.registered_date]
    ages = [(customer.as_of_date - start).days for start in starts if start is not None]
    if customer.order_count <= 1 and min(ages) <= settings.activity_new_days:
        return "new"
    if customer.recency_days <= settings.activity_active_days:
        return "active"
    if customer.recency_days <= settings.activity_lost_days:
        return "dormant"
    return "lost"


def population_rhythm(customers: Iterable[Metrics], settings: Settings) -> Fraction:
    """The median of the own medians; the fallback when nobody has enough gaps."""
    own = [
        customer.own_rhythm_days for customer in customers if customer.own_rhythm_days is not None
    ]
    return median(own) if own else Fraction(settings.lifecycle_fallback_rhythm_days)


def rhythm(customer: Metrics, population: Fraction, settings: Settings) -> Fraction:
    """The customer's own median gap, else the population's, never below the shortest rhythm."""
    own = customer.own_rhythm_days
    return max(population if own is None else own, Fraction(settings.lifecycle_min_rhythm_days))


def next_order_expected(customer: Metrics) -> date:
    """One rhythm after the last order, rounded up to whole days."""
    assert customer.last_order_date is not None and customer.rhythm_days is not None
    return customer.last_order_date + timedelta(days=math.ceil(customer.rhythm_days))


def lifecycle_segment(customer: Metrics, rhythm_days: Fraction, settings: Settings) -> str:
    """First that holds: prospect, churned, declining, onboarding, reactivated, loyal, mature.

    Onboarding: one purchase date. Reactivated: back after a gap that would have been churn. What
    is left is growing.
    """
    recency, tenure = customer.recency_days, customer.tenure_days
    if recency is None or tenure is None:
        return "prospect"
    churned_after = settings.lifecycle_churned_ratio * rhythm_days
    declining_after = settings.lifecycle_declining_ratio * rhythm_days
    is_loyal = (
        customer.order_count >= settings.lifecycle_loyal_orders
        and tenure >= settings.lifecycle_loyal_days
    )
    rules = (
        ("churned", recency > churned_after),
        ("declining", recency > declining_after),
        ("onboarding", customer.purchase_date_count == 1),
        ("reactivated", (customer.last_gap_days or 0) > churned_after),
        ("loyal", is_loyal),
        ("mature", customer.order_count >= settings.lifecycle_mature_orders),
        ("growing", True),
    )
    return next(segment for segment, holds in rules if holds)


GRADES = ("low", "mid", "high")


def value_tier(customer: Metrics, settings: Settings) -> tuple[str, str, str]:
    """Spend grade, frequency grade and tier of the last 365 days; ``none`` without an order.

    Spend: high above the high amount, low below the mid amount, mid in between and on both.
    Frequency: high and mid from so many orders on. ``min`` takes the lower grade, ``max`` the
    higher, ``matrix`` names both.
    """
    if customer.year_order_count == 0:
        return "none", "none", "none"
    spend = (customer.year_net_revenue >= settings.value_tier_mid_amount) + (
        customer.year_net_revenue > settings.value_tier_high_amount
    )
    frequency = (customer.year_order_count >= settings.value_tier_mid_orders) + (
        customer.year_order_count >= settings.value_tier_high_orders
    )
    tier = {
        "min": GRADES[min(spend, frequency)],
        "max": GRADES[max(spend, frequency)],
        "matrix": f"{GRADES[spend]}_spend_{GRADES[frequency]}_frequency",
    }[settings.value_tier_policy]
    return GRADES[spend], GRADES[frequency], tier


def pareto(customers: Iterable[Metrics], settings: Settings) -> None:
    """The part of the revenue that each customer with positive net revenue stands in.

    Head: those with more hold less than the head's share of what all hold. Torso: less than the
    shares of head and torso. Tail: the rest.
    """
    buyers = [
        customer for customer in customers if customer.order_count and customer.net_revenue > 0
    ]
    total = sum(Fraction(buyer.net_revenue) for buyer in buyers)
    for buyer in buyers:
        own = buyer.net_revenue
        above = sum(Fraction(other.net_revenue) for other in buyers if other.net_revenue > own)
        with_equals = sum(
            Fraction(other.net_revenue) for other in buyers if other.net_revenue >= own
        )
        head = settings.pareto_head_share * total
        torso = head + settings.pareto_torso_share * total
        buyer.cumulative_revenue_share = with_equals / total
        buyer.pareto_segment = "head" if above < head else "torso" if above < torso else "tail"


@dataclass(frozen=True)
class Concentration:
    """How unequally revenue is spread, with the column names of ``revenue_concentration``."""

    buyer_count: int
    net_revenue: Decimal
    gini: Fraction | None
    top_1_percent_revenue_share: Fraction | None
    top_5_percent_revenue_share: Fraction | None
    top_10_percent_revenue_share: Fraction | None
    top_20_percent_revenue_share: Fraction | None
    head_customer_count: int
    torso_customer_count: int
    tail_customer_count: int


def gini_of(revenues: Sequence[Decimal]) -> Fraction:
    """Half the mean absolute difference of all pairs, a customer with itself too, per mean.

    Gini, "Variabilità e mutabilità", 1912: the definition itself, not the formula over ranks.
    """
    units = [int(revenue * 10_000) for revenue in revenues]
    apart = sum(abs(one - other) for one in units for other in units)
    return Fraction(apart, 2 * len(units) * sum(units))


def top_share(revenues: Sequence[Decimal], percent: int) -> Fraction:
    """What the best so many percent hold, where a part of a customer holds that part of hers."""
    left = Fraction(len(revenues) * percent, 100)
    held = Fraction(0)
    for revenue in sorted(revenues, reverse=True):
        part = min(left, Fraction(1))
        held += part * Fraction(revenue)
        left -= part
    return held / Fraction(sum(revenues))


def concentration(customers: Iterable[Metrics]) -> Concentration:
    """Over the customers with positive net revenue."""
    buyers = [customer for customer in customers if customer.pareto_segment != "none"]
    revenues = [buyer.net_revenue for buyer in buyers]
    parts = [buyer.pareto_segment for buyer in buyers]
    shares = {
        percent: top_share(revenues, percent) if buyers else None for percent in (1, 5, 10, 20)
    }
    return Concentration(
        buyer_count=len(buyers),
        net_revenue=sum(revenues, Decimal(0)),
        gini=gini_of(revenues) if buyers else None,
        top_1_percent_revenue_share=shares[1],
        top_5_percent_revenue_share=shares[5],
        top_10_percent_revenue_share=shares[10],
        top_20_percent_revenue_share=shares[20],
        head_customer_count=parts.count("head"),
        torso_customer_count=parts.count("torso"),
        tail_customer_count=parts.count("tail"),
    )


def vip_score(customer: Metrics, settings: Settings) -> Fraction | None:
    """100 times the weighted mean of the three scores, each moved from 1..5 to 0..1."""
    scores = (customer.r_score, customer.f_score, customer.m_score)
    weights = (
        settings.vip_weight_recency,
        settings.vip_weight_frequency,
        settings.vip_weight_monetary,
    )
    weighted = [
        weight * Fraction(score - 1, 4)
        for weight, score in zip(weights, scores, strict=True)
        if score is not None
    ]
    return 100 * sum(weighted, Fraction(0)) / sum(weights) if weighted else None


def vip_level(score: Fraction | None, minimums: Mapping[str, Decimal]) -> str:
    """The level with the highest minimum that the score reaches; ``none`` without a score."""
    if score is None or not minimums:
        return "none"
    reached = [
        (minimum, level)
        for level, minimum in minimums.items()
        if Fraction(minimum) <= round_half_up(score, 2)
    ]
    return max(reached)[1]


def round_half_up(value: Fraction, places: int) -> Fraction:
    """To so many decimal places; halves go up."""
    return Fraction(math.floor(value * 10**places + Fraction(1, 2)), 10**places)


def churn_reasons(
    customer: Metrics, settings: Settings
) -> dict[str, tuple[int, Fraction, Fraction]]:
    """Reason to severity, what was measured and what it was compared with.

    Overdue: silent for more than ``churn_overdue_ratio`` own rhythms, severe beyond
    ``lifecycle_churned_ratio``. Falling: less than 1 - ``churn_falling_share`` of the orders, or of
    the positive spend, of the window before is left, severe if nothing is; a share of 1 asks for
    nothing to be left.
    """
    found: dict[str, tuple[int, Fraction, Fraction]] = {}
    recent, previous = customer.recent, customer.previous
    if customer.own_rhythm_days is not None:
        assert customer.recency_days is not None and customer.rhythm_days is not None
        silence, rhythm_days = Fraction(customer.recency_days), customer.rhythm_days
        if silence > settings.churn_overdue_ratio * rhythm_days:
            is_severe = silence > settings.lifecycle_churned_ratio * rhythm_days
            found["overdue"] = (1 + is_severe, silence, rhythm_days)
    if previous.order_count >= settings.churn_min_previous_orders:
        left = 1 - settings.churn_falling_share
        counts = (Fraction(recent.order_count), Fraction(previous.order_count))
        spends = (Fraction(recent.net_revenue), Fraction(previous.net_revenue))
        if counts[0] < left * counts[1]:
            found["falling_frequency"] = (1 + (counts[0] == 0), *counts)
        if spends[1] > 0 and left > 0 and spends[0] < left * spends[1]:
            found["falling_spend"] = (1 + (spends[0] <= 0), *spends)
    return found


def churn_risk(customer: Metrics, settings: Settings) -> str:
    """First that holds: none (no order), high, medium, low, unknown.

    High: a severe reason, or ``churn_high_reasons`` of them. Medium: any. Low: none of them,
    though the customer has a rhythm of its own or enough orders in the window before.
    """
    if customer.order_count == 0:
        return "none"
    severities = [severity for severity, _, _ in customer.churn_reasons.values()]
    if 2 in severities or len(severities) >= settings.churn_high_reasons:
        return "high"
    if severities:
        return "medium"
    has_rhythm = customer.own_rhythm_days is not None
    has_past = customer.previous.order_count >= settings.churn_min_previous_orders
    return "low" if has_rhythm or has_past else "unknown"


def judge_value_and_churn(customer: Metrics, settings: Settings, reference: Reference) -> None:
    """Value tier, VIP level and churn risk of a customer whose scores and rhythm are known."""
    tier = value_tier(customer, settings)
    customer.spend_grade, customer.frequency_grade, customer.value_tier_segment = tier
    customer.vip_score = vip_score(customer, settings)
    customer.vip_level_segment = vip_level(customer.vip_score, reference.vip_minimums)
    customer.churn_reasons = churn_reasons(customer, settings)
    customer.churn_risk_segment = churn_risk(customer, settings)


# ---------------------------------------------------------------------------------------------
# All of it
# ---------------------------------------------------------------------------------------------
@dataclass
class Outcome:
    """Everything the definitions say about one set of input rows."""

    orders: list[Judged[Order]]
    contacts: list[Judged[Contact]]
    refunds: list[Judged[Refund]]
    accepted_orders: dict[OrderKey, AcceptedOrder]
    accepted_refunds: list[AcceptedRefund]
    identity: Identity
    customer_of_order: dict[OrderKey, Customer | None]
    customer_of_contact: dict[tuple[str, str], Customer]
    customers: dict[tuple[Customer, date], Metrics]
    cut_points: dict[date, CutPoints | None]
    customer_of_refund: dict[tuple[str, str], Customer | None]
    concentrations: dict[date, Concentration]
    order_lines: list[Judged[OrderLine]]


def judge_day(
    files: Mapping[Customer, CustomerRecords],
    as_of_date: date,
    settings: Settings,
    reference: Reference,
) -> tuple[dict[Customer, Metrics], CutPoints | None]:
    """Every customer of one day with its metrics and segments, and the day's cut points."""
    today: dict[Customer, Metrics] = {}
    for customer, held in files.items():
        metrics = measure(held, as_of_date, settings, reference)
        if metrics is not None:
            today[customer] = metrics
    cuts = cut_points(list(today.values()), settings.rfm_preset)
    mean = means(list(today.values()))
    population = population_rhythm(today.values(), settings)
    judge_prices(list(today.values()), settings)
    for metrics in today.values():
        score(metrics, cuts, mean, reference, settings.rfm_preset)
        metrics.activity_segment = activity_segment(metrics, settings)
        if metrics.recency_days is not None:
            metrics.rhythm_days = rhythm(metrics, population, settings)
            metrics.overdue_ratio = metrics.recency_days / metrics.rhythm_days
            metrics.next_order_expected_date = next_order_expected(metrics)
        metrics.lifecycle_segment = lifecycle_segment(
            metrics, metrics.rhythm_days or Fraction(0), settings
        )
        judge_value_and_churn(metrics, settings, reference)
    pareto(today.values(), settings)
    return today, cuts


def run(
    orders: Sequence[Order],
    contacts: Sequence[Contact],
    refunds: Sequence[Refund],
    order_lines: Sequence[OrderLine] = (),
    *,
    as_of_dates: Iterable[date],
    settings: Settings,
    reference: Reference,
) -> Outcome:
    """From raw rows to segments.

    A refund belongs to the customer of the accepted order that it names, else to the one its own
    identifiers lead to.
    """
    judged_orders = judge_orders(orders, settings, reference)
    judged_contacts = judge_contacts(contacts, settings)
    sales = accept_orders(judged_orders, settings, reference)
    judged_refunds = judge_refunds(refunds, sales, settings, reference)
    people = accept_contacts(judged_contacts, settings)
    returns = accept_refunds(judged_refunds, sales, settings, reference)
    judged_lines = judge_order_lines(order_lines, sales)

    usable: list[Record] = [
        *(sale.row for sale in sales.values()),
        *(person.row for person in people),
        *(back.row for back in returns),
    ]
    identity = resolve_identity(usable, settings, reference)

    def customer_of(record: Record) -> Customer | None:
        account = account_of(record, settings, reference)
        return None if account is None else identity.customer_of[account]

    files: dict[Customer, CustomerRecords] = {
        customer: CustomerRecords() for customer in identity.customer_of.values()
    }
    customer_of_order: dict[OrderKey, Customer | None] = {}
    customer_of_contact: dict[tuple[str, str], Customer] = {}
    for sale in sales.values():
        customer = customer_of_order[sale.key] = customer_of(sale.row)
        if customer is not None:
            files[customer].orders.append(sale)
    for person in people:
        customer = customer_of(person.row)
        assert customer is not None and person.row.contact_id is not None
        customer_of_contact[(person.row.source_name, person.row.contact_id)] = customer
        files[customer].contacts.append(person)
    customer_of_refund: dict[tuple[str, str], Customer | None] = {}
    for back in returns:
        customer = customer_of_order[back.order.key] if back.order is not None else None
        customer = customer or customer_of(back.row)
        assert back.row.refund_id is not None
        customer_of_refund[(back.row.source_name, back.row.refund_id)] = customer
        if customer is not None:
            files[customer].refunds.append(back)

    for line in accept_order_lines(judged_lines, sales):
        customer = customer_of_order[line.order.key]
        if customer is not None:
            files[customer].lines.append(line)

    measured: dict[tuple[Customer, date], Metrics] = {}
    cuts_at: dict[date, CutPoints | None] = {}
    concentrations: dict[date, Concentration] = {}
    for as_of_date in sorted(set(as_of_dates)):
        today, cuts_at[as_of_date] = judge_day(files, as_of_date, settings, reference)
        measured.update({(customer, as_of_date): metrics for customer, metrics in today.items()})
        concentrations[as_of_date] = concentration(today.values())

    return Outcome(
        orders=judged_orders,
        contacts=judged_contacts,
        refunds=judged_refunds,
        accepted_orders=sales,
        accepted_refunds=returns,
        identity=identity,
        customer_of_order=customer_of_order,
        customer_of_contact=customer_of_contact,
        customers=measured,
        cut_points=cuts_at,
        customer_of_refund=customer_of_refund,
        concentrations=concentrations,
        order_lines=judged_lines,
    )

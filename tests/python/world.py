"""Small made-up worlds for the property tests: orders, lines, contacts, refunds of three sources.

A world is small enough to be read when it fails and nasty enough to reach every branch: people
share e-mails and phones, written in many ways; amounts tie; orders fall on midnight, on leap day
and on the very days where a segment begins; rows come in several versions, twice, or unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from oracle import Contact, Order, OrderLine, Record, Refund, Row, Touch

TODAY = date(2024, 3, 15)
RUN_DATE = date(2024, 6, 30)
AS_OF_DATES = (TODAY, date(2024, 3, 1), date(2024, 2, 29), date(2024, 4, 14), date(2024, 6, 28))
ZONE = ZoneInfo("Asia/Shanghai")

SOURCES = ("shop", "till", "crm")
DENIED_EMAIL = "noreply@example.com"
NO_EMAILS = ("none", "person1@example", "person 1@example.org")
CURRENCIES = ("CNY", "USD", "JPY")
NO_CURRENCY = "XXX"
SALES_CHANNELS = ("online", "store", "app", " H5 ", "Boutique", "zeppelin")
TOUCHES: tuple[Touch, ...] = (
    (None, None, None),
    ("google", "cpc", "brand"),
    ("google", "organic", None),
    ("(direct)", "(none)", None),
    ("newsletter", "email", "spring"),
    ("facebook", "social", None),
    ("blog.example", "referral", None),
    ("unheard-of", "nothing", None),
)

CATEGORIES = ("Tea", " TEA", "cups", "gift sets", None, "Unknown")

T = TypeVar("T")
AnyRow = Record | OrderLine


@dataclass(frozen=True)
class World:
    """The raw rows of one example."""

    orders: tuple[Order, ...] = ()
    contacts: tuple[Contact, ...] = ()
    refunds: tuple[Refund, ...] = ()
    order_lines: tuple[OrderLine, ...] = ()

    def where(self, keep: Callable[[AnyRow], bool]) -> World:
        """The rows for which ``keep`` holds."""
        return World(
            tuple(row for row in self.orders if keep(row)),
            tuple(row for row in self.contacts if keep(row)),
            tuple(row for row in self.refunds if keep(row)),
            tuple(row for row in self.order_lines if keep(row)),
        )

    def mapped(self, change: Callable[[Record], Mapping[str, str | None]]) -> World:
        """The same world with some columns of each row changed, but for the lines."""
        return World(
            tuple(replace(row, **change(row)) for row in self.orders),  # type: ignore[arg-type]
            tuple(replace(row, **change(row)) for row in self.contacts),  # type: ignore[arg-type]
            tuple(replace(row, **change(row)) for row in self.refunds),  # type: ignore[arg-type]
            self.order_lines,
        )

    def plus(self, other: World) -> World:
        """Both worlds' rows."""
        return World(
            self.orders + other.orders,
            self.contacts + other.contacts,
            self.refunds + other.refunds,
            self.order_lines + other.order_lines,
        )

    def before(self, day: date) -> World:
        """The rows known at the business midnight of ``day``, and those without a date."""
        midnight = utc(day, time())

        def is_known(row: AnyRow) -> bool:
            moment = moment_of(row)
            return moment is None or moment < midnight

        return self.where(is_known)

    def one_by_one(self) -> World:
        """One row per record, each naming its account and nobody else, refunds after the order.

        In such a world nothing that arrives later changes what an earlier row means.
        """
        ordered = {key_of(row): row.ordered_at for row in self.orders}
        seen: set[tuple[str | None, ...]] = set()

        def keep(row: AnyRow) -> bool:
            key = key_of(row)
            is_first = key not in seen
            seen.add(key)
            if isinstance(row, Refund) and row.refunded_at is not None:
                sold = ordered.get(("Order", row.source_name, row.order_id))
                return is_first and (sold is None or sold <= row.refunded_at)
            return is_first

        def alone(row: Record) -> dict[str, str | None]:
            email = None if row.contact_id else row.email
            return {"email": email, "phone": None if row.contact_id or email else row.phone}

        return self.where(keep).mapped(alone)


def moment_of(row: AnyRow) -> datetime | None:
    """When the row happened; a line has no time of its own."""
    if isinstance(row, OrderLine):
        return None
    if isinstance(row, Order):
        return row.ordered_at
    return row.created_at if isinstance(row, Contact) else row.refunded_at


def key_of(row: AnyRow) -> tuple[str | None, ...]:
    """The record that the row is a version of."""
    if isinstance(row, OrderLine):
        return ("OrderLine", row.source_name, row.order_id, row.line_id)
    if isinstance(row, Order):
        return ("Order", row.source_name, row.order_id)
    if isinstance(row, Contact):
        return ("Contact", row.source_name, row.contact_id)
    return ("Refund", row.source_name, row.refund_id)


def mostly(usual: st.SearchStrategy[T], *unusual: T, weight: int = 7) -> st.SearchStrategy[T]:
    """The usual, and about once in ``weight`` + 1 times one of the unusual."""
    return st.integers(0, weight).flatmap(
        lambda roll: usual if roll < weight else st.sampled_from(unusual)
    )


# ---------------------------------------------------------------------------------------------
# Time
# ---------------------------------------------------------------------------------------------
EDGE_DAYS = (1, 0, 2, 14, 15, 28, 29, 30, 31, 56, 57, 90, 91, 180, 181, 360, 361, 365, 366)
CLOCK_CHANGE_DAYS = (-16, 138)  # when London puts its clocks forward, and back
WALL_CLOCKS = (
    time(12, 0),
    time(0, 0),
    time(0, 0, 0, 1),
    time(5, 59, 59),
    time(7, 59, 59),
    time(8, 0),
    time(18, 0),
    time(23, 59, 59, 999999),
)


def utc(day: date, clock: time) -> datetime:
    """The UTC time stamp, without a zone, of a wall clock in the business time zone."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC).replace(tzinfo=None)


def days_before_today() -> st.SearchStrategy[int]:
    """Mostly around the edges of windows, some long ago, some after the as_of_date."""
    return st.one_of(
        st.sampled_from(EDGE_DAYS + CLOCK_CHANGE_DAYS),
        st.integers(0, 120),
        st.integers(0, 420),
        st.integers(-100, -1),
    )


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """A UTC time stamp; its business day is near an edge and its clock often midnight."""
    day = TODAY - timedelta(days=draw(days_before_today()))
    return utc(day, draw(st.sampled_from(WALL_CLOCKS)))


TOO_LATE = utc(RUN_DATE + timedelta(days=2), time(0, 0))
JUST_IN_TIME = utc(RUN_DATE + timedelta(days=1), time(23, 59, 58))
LATEST = utc(RUN_DATE + timedelta(days=1), time(23, 59, 59))


# ---------------------------------------------------------------------------------------------
# People
# ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Party:
    """How a row names its person."""

    contact_id: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None


PEOPLE = 6


def email_spellings(person: int) -> tuple[str, ...]:
    """One e-mail as people and systems write it."""
    email = f"person{person}@example.org"
    return (email, email.upper(), f" {email}", f"{email.title()}  ")


def phone_spellings(person: int) -> tuple[tuple[str, str | None], ...]:
    """One phone number with the country in which each way of writing it is read.

    That of person 0 is a famous one and on the deny list.
    """
    if person % 3 == 0:
        return (
            (f"1380013800{person}", None),
            (f"138-0013-800{person}", "CN"),
            (f"+86 138 0013 800{person}", "US"),
            (f"0086 1380013800{person}", None),
            (f"861380013800{person}", "CN"),
        )
    if person % 3 == 1:
        return (
            (f"(212) 555-010{person}", "US"),
            (f"+1 212 555 010{person}", None),
            (f"1-212-555-010{person}", "US"),
        )
    return (
        (f"020 7946 095{person}", "GB"),
        (f"+44 20 7946 095{person}", None),
        (f"+44 (0)20 7946 095{person}", "CN"),
    )


@st.composite
def parties(draw: st.DrawFn, person: int | None = None) -> Party:
    """A person by contact id, e-mail and phone, each sometimes missing or somebody else's."""
    who = draw(st.integers(0, PEOPLE - 1)) if person is None else person
    other = mostly(st.just(who), *range(PEOPLE), weight=9)
    email = draw(
        st.one_of(
            st.none(),
            other.flatmap(lambda one: st.sampled_from(email_spellings(one))),
            mostly(st.none(), DENIED_EMAIL, DENIED_EMAIL.upper(), *NO_EMAILS),
        )
    )
    phone, country = draw(
        st.one_of(
            st.just((None, None)),
            other.flatmap(lambda one: st.sampled_from(phone_spellings(one))),
            st.sampled_from([("n/a", None), ("12", "CN"), (None, "US")]),
        )
    )
    contact_id = draw(mostly(st.just(f"c{who}"), None, weight=3))
    return Party(contact_id, email, phone, country)


# ---------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------
AMOUNTS = tuple(
    map(Decimal, ("100", "50", "19.99", "0.01", "33.3333", "7.005", "999.99", "87654321.0987"))
)
STAMPS = (None, datetime(2024, 1, 1), datetime(2024, 2, 1), datetime(2024, 3, 1))  # noqa: DTZ001
# Parts of the gross amount that are taken off: those at which a price grade begins, and others.
DISCOUNTS = tuple(map(Decimal, ("0", "0.0001", "0.02", "0.1", "0.3", "0.6")))
STATUSES = ("completed", " Paid ", "SHIPPED", "delivered")


@st.composite
def versions(
    draw: st.DrawFn, row: st.SearchStrategy[Row], key: Mapping[str, str | None]
) -> list[Row]:
    """One record as its raw rows: usually one, at times older and newer ones, at times twice.

    Versions of a record never share ``updated_at``: which of two equally new rows is the newer
    one, nobody can say.
    """
    count = draw(mostly(st.just(1), 2, 3, weight=6))
    stamps = draw(st.permutations(STAMPS))
    rows = [replace(draw(row), updated_at=stamp, **key) for stamp in stamps[:count]]  # type: ignore[arg-type]
    if draw(mostly(st.just(False), True, weight=9)):
        rows.append(rows[0])
    return rows


@st.composite
def order_rows(draw: st.DrawFn, party: Party, moment: datetime) -> Order:
    """One order row of a person: more often than not a plain sale, else with anything wrong."""
    source, medium, campaign = draw(st.sampled_from(TOUCHES))
    price = draw(st.sampled_from(AMOUNTS))
    off = (price * draw(st.sampled_from(DISCOUNTS))).quantize(Decimal("0.0001"), ROUND_DOWN)
    sale = Order(
        source_name="",
        contact_id=party.contact_id,
        email=party.email,
        phone=party.phone,
        country=party.country,
        ordered_at=moment,
        status=draw(st.sampled_from(STATUSES)),
        is_test=False,
        gross_amount=price,
        discount_amount=draw(mostly(st.just(off), Decimal("0.005"), weight=4)),
        currency=draw(st.sampled_from(CURRENCIES)),
        sales_channel=draw(mostly(st.sampled_from(SALES_CHANNELS), None)),
        utm_source=source,
        utm_medium=medium,
        utm_campaign=campaign,
    )
    if draw(st.integers(0, 2)) < 2:
        return sale
    gross = draw(mostly(st.just(sale.gross_amount), None, Decimal(0), Decimal(-5), weight=9))
    discounts = (None, Decimal(-1), gross, (gross or Decimal(0)) + 1)
    return replace(
        sale,
        ordered_at=draw(mostly(st.just(moment), None, TOO_LATE, JUST_IN_TIME, weight=9)),
        status=draw(st.sampled_from(["paid", "cancelled", "pending", None])),
        is_test=draw(mostly(st.just(False), True, None, weight=4)),
        gross_amount=gross,
        discount_amount=draw(mostly(st.just(sale.discount_amount), *discounts, weight=4)),
        currency=draw(mostly(st.just(sale.currency), NO_CURRENCY, None, weight=4)),
    )


# Who a contact is, as sources write it: on birthdays, in several languages, and as nobody knows it.
BIRTH_DATES = (
    date(2006, 3, 15),
    date(2006, 3, 16),
    date(2004, 2, 29),
    date(1959, 3, 1),
    date(1959, 6, 29),
    date(1904, 2, 29),
    date(1903, 2, 28),
    date(2024, 3, 14),
    date(2024, 6, 29),
)
GENDERS = ("F", " 女 ", "Male", "divers", "0", "zebra", " ")
OCCUPATIONS = ("Teacher", "上班族", "Beekeeper", " beekeeper", "其他", "N/A", "NULL", "\u3000")
REGIONS = ("湖北", "Hubei ", "上海市", "England", "Atlantis", "香港")
CITIES = ("武汉市", "wuhan", "北京", "London", "Atlantis")
INDUSTRIES = ("Retail", "餐饮", "Énergie", "other", " ")
COMPANY_SIZES = ("1-9", "9", "10", "250", "12345678", "4.5", "xxl", "个人")
PARTNER_TYPES = ("Reseller", "交付代理", "franchise", "none", "null", " ")
TAGS = ("vip", "VIP; vip ;", "a,b；c、 d|e", ";;", " ", "茶友，Gift-Buyer")


def now_and_then(values: Sequence[T]) -> st.SearchStrategy[T | None]:
    """Half of the time one of the values, else nothing."""
    return st.one_of(st.none(), st.sampled_from(values))


@st.composite
def contact_rows(draw: st.DrawFn, person: int) -> Contact:
    """One contact row."""
    party = draw(parties(person))
    source, medium, campaign = draw(st.sampled_from(TOUCHES))
    country = party.country
    if party.phone is None:  # else it says how to read the phone
        country = draw(st.sampled_from((country, "CN", "CN", " cn", "HK", "GB", " ")))
    return Contact(
        source_name="",
        email=party.email,
        phone=party.phone,
        country=country,
        birth_date=draw(now_and_then(BIRTH_DATES)),
        gender=draw(now_and_then(GENDERS)),
        occupation=draw(now_and_then(OCCUPATIONS)),
        region=draw(now_and_then(REGIONS)),
        city=draw(now_and_then(CITIES)),
        industry=draw(now_and_then(INDUSTRIES)),
        company_size=draw(now_and_then(COMPANY_SIZES)),
        partner_type=draw(now_and_then(PARTNER_TYPES)),
        tags=draw(now_and_then(TAGS)),
        created_at=draw(mostly(moments(), None, TOO_LATE, weight=14)),
        acquisition_source=source,
        acquisition_medium=medium,
        acquisition_campaign=campaign,
        erased_at=draw(mostly(st.none(), utc(TODAY, time(12)), weight=9)),
    )


@st.composite
def refund_rows(
    draw: st.DrawFn, named: tuple[str | None, str | None], party: Party, after: datetime | None
) -> Refund:
    """One refund row, of a known order or of none."""
    moment = draw(moments())
    if after is not None:
        moment = after + timedelta(days=draw(st.integers(0, 60)))
    amount = mostly(
        st.sampled_from((*AMOUNTS[:4], AMOUNTS[-1])), None, Decimal(0), Decimal(-1), weight=9
    )
    return Refund(
        source_name="",
        order_id=named[1],
        contact_id=party.contact_id,
        email=party.email,
        phone=party.phone,
        country=party.country,
        refunded_at=draw(mostly(st.just(moment), None, TOO_LATE, weight=14)),
        refund_amount=draw(amount),
        currency=draw(mostly(st.sampled_from(CURRENCIES), NO_CURRENCY, weight=14)),
    )


@st.composite
def order_line_rows(draw: st.DrawFn, currency: str | None) -> OrderLine:
    """One line of an order: more often than not a usable one."""
    quantities = st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5"), Decimal("0.3333")])
    wrong = (None, Decimal(0), Decimal(-1), Decimal(10) ** 9)
    prices = st.sampled_from([*AMOUNTS[:5], AMOUNTS[-1], Decimal(0)])
    costs = st.sampled_from([None, Decimal(0), Decimal("7.005"), Decimal(40), Decimal(120)])
    return OrderLine(
        source_name="",
        category=draw(st.sampled_from(CATEGORIES)),
        quantity=draw(mostly(quantities, *wrong, weight=14)),
        unit_price=draw(mostly(prices, None, Decimal(-1), 9 * Decimal(10) ** 13, weight=14)),
        unit_cost=draw(mostly(costs, Decimal(-1), 9 * Decimal(10) ** 13, weight=14)),
        currency=draw(mostly(st.just(currency), NO_CURRENCY, None, weight=9)),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Party, datetime]]:
    """When a person ordered: once, now and then, or in a steady rhythm."""
    person = draw(st.integers(0, PEOPLE - 1))
    party = parties(person)
    clock = st.sampled_from(WALL_CLOCKS)
    if draw(st.integers(0, 3)) < 3:
        return [(draw(party), draw(moments())) for _ in range(draw(st.integers(1, 3)))]
    one_way = draw(party)
    last, gap = draw(days_before_today()), draw(st.sampled_from([1, 5, 14, 20, 45, 60]))
    days = [last + gap * place for place in range(draw(st.integers(2, 12)))]
    at = draw(clock)
    return [(one_way, utc(TODAY - timedelta(days=day), at)) for day in days]


@st.composite
def worlds(draw: st.DrawFn, max_histories: int = 8) -> World:
    """Orders with lines, contacts and refunds of up to six people in three sources."""
    sales = [
        sale for history in draw(st.lists(histories(), max_size=max_histories)) for sale in history
    ]
    orders: list[Order] = []
    for number, (party, moment) in enumerate(sales):
        named: dict[str, str | None] = {
            "source_name": SOURCES[number % 3],
            "order_id": f"o{number // 3}",
        }
        if draw(mostly(st.just(False), True, weight=24)):
            named["order_id"] = None
        orders += draw(versions(order_rows(party, moment), named))

    contacts: list[Contact] = []
    for number in draw(st.lists(st.integers(0, 3 * PEOPLE - 1), unique=True, max_size=9)):
        person = number // 3
        named = {"source_name": SOURCES[number % 3], "contact_id": f"c{person}"}
        if draw(mostly(st.just(False), True, weight=24)):
            named["contact_id"] = None
        contacts += draw(versions(contact_rows(person), named))

    refunds: list[Refund] = []
    for number in range(draw(st.integers(0, 5))):
        roll = draw(st.integers(0, 3))
        source, order_id, party, after = SOURCES[number % 3], None, draw(parties()), None
        if roll > 0 and sales:
            place = draw(st.integers(0, len(sales) - 1))
            party, after = sales[place]
            source, order_id = SOURCES[place % 3], f"o{place // 3}"
            if roll == 1:
                party = Party()
        elif roll == 1:
            order_id = "never seen"
        named = {"source_name": source, "refund_id": f"r{number}"}
        if draw(mostly(st.just(False), True, weight=24)):
            named["refund_id"] = None
        strategy = refund_rows((source, order_id), party, after)
        refunds += draw(versions(strategy, named))

    lines: list[OrderLine] = []
    for number in range(draw(st.integers(0, 10)) if orders else 0):
        order = draw(st.sampled_from(orders))
        named = {
            "source_name": order.source_name,
            "order_id": draw(mostly(st.just(order.order_id), "never seen", None, weight=14)),
            "line_id": draw(mostly(st.just(f"l{number}"), None, weight=14)),
        }
        lines += draw(versions(order_line_rows(order.currency), named))

    return World(
        _with_raw_values(orders),
        _with_raw_values(contacts),
        _with_raw_values(refunds),
        _with_raw_values(lines),
    )


def _with_raw_values(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Each row with a text of its own in ``raw_values``; exact duplicates keep theirs in common."""
    texts: dict[Row, str] = {}
    for row in rows:
        texts.setdefault(row, f'{{"row": "{len(texts)}"}}')
    return tuple(replace(row, raw_values=texts[row]) for row in rows)


def as_of_dates(max_size: int = 2) -> st.SearchStrategy[list[date]]:
    """One or a few of the days that a result can speak for."""
    return st.lists(st.sampled_from(AS_OF_DATES), unique=True, min_size=1, max_size=max_size)

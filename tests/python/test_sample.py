"""The sample data: the same bytes every time, and in them all that the rules need to be shown.

Counts are taken from the committed files, read by `sample_rows` and judged by the oracle; the
generator's own report is only compared with them.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from conftest import RunDbt
from oracle import Metrics, OrderLine, Outcome, Record, Settings, line_amount, normal_phone, run
from reference_seeds import read_reference
from sample_rows import (
    RawRow,
    moment,
    read_contacts,
    read_order_lines,
    read_orders,
    read_raw,
    read_refunds,
)
from segmentation.errors import SegmentationError
from segmentation.sample import COLUMNS, DEFAULT_PEOPLE, DEFAULT_SEED, SampleReport, write_sample

AS_OF_DATE = date(2026, 7, 1)
AS_OF_UTC = datetime.fromisoformat("2026-06-30T16:00:00")  # midnight in Shanghai
SETTINGS = Settings(run_date=date(2026, 7, 4))
REASONS = {
    "orders": (
        "missing_order_id ordered_at_unreadable ordered_in_future amount_unreadable "
        "amount_negative currency_unknown superseded"
    ),
    "refunds": (
        "missing_refund_id refunded_at_unreadable refunded_in_future amount_unreadable "
        "amount_not_positive currency_unknown superseded"
    ),
    "order_lines": (
        "missing_order_id missing_line_id quantity_unreadable quantity_not_positive "
        "price_unreadable price_negative cost_negative amount_out_of_range order_unknown "
        "currency_unknown currency_differs superseded"
    ),
    "contacts": "missing_contact_id created_at_unreadable created_in_future superseded",
}
ENTITY = {
    "web_shop_orders": "orders",
    "till_orders": "orders",
    "web_shop_refunds": "refunds",
    "web_shop_order_lines": "order_lines",
    "till_order_lines": "order_lines",
    "web_shop_customers": "contacts",
    "till_members": "contacts",
    "crm_contacts": "contacts",
}


@pytest.fixture(scope="module")
def seeds(project_root: Path) -> Path:
    return project_root / "seeds" / "sample"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleReport]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, write_sample(folder)


@pytest.fixture(scope="module")
def raw(seeds: Path) -> dict[str, list[RawRow]]:
    return {name: read_raw(seeds, name) for name in COLUMNS}


@pytest.fixture(scope="module")
def sound(raw: dict[str, list[RawRow]]) -> dict[str, list[RawRow]]:
    """The rows without a label, and both of each pair of copies."""
    return {
        name: [row for row in rows if row["planted"] in ("", "duplicate")]
        for name, rows in raw.items()
    }


@pytest.fixture(scope="module")
def outcome(seeds: Path) -> Outcome:
    return run(
        read_orders(seeds),
        read_contacts(seeds),
        read_refunds(seeds),
        read_order_lines(seeds),
        as_of_dates=[AS_OF_DATE],
        settings=SETTINGS,
        reference=read_reference(seeds.parent / "reference", SETTINGS),
    )


@pytest.fixture(scope="module")
def customers(outcome: Outcome) -> list[Metrics]:
    return list(outcome.customers.values())


# --- the generator --------------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes(
    fresh: tuple[Path, SampleReport], tmp_path: Path
) -> None:
    folder, report = fresh
    assert write_sample(tmp_path, DEFAULT_SEED, DEFAULT_PEOPLE) == report
    for name in COLUMNS:
        assert (tmp_path / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes()


def test_the_committed_seeds_are_what_the_generator_writes(
    fresh: tuple[Path, SampleReport], seeds: Path
) -> None:
    for name in COLUMNS:
        written, committed = (folder / f"{name}.csv" for folder in (fresh[0], seeds))
        assert written.read_bytes() == committed.read_bytes(), f"{name}: run `segmentation sample`"


def test_another_seed_gives_other_people(fresh: tuple[Path, SampleReport], tmp_path: Path) -> None:
    write_sample(tmp_path, DEFAULT_SEED + 1, 500)
    others = {row["email"] for row in read_raw(tmp_path, "web_shop_customers")}
    ours = {row["email"] for row in read_raw(fresh[0], "web_shop_customers")}
    assert len(others & ours) < 50 < len(others)  # the reseller's 28 and a namesake or two


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_any_seed_plants_every_feature(
    fresh: tuple[Path, SampleReport], tmp_path: Path, seed: int
) -> None:
    report = write_sample(tmp_path, seed, 600)
    assert report.features.keys() == fresh[1].features.keys()
    assert min(report.features.values()) > 0
    assert report.unusable_rows == fresh[1].unusable_rows


@pytest.mark.parametrize(
    ("seed", "people", "word"), [(1, 499, "500 people"), (1, 0, "500 people"), (-1, 500, "seed")]
)
def test_impossible_arguments_are_refused_in_a_sentence(
    tmp_path: Path, seed: int, people: int, word: str
) -> None:
    with pytest.raises(SegmentationError, match=word):
        write_sample(tmp_path / "new", seed, people)
    assert not (tmp_path / "new").exists()


def test_the_report_tells_what_is_in_the_files(
    fresh: tuple[Path, SampleReport], raw: dict[str, list[RawRow]], seeds: Path
) -> None:
    report = fresh[1]
    for name, rows in raw.items():
        assert report.files[name].rows == len(rows)
        assert report.files[name].bytes == (seeds / f"{name}.csv").stat().st_size
        labels = Counter(row["planted"] for row in rows if row["planted"])
        labels["superseded"] += labels.pop("duplicate") // 2
        assert report.unusable_rows[name] == labels


def test_the_files_are_small_plain_text(seeds: Path, raw: dict[str, list[RawRow]]) -> None:
    contents = [(seeds / f"{name}.csv").read_bytes() for name in COLUMNS]
    assert sum(len(content) for content in contents) < 2_300_000
    assert max(len(content) for content in contents) < 1_000_000
    assert not any(b"\r" in content or content.startswith(b"\xef\xbb\xbf") for content in contents)
    assert 7_500 < len(raw["web_shop_orders"]) + len(raw["till_orders"]) < 8_500


# --- nobody real ----------------------------------------------------------------------------------


def _values(raw: dict[str, list[RawRow]], *columns: str) -> Iterator[tuple[RawRow, str]]:
    for rows in raw.values():
        for row in rows:
            for column in columns:
                if row.get(column):
                    yield row, row[column]


def test_every_email_is_on_a_reserved_domain(raw: dict[str, list[RawRow]]) -> None:
    domains = {value.strip().lower().rpartition("@")[2] for _, value in _values(raw, "email")}
    assert "example.com" in domains
    for domain in domains:  # RFC 2606
        assert domain in ("example.com", "example.net", "example.org") or re.fullmatch(
            r"[a-z0-9-]+\.example", domain
        )


def test_every_phone_is_from_a_range_kept_for_nobody(raw: dict[str, list[RawRow]]) -> None:
    reserved = re.compile(
        r"\+86154\d{8}|\+862155550100|\+447700900\d{3}|\+1(212|312|415|206|617)55501\d{2}"
        r"|\+49176040690\d{2}|\+3363998\d{4}"
    )
    seen: Counter[str] = Counter()
    for row, value in _values(raw, "phone", "mobile"):
        country = row.get("ship_country") or row.get("country_code") or ""
        if not country:
            till = row.get("store") or row.get("home_store")
            country = "GB" if till == "LDN1" else "CN" if till else _iso(row["country"])
        if value == "021-55550100":
            country = "CN"  # the staff's own number is Chinese wherever they type it
        number = normal_phone(value, country, SETTINGS)
        assert number is not None and reserved.fullmatch(number), value
        seen[number[:3]] += 1
    assert seen.keys() == {"+86", "+44", "+12", "+13", "+14", "+16", "+49", "+33"}


def _iso(name: str) -> str:
    return {"China": "CN", "United Kingdom": "GB", "United States": "US"}.get(name, "CN")


# --- unusable rows --------------------------------------------------------------------------------


def test_every_reject_reason_is_planted_and_about_one_row_in_a_hundred(
    raw: dict[str, list[RawRow]],
) -> None:
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for name, rows in raw.items():
        labels[ENTITY[name]].update(row["planted"] for row in rows)
        assert {row["planted"] for row in rows} >= {
            *REASONS[ENTITY[name]].split(),
            "",
            "duplicate",
        } - {"currency_unknown", "amount_out_of_range"}
    for entity, reasons in REASONS.items():
        assert labels[entity].keys() == {*reasons.split(), "", "duplicate"}
    labelled = sum(sum(counts.values()) - counts[""] for counts in labels.values())
    assert 0.008 < labelled / sum(len(rows) for rows in raw.values()) < 0.02


def _judged(outcome: Outcome) -> Iterator[tuple[Record | OrderLine, str | None]]:
    for order in outcome.orders:
        yield order.row, order.reason
    for contact in outcome.contacts:
        yield contact.row, contact.reason
    for refund in outcome.refunds:
        yield refund.row, refund.reason
    for line in outcome.order_lines:
        yield line.row, line.reason


def test_each_label_is_the_reason_by_the_definitions(outcome: Outcome) -> None:
    for row, reason in _judged(outcome):
        if row.raw_values != "duplicate":
            assert (reason or "") == row.raw_values, row


def test_of_two_copies_exactly_one_is_accepted(outcome: Outcome) -> None:
    fates: dict[tuple[object, ...], list[str | None]] = defaultdict(list)
    for row, reason in _judged(outcome):
        if row.raw_values == "duplicate":
            fates[astuple(row)].append(reason)
    assert len(fates) > 20
    assert all(sorted(map(str, fate)) == ["None", "superseded"] for fate in fates.values())


# --- what is planted on purpose -------------------------------------------------------------------


def test_rows_come_again_newer_and_late(raw: dict[str, list[RawRow]]) -> None:
    older = [row for row in raw["web_shop_orders"] if row["planted"] == "superseded"]
    newer = {
        row["order_no"]: row
        for row in raw["web_shop_orders"]
        if row["planted"] in ("", "duplicate")
    }
    assert all(newer[row["order_no"]]["updated_at"] > row["updated_at"] for row in older)
    assert {row["state"] for row in older} == {"pending"}
    late = raw["till_orders"][-12:]
    assert all(row["changed_at"][:10] > row["local_time"][:10] for row in late)
    assert all(row["local_time"] < raw["till_orders"][-13]["local_time"] for row in late[:6])


def test_orders_stand_around_the_midnight_of_as_of_date(outcome: Outcome) -> None:
    moments = [judged.row.ordered_at for judged in outcome.orders if judged.reason is None]
    sources = Counter(
        judged.row.source_name
        for judged in outcome.orders
        if judged.reason is None and judged.row.ordered_at == AS_OF_UTC
    )
    assert AS_OF_UTC - timedelta(days=1) in moments  # 30 June, midnight in Shanghai: counts
    assert AS_OF_UTC - timedelta(seconds=1) in moments  # the day's last second: counts
    assert sources["web_shop"] == 1 and sources["tills"] == 2  # 1 July, midnight: doesn't count
    later = [when for when in moments if when is not None and when >= AS_OF_UTC]
    assert 3 < len(later) < 60


def test_the_london_till_has_its_own_clock(outcome: Outcome) -> None:
    at_midnight = [
        judged.row.currency
        for judged in outcome.orders
        if judged.row.source_name == "tills" and judged.row.ordered_at == AS_OF_UTC
    ]
    assert sorted(map(str, at_midnight)) == ["CNY", "GBP"]


def test_orders_of_every_kind(sound: dict[str, list[RawRow]]) -> None:
    web, tills = sound["web_shop_orders"], sound["till_orders"]
    states = Counter(row["state"] for row in web)
    assert states.keys() == {"delivered", "completed", "Completed", "shipped", "paid", "cancelled"}
    assert 0.02 < states["cancelled"] / len(web) < 0.06
    assert sum(row["status"] == "void" for row in tills) > 10
    assert sum(row["test_mode"] == "true" for row in web) == 10
    assert sum(row["training"] == "Y" for row in tills) == 10
    assert sum(row["subtotal"] == row["discount"] for row in web) >= 10
    assert {row["currency"] for row in web} == {"CNY", "USD", "EUR", "GBP", "HKD", "JPY"}
    assert {row["currency"] for row in tills} == {"CNY", "GBP"}
    assert {row["storefront"] for row in web} == {"web", "app", "mini_program"}
    assert sum(not row["member_no"] and not row["phone"] for row in tills) > 1000
    assert sum(not row["customer_no"] and bool(row["email"] or row["phone"]) for row in web) > 300


def test_refunds_of_every_kind(
    sound: dict[str, list[RawRow]], raw: dict[str, list[RawRow]]
) -> None:
    orders = {row["order_no"]: row for row in sound["web_shop_orders"]}
    kinds: Counter[str] = Counter()
    for refund in sound["web_shop_refunds"]:
        order = orders.get(refund["order_no"])
        refunded_at = moment(refund["refunded_at"])
        assert refunded_at is not None
        kinds["after as_of_date"] += refunded_at >= AS_OF_UTC
        kinds["no order"] += not refund["order_no"]
        kinds["nothing to go by"] += not (
            refund["order_no"] or refund["customer_no"] or refund["email"]
        )
        if order is None:
            continue
        placed_at = moment(order["placed_at"])
        assert placed_at is not None and refunded_at > placed_at
        kinds["weeks later"] += refunded_at - placed_at > timedelta(days=21)
        kinds["cancelled order"] += order["state"] == "cancelled"
        if order["currency"] != refund["currency"]:
            kinds["another currency"] += 1
            continue
        paid = Decimal(order["subtotal"]) - Decimal(order["discount"])
        assert Decimal(refund["amount"]) <= paid
        kinds["partial"] += Decimal(refund["amount"]) < paid
    assert len(kinds) == 7 and min(kinds.values()) >= 3, kinds
    assert kinds["partial"] > 30 and kinds["weeks later"] > 50
    assert 0.03 < len(raw["web_shop_refunds"]) / len(raw["web_shop_orders"]) < 0.09


def test_lines_of_every_kind(outcome: Outcome, sound: dict[str, list[RawRow]]) -> None:
    lines = [judged.row for judged in outcome.order_lines if judged.reason is None]
    sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for line in lines:
        amount = line_amount(line.quantity, line.unit_price)
        assert amount is not None
        sums[line.source_name, line.order_id] += amount
    orders = outcome.accepted_orders
    shares = Counter(sums[key] / (orders[key].row.gross_amount or Decimal(1)) for key in sums)
    assert shares[Decimal(1)] / len(sums) > 0.98
    assert max(shares) == 1 and min(shares) > 0 and len(shares) > 20
    assert 0.6 < len(sums) / len(orders) < 0.9
    first_receipt = min(orders[key].order_date for key in sums if key[0] == "tills")
    assert date(2025, 1, 1) <= first_receipt <= date(2025, 1, 4)

    kinds = Counter((line.category or "").lower() for line in lines)
    assert len(kinds) == 9 and min(kinds.values()) > 300, kinds
    assert kinds[""] / len(lines) < 0.05
    assert 0.1 < sum(line.unit_cost is None for line in lines) / len(lines) < 0.2
    below_cost = [
        line
        for line in lines
        if line.unit_cost is not None and line.unit_cost > (line.unit_price or Decimal(0))
    ]
    assert 20 < len(below_cost) < 400
    assert {row["category"] for row in sound["web_shop_order_lines"]} >= {"Pu'er", "Green tea"}
    assert {row["department"] for row in sound["till_order_lines"]} >= {"PU'ER", "GREEN TEA"}


def test_identifiers_need_work(raw: dict[str, list[RawRow]]) -> None:
    emails = [value for _, value in _values(raw, "email")]
    assert sum(value != value.strip() for value in emails) > 50
    assert sum(value != value.lower() for value in emails) > 50
    phones = [value for _, value in _values(raw, "phone", "mobile")]
    for shape in (
        r"154\d{8}",
        r"154 \d{4} \d{4}",
        r"\+86154\d{8}",
        r"\+86-154-\d{4}-\d{4}",
        r"0086154\d{8}",
        r"07700 900\d{3}",
        r"\+44 7700 900\d{3}",
        r"\(\d{3}\) 555-01\d{2}",
        r"\+49 .*",
        r"\+33 .*",
    ):
        assert sum(bool(re.fullmatch(shape, phone)) for phone in phones) > 5, shape


def test_some_identifiers_belong_to_nobody_and_some_to_many(
    raw: dict[str, list[RawRow]], outcome: Outcome
) -> None:
    phones = Counter(value for _, value in _values(raw, "phone", "mobile"))
    emails = Counter(value.strip().lower() for _, value in _values(raw, "email"))
    assert phones["021-55550100"] > 15  # the shop's switchboard
    assert phones["15400000000"] > 5 and emails["noemail@example.com"] >= 3  # fillers
    behind_locker = {
        row["customer_no"]
        for row in raw["web_shop_customers"]
        if "99990000" in row["phone"].replace(" ", "").replace("-", "")
    }
    assert len(behind_locker) > 2 * SETTINGS.identity_max_accounts_per_identifier
    assert 26 <= len(outcome.identity.capped) <= 40  # the reseller's chain of accounts


def test_people_are_in_several_sources(outcome: Outcome) -> None:
    sources: dict[object, set[str]] = defaultdict(set)
    accounts: dict[object, set[object]] = defaultdict(set)
    for account, customer in outcome.identity.customer_of.items():
        accounts[customer].add(account)
        if account[0] == "contact":
            sources[customer].add(account[1])
    sizes = Counter(len(names) for names in sources.values())
    assert sizes[2] > 300 and sizes[3] > 20
    assert sum(len(held) > 3 for held in accounts.values()) >= 3


def test_contacts_carry_what_segments_need(sound: dict[str, list[RawRow]]) -> None:
    crm = sound["crm_contacts"]
    assert {row["kind"] for row in crm} == {"lead", "contact"}
    erased = [row for row in crm if row["erased_on"]]
    assert len(erased) >= 10
    assert sum(bool(row["email"] or row["mobile"]) for row in erased) >= 4
    assert any(row["birth_date"] == "1996-02-29" for row in crm)
    assert {row["consent"] for row in crm} == {"Y", "N", ""}
    assert {row["partner_type"] for row in crm} == {"sales_agent", "delivery_agent", ""}
    assert len({row["company_size"] for row in crm}) == 5
    assert len({row["industry"] for row in crm}) == 6
    assert len({row["occupation"] for row in crm}) == 10
    assert len({row["country"] for row in crm}) == 7
    names = [row["full_name"] for row in crm if row["full_name"]]
    assert 0.1 < sum(name.isascii() for name in names) / len(names) < 0.5
    assert any(name.startswith("王") for name in names)


# --- what an analyst would believe ----------------------------------------------------------------


def test_most_buyers_buy_once_and_a_few_very_often(customers: list[Metrics]) -> None:
    counts = Counter(customer.order_count for customer in customers)
    buyers = sum(counts.values()) - counts[0]
    assert 1_300 < buyers < 1_700
    assert 0.55 <= counts[1] / buyers <= 0.65
    assert sum(number for count, number in counts.items() if count >= 30) >= 10
    assert counts[0] > 300


def test_every_segment_is_populated(customers: list[Metrics]) -> None:
    lifecycle = Counter(customer.lifecycle_segment for customer in customers)
    assert lifecycle.keys() == {
        *("prospect", "onboarding", "growing", "mature"),
        *("loyal", "declining", "churned", "reactivated"),
    }
    assert min(lifecycle.values()) >= 20
    activity = Counter(customer.activity_segment for customer in customers)
    assert activity.keys() == {"prospect", "new", "active", "dormant", "lost"}
    rfm = Counter(customer.rfm_segment for customer in customers)
    assert len(rfm) == 12 and min(rfm.values()) >= 10, rfm


def test_every_usual_channel_wins_customers(customers: list[Metrics]) -> None:
    channels = Counter(customer.acquisition_channel for customer in customers)
    for channel in (
        *("organic_search", "paid_search", "organic_social", "paid_social", "email"),
        *("affiliates", "referral", "direct", "display", "organic_video", "offline"),
    ):
        assert channels[channel] >= 5, channel
    assert {customer.purchase_channel for customer in customers} == {
        *("web", "app", "mini_program", "store", "none")
    }
    assert sum(customer.is_omnichannel for customer in customers) > 100


def test_every_profit_tier_and_category_is_populated(customers: list[Metrics]) -> None:
    tiers = Counter(customer.profit_tier_segment for customer in customers)
    assert tiers.keys() == {"high", "mid", "low", "loss", "unknown", "none"}
    assert min(tiers.values()) >= 20, tiers
    kinds = Counter(customer.category_preference_segment for customer in customers)
    assert len(kinds) == 10 and min(kinds.values()) >= 20, kinds
    assert sum(customer.category_count > 3 for customer in customers) > 200


def test_equal_spends_stand_on_the_cut_points(outcome: Outcome, customers: list[Metrics]) -> None:
    cuts = outcome.cut_points[AS_OF_DATE]
    assert cuts is not None
    spends = Counter(
        Fraction(customer.net_revenue) for customer in customers if customer.order_count
    )
    assert sum(spends[cut] >= 20 for cut in cuts.monetary) >= 3


def test_people_have_a_rhythm_of_their_own(customers: list[Metrics]) -> None:
    own = sorted(customer.own_rhythm_days for customer in customers if customer.own_rhythm_days)
    assert len(own) > 300
    assert own[len(own) // 10] < 20 and own[-len(own) // 10] > 60


def test_seasons_show_in_the_orders(outcome: Outcome) -> None:
    per_day: Counter[date] = Counter(
        sale.order_date for sale in outcome.accepted_orders.values() if sale.is_valid
    )

    def daily(first: date, last: date) -> float:
        days = (last - first).days + 1
        return sum(per_day[first + timedelta(days=day)] for day in range(days)) / days

    for year, new_year in ((2024, date(2024, 2, 10)), (2025, date(2025, 1, 29))):
        usual = daily(date(year, 8, 1), date(year, 10, 31))
        assert daily(date(year, 11, 1), date(year, 11, 11)) > 1.5 * usual
        before = daily(new_year - timedelta(days=24), new_year - timedelta(days=1))
        assert before > 1.5 * daily(new_year, new_year + timedelta(days=7))
    assert min(per_day) < date(2023, 7, 10)
    assert daily(date(2025, 7, 1), date(2026, 6, 30)) > daily(date(2023, 7, 1), date(2024, 6, 30))


# --- staging reads it so --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def staging(
    run_dbt: RunDbt, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("staging")
    models = [f"path:models/staging/{source}" for source in ("web_shop", "tills", "crm")]
    result = run_dbt(
        ["build", "--select", "path:seeds/sample", *models],
        db_path=folder / "sample.duckdb",
        target_path=folder / "target",
    )
    assert result.success, result.failed
    with duckdb.connect(str(folder / "sample.duckdb"), read_only=True) as connection:
        yield connection


READERS: dict[str, tuple[Callable[[Path], Sequence[Record | OrderLine]], list[str]]] = {
    "orders": (read_orders, ["stg_web_shop__orders", "stg_tills__orders"]),
    "contacts": (
        read_contacts,
        ["stg_web_shop__contacts", "stg_crm__contacts", "stg_tills__contacts"],
    ),
    "refunds": (read_refunds, ["stg_web_shop__refunds"]),
    "order_lines": (read_order_lines, ["stg_web_shop__order_lines", "stg_tills__order_lines"]),
}


@pytest.mark.parametrize("entity", READERS)
def test_staging_delivers_every_row_as_the_contract_reads_it(
    staging: duckdb.DuckDBPyConnection, seeds: Path, entity: str
) -> None:
    read, models = READERS[entity]
    expected = read(seeds)
    delivered: Counter[tuple[object, ...]] = Counter()
    for model in models:
        relation = staging.sql(f"select * from staging.{model}")
        assert relation.columns == [field.name for field in fields(expected[0])]
        delivered.update((*row[:-1], _label(row[-1])) for row in relation.fetchall())
    assert delivered == Counter(astuple(row) for row in expected)


def _label(raw_values: str) -> str:
    return json.loads(raw_values)["planted"] or ""


def test_raw_values_show_no_person(
    staging: duckdb.DuckDBPyConnection, raw: dict[str, list[RawRow]]
) -> None:
    shown: Counter[str] = Counter()
    for _, models in READERS.values():
        for model in models:
            for (text,) in staging.sql(f"select raw_values from staging.{model}").fetchall():
                shown.update(value for value in json.loads(text).values() if value)
    personal = {
        value
        for _, value in _values(raw, "name", "full_name", "email", "phone", "mobile", "birth_date")
    }
    assert shown["[personal]"] > 10_000
    assert not personal & shown.keys()

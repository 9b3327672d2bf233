"""What was in the baskets of the sample: the lines of web orders and till receipts.

The web shop keeps lines from the first day; the tills send them since their new software of
LINES_FROM, so an older receipt has none. Everybody has a taste, two kinds of article that are
picked when the price allows. Lines add up to the order, but in one order of a hundred, where gift
wrapping is in no line. A few articles have no known cost, and a few lines no category.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from segmentation.sample_chance import chance, pick, stream, whole
from segmentation.sample_faults import Row

LINES_FROM: Final = "2025-01-01"  # the tills' first day with lines
LOOSE_TEA: Final = -1  # in place of a price: sold by weight
LOOSE_TEA_CENTS: Final = 20_000  # one kilogram
WHOLESALE_PERCENT: Final = 60


class Item(NamedTuple):
    """Something in a basket: the place of its price in the list, how many, at what price."""

    price: int
    quantity: int  # of loose tea: tenths of a gram
    unit_cents: int
    is_wholesale: bool = False  # at WHOLESALE_PERCENT of the list price

    @property
    def cents(self) -> int:
        """What it comes to."""
        if self.price == LOOSE_TEA:
            return self.quantity * self.unit_cents // 10_000
        return self.quantity * self.unit_cents


Basket = tuple[Item, ...]


class Article(NamedTuple):
    """An article: number, name, category as the web shop writes it, cost in % of the list price."""

    number: str
    name: str
    category: str
    cost: int  # 0: nobody knows


# By the place of their price in the price list.
ARTICLES: Final[Mapping[int, tuple[Article, ...]]] = {
    LOOSE_TEA: (
        Article("L01", "Loose jasmine", "Floral and herbal", 38),
        Article("L02", "Loose longjing", "Green tea", 46),
        Article("L03", "Loose dianhong", "Black tea", 40),
    ),
    0: (
        Article("P001", "Jasmine sachets", "Floral and herbal", 34),
        Article("P002", "Green sachets", "Green tea", 36),
        Article("P003", "Breakfast sachets", "Black tea", 36),
    ),
    1: (
        Article("P011", "Longjing 50 g", "Green tea", 44),
        Article("P012", "Dianhong 50 g", "Black tea", 40),
        Article("P013", "Chrysanthemum 80 g", "Floral and herbal", 0),
    ),
    2: (
        Article("P021", "Biluochun 100 g", "Green tea", 45),
        Article("P022", "Tieguanyin 100 g", "Oolong", 42),
        Article("P023", "Keemun 100 g", "Black tea", 41),
    ),
    3: (
        Article("P031", "Shou pu'er cake 200 g", "Pu'er", 48),
        Article("P032", "Phoenix dancong 100 g", "Oolong", 43),
    ),
    4: (
        Article("P041", "White peony 100 g", "White tea", 47),
        Article("P042", "Da hong pao 100 g", "Oolong", 0),
    ),
    5: (
        Article("P051", "Silver needle 80 g", "White tea", 52),
        Article("P052", "Gaiwan", "Teaware", 58),
    ),
    6: (
        Article("P061", "Sheng pu'er cake 357 g", "Pu'er", 50),
        Article("P062", "Glass teapot", "Teaware", 61),
    ),
    7: (
        Article("P071", "Tea club box", "Gift sets", 63),
        Article("P072", "Celadon cups, four", "Teaware", 0),
    ),
    8: (Article("P081", "Festival gift box", "Gift sets", 88),),
    9: (Article("P091", "Yixing teapot", "Teaware", 108),),  # made by an artist, sold for the name,
}
CATEGORIES: Final = tuple(
    sorted({article.category for articles in ARTICLES.values() for article in articles})
)


def _taste_of(order: Row, columns: Sequence[str]) -> tuple[str, str]:
    """The two kinds of article that whoever is named on the order likes best."""
    name = next((order[column].strip().lower() for column in columns if order[column]), "")
    ticket = zlib.crc32(name.encode())
    first = ticket % len(CATEGORIES)
    other = (first + 1 + ticket // 100 % (len(CATEGORIES) - 1)) % len(CATEGORIES)
    return CATEGORIES[first], CATEGORIES[other]


def _fill(rng: random.Random, basket: Basket, taste: tuple[str, str]) -> list[tuple[Article, Item]]:
    """The basket with an article for each item; an article stands in it once."""
    counted: Counter[tuple[Article, Item]] = Counter()
    for item in basket:
        articles = ARTICLES[item.price]
        liked = [article for kind in taste for article in articles if article.category == kind]
        article = liked[0] if liked and chance(rng, 75) else pick(rng, articles)
        counted[article, item._replace(quantity=0)] += item.quantity
    return [
        (article, item._replace(quantity=quantity)) for (article, item), quantity in counted.items()
    ]


def _amount(cents: int, currency: str) -> str:
    if currency == "JPY" and cents % 100 == 0:
        return str(cents // 100)
    return f"{cents // 100}.{cents % 100:02d}"


def _quantity(item: Item) -> str:
    if item.price == LOOSE_TEA:
        return f"{item.quantity // 10_000}.{item.quantity % 10_000:04d}"
    return str(item.quantity)


def _lines_of(
    rng: random.Random,
    order: Row,
    baskets: Mapping[tuple[str, str], Sequence[Basket]],
    *,
    total: str,
    taste: tuple[str, str],
    features: Counter[str],
) -> list[Row]:
    """The lines of one order in words that both systems know, in the order of the basket."""
    currency = order["currency"]
    found = baskets.get((currency, order[total]))
    if not found:
        features["orders_without_lines"] += 1
        return []
    filled = _fill(rng, pick(rng, found), taste)
    if len(filled) > 1 and chance(rng, 2):
        filled.pop()
        features["orders_whose_lines_fall_short"] += 1
    lines: list[Row] = []
    for number, (article, item) in enumerate(filled, start=1):
        percent = WHOLESALE_PERCENT if item.is_wholesale else 100
        cost = item.unit_cents * article.cost // percent
        category = article.category
        if chance(rng, 3):
            category = ""
            features["lines_without_category"] += 1
        written = _amount(cost, currency) if article.cost else ""
        if article.cost and chance(rng, 2):
            written = "n/a"
        features["lines_without_cost"] += written in ("", "n/a")
        features["lines_below_cost"] += cost > item.unit_cents
        lines.append(
            {
                "number": str(number),
                "article": article.number,
                "name": article.name,
                "category": category,
                "quantity": _quantity(item),
                "price": _amount(item.unit_cents, currency),
                "cost": written,
                "currency": currency,
            }
        )
    return lines


def loose_tea(rng: random.Random) -> Item:
    """Some loose tea, for 12 to 98 of the till's currency."""
    return Item(LOOSE_TEA, whole(rng, 120, 980) * 10 * 10_000 // LOOSE_TEA_CENTS, LOOSE_TEA_CENTS)


def write_lines(
    seed: int,
    rows: dict[str, list[Row]],
    baskets: Mapping[tuple[str, str], Sequence[Basket]],
    features: Counter[str],
) -> None:
    """Add the lines of all sound orders and receipts.

    Args:
        seed: of the sample.
        rows: file name -> its numbered rows; the two files of lines are filled.
        baskets: (currency, amount as written) -> what such an amount was the sum of.
        features: counted up.
    """
    for place, order in enumerate(rows["web_shop_orders"]):
        rng = stream(seed, 9, place)
        taste = _taste_of(order, ("customer_no", "email", "phone"))
        for line in _lines_of(
            rng, order, baskets, total="subtotal", taste=taste, features=features
        ):
            rows["web_shop_order_lines"].append(
                {
                    "order_no": order["order_no"],
                    "line_no": line["number"],
                    "sku": line["article"],
                    "category": line["category"],
                    "quantity": line["quantity"],
                    "price": line["price"],
                    "cost": line["cost"],
                    "currency": line["currency"],
                    "updated_at": order["updated_at"],
                }
            )
    for place, order in enumerate(rows["till_orders"]):
        if order["local_time"] < LINES_FROM:
            features["orders_without_lines"] += 1
            continue
        rng = stream(seed, 10, place)
        taste = _taste_of(order, ("member_no", "phone", "receipt_no"))
        for line in _lines_of(rng, order, baskets, total="total", taste=taste, features=features):
            rows["till_order_lines"].append(
                {
                    "receipt_no": order["receipt_no"],
                    "position": line["number"],
                    "article": line["name"],
                    "department": line["category"].upper(),
                    "amount": line["quantity"],
                    "single_price": line["price"],
                    "purchase_price": line["cost"],
                    "currency": line["currency"],
                    "changed_at": order["changed_at"],
                }
            )

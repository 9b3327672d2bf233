"""Names, places, prices and channels that the sample data generator draws from.

Nothing here can reach a real person: e-mail domains are those that RFC 2606 reserves, phone
numbers come from ranges that regulators keep for fiction (Ofcom 07700 900xxx, NANP 555-01xx,
Arcep 06 39 98, Bundesnetzagentur 0176 040690xx) or, in China, from the prefix 154, which is
assigned to nobody. Hong Kong and Japan keep no such range, so people there have no phone.
"""

from __future__ import annotations

from typing import Final

COUNTRIES: Final = (
    ("CN", 720),
    ("GB", 100),
    ("US", 70),
    ("HK", 40),
    ("DE", 25),
    ("FR", 25),
    ("JP", 20),
)
COUNTRY_NAMES: Final = {
    "CN": "China",
    "GB": "United Kingdom",
    "US": "United States",
    "HK": "Hong Kong",
    "DE": "Germany",
    "FR": "France",
    "JP": "Japan",
}
CURRENCY_OF: Final = {
    "CN": "CNY",
    "GB": "GBP",
    "US": "USD",
    "HK": "HKD",
    "DE": "EUR",
    "FR": "EUR",
    "JP": "JPY",
}
# Hours that a web order's local time lies ahead of UTC; the web shop stores UTC only.
UTC_OFFSET_HOURS: Final = {"CN": 8, "GB": 0, "US": -6, "HK": 8, "DE": 1, "FR": 1, "JP": 9}

# How many numbers the reserved range of each country holds.
PHONES_OF_COUNTRY: Final = {
    "CN": 100_000_000,
    "GB": 1_000,
    "US": 500,
    "DE": 100,
    "FR": 10_000,
    "HK": 0,
    "JP": 0,
}

# ((region, city), weight). Cities with a store of ours weigh more.
PLACES: Final = {
    "CN": (
        (("上海", "上海"), 34),
        (("浙江", "杭州"), 16),
        (("江苏", "苏州"), 8),
        (("江苏", "南京"), 6),
        (("北京", "北京"), 9),
        (("广东", "广州"), 6),
        (("广东", "深圳"), 7),
        (("四川", "成都"), 6),
        (("湖北", "武汉"), 4),
        (("福建", "厦门"), 4),
    ),
    "GB": (
        (("England", "London"), 60),
        (("England", "Manchester"), 15),
        (("England", "Bristol"), 10),
        (("Scotland", "Edinburgh"), 15),
    ),
    "US": (
        (("New York", "New York"), 35),
        (("California", "San Francisco"), 30),
        (("Illinois", "Chicago"), 15),
        (("Washington", "Seattle"), 20),
    ),
    "HK": ((("Hong Kong", "Hong Kong"), 1),),
    "DE": ((("Berlin", "Berlin"), 50), (("Bayern", "München"), 50)),
    "FR": ((("Île-de-France", "Paris"), 65), (("Auvergne-Rhône-Alpes", "Lyon"), 35)),
    "JP": ((("東京都", "東京"), 60), (("京都府", "京都"), 40)),
}

CHINESE_SURNAMES: Final = (
    ("王", "wang"),
    ("李", "li"),
    ("张", "zhang"),
    ("刘", "liu"),
    ("陈", "chen"),
    ("杨", "yang"),
    ("黄", "huang"),
    ("赵", "zhao"),
    ("吴", "wu"),
    ("周", "zhou"),
    ("徐", "xu"),
    ("孙", "sun"),
    ("马", "ma"),
    ("朱", "zhu"),
    ("欧阳", "ouyang"),
)
CHINESE_GIVEN: Final = {
    "F": (
        ("芳", "fang"),
        ("娜", "na"),
        ("敏", "min"),
        ("静", "jing"),
        ("秀英", "xiuying"),
        ("丽", "li"),
        ("雨桐", "yutong"),
        ("欣怡", "xinyi"),
        ("子涵", "zihan"),
        ("婷婷", "tingting"),
    ),
    "M": (
        ("伟", "wei"),
        ("强", "qiang"),
        ("磊", "lei"),
        ("军", "jun"),
        ("洋", "yang"),
        ("勇", "yong"),
        ("浩然", "haoran"),
        ("宇轩", "yuxuan"),
        ("建国", "jianguo"),
        ("志明", "zhiming"),
    ),
}
WESTERN_GIVEN: Final = {
    "F": ("Emma", "Olivia", "Hannah", "Chloé", "Sophie", "Grace", "Alice", "Zoë", "Nora", "Julia"),
    "M": ("James", "Oliver", "Lukas", "Hugo", "Daniel", "Noah", "Henry", "Jürgen", "Liam", "Peter"),
}
WESTERN_SURNAMES: Final = (
    "Clark",
    "O'Brien",
    "Müller",
    "Dubois",
    "Evans",
    "Taylor",
    "Nguyen",
    "Walker",
    "Schmidt",
    "Lefèvre",
    "Baker",
    "Young",
    "Hill",
    "Carter",
    "Reed",
)
JAPANESE_SURNAMES: Final = (
    ("佐藤", "sato"),
    ("鈴木", "suzuki"),
    ("高橋", "takahashi"),
    ("田中", "tanaka"),
)
JAPANESE_GIVEN: Final = {
    "F": (("陽菜", "hina"), ("美咲", "misaki"), ("葵", "aoi")),
    "M": (("蓮", "ren"), ("大翔", "hiroto"), ("翔太", "shota")),
}
PLAIN_LETTERS: Final = str.maketrans("éèëüöäçÉÎô", "eeeuoacEIo")

EMAIL_DOMAINS: Final = (("example.com", 60), ("example.org", 20), ("example.net", 20))
OCCUPATIONS: Final = (
    ("office worker", 26),
    ("teacher", 12),
    ("engineer", 14),
    ("self-employed", 12),
    ("student", 10),
    ("retired", 9),
    ("civil servant", 7),
    ("designer", 6),
    ("nurse", 4),
)
COMPANY_WORDS: Final = (
    ("云栖", "Cloudrest"),
    ("江南", "Riverside"),
    ("竹里", "Bamboo Lane"),
    ("明月", "Bright Moon"),
    ("春晓", "Springdawn"),
    ("松风", "Pinewind"),
    ("半山", "Halfhill"),
    ("青瓷", "Celadon"),
)
INDUSTRIES: Final = (
    ("hospitality", ("酒店", "Hotel")),
    ("food service", ("餐饮", "Dining")),
    ("retail", ("商贸", "Stores")),
    ("corporate gifts", ("礼品", "Gifts")),
    ("wholesale", ("茶业", "Tea Trading")),
)
COMPANY_SIZES: Final = (("1-9", 40), ("10-49", 35), ("50-249", 18), ("250+", 7))
PARTNER_TYPES: Final = (("", 60), ("sales_agent", 25), ("delivery_agent", 15))
TAGS: Final = ("tea-club", "gift-buyer", "tasting-event", "press", "puer-fan")

# Price list in whole currency units; one list per currency, as a shop rounds its own prices.
# The order is the same everywhere: sachets first, gift sets and teaware last.
PRICES: Final = {
    "CNY": (58, 88, 128, 168, 198, 258, 328, 398, 638, 888),
    "USD": (9, 14, 19, 25, 29, 39, 49, 59, 85, 129),
    "GBP": (8, 12, 16, 20, 24, 32, 40, 48, 70, 105),
    "EUR": (9, 13, 18, 24, 28, 37, 46, 56, 82, 122),
    "HKD": (65, 98, 138, 188, 218, 288, 368, 438, 648, 988),
    "JPY": (1200, 1900, 2600, 3500, 4100, 5300, 6700, 8100, 12000, 18000),
}
# First baskets are few fixed offers, so many one-time buyers spent exactly the same.
FIRST_ITEM_WEIGHTS: Final = ((1, 20), (2, 26), (4, 14), (6, 26), (8, 11), (9, 3))
REPEAT_ITEM_WEIGHTS: Final = (
    (0, 16),
    (1, 18),
    (2, 18),
    (3, 12),
    (4, 12),
    (5, 9),
    (6, 7),
    (7, 4),
    (8, 3),
    (9, 1),
)

# (source, medium, campaign) by market, as link builders really spell them.
Touch = tuple[str, str, str]
DIRECT: Final[Touch] = ("", "", "")
DIRECT_NAMED: Final[Touch] = ("(direct)", "(none)", "")
EMAIL: Final[Touch] = ("newsletter", "email", "monthly")
UNKNOWN_TOUCH: Final[Touch] = ("teapot", "sticker", "")
CHINA_TOUCHES: Final[tuple[tuple[Touch, int], ...]] = (
    (("baidu", "organic", ""), 17),
    (("baidu", "cpc", "brand"), 12),
    (("wechat", "social", ""), 12),
    (("wechat", "mp", "member-day"), 10),
    (("xiaohongshu", "social", "kol"), 10),
    (("douyin", "paid_social", "live"), 9),
    (("weibo", "social", ""), 4),
    (("smzdm", "affiliate", ""), 6),
    (("zhihu.com", "referral", ""), 4),
    (DIRECT, 9),
    (DIRECT_NAMED, 5),
    (EMAIL, 2),
)
WEST_TOUCHES: Final[tuple[tuple[Touch, int], ...]] = (
    (("google", "organic", ""), 25),
    (("google", "cpc", "tea-gifts"), 16),
    (("Google", "CPC", "tea-gifts"), 2),
    (("bing", "organic", ""), 4),
    (("instagram", "social", ""), 10),
    (("facebook", "paid_social", "teaware"), 8),
    (("youtube", "video", ""), 3),
    (("google", "display", "teaware"), 3),
    (("awin", "affiliate", ""), 7),
    (("leafblog.example", "referral", ""), 6),
    (DIRECT, 9),
    (DIRECT_NAMED, 5),
    (EMAIL, 2),
)
CHINA_LEAD_TOUCHES: Final[tuple[tuple[Touch, int], ...]] = (
    (("trade-fair", "event", "expo"), 26),
    (("wechat", "mp", "tasting"), 24),
    (("partner", "referral", "bring-a-friend"), 16),
    (("baidu", "cpc", "wholesale"), 14),
    (("baidu", "organic", ""), 10),
    (DIRECT, 10),
)
WEST_LEAD_TOUCHES: Final[tuple[tuple[Touch, int], ...]] = (
    (("trade-fair", "event", "expo"), 30),
    (("partner", "referral", "bring-a-friend"), 18),
    (("google", "cpc", "wholesale"), 16),
    (("google", "organic", ""), 20),
    (EMAIL, 6),
    (DIRECT, 10),
)

# Tills: store -> country of the store, currency. Its time zone is known to staging only.
STORES: Final = {
    "SH01": ("CN", "CNY"),
    "SH02": ("CN", "CNY"),
    "HZ01": ("CN", "CNY"),
    "LDN1": ("GB", "GBP"),
}
STORES_OF_CITY: Final = {
    "上海": ("SH01", "SH02"),
    "杭州": ("HZ01",),
    "London": ("LDN1",),
}

"""The seeds that say what a gender, a region or a city is: written as models look them up."""

from collections import Counter

import pytest
from conftest import PROJECT_ROOT
from reference_seeds import read_seed

SEEDS = PROJECT_ROOT / "seeds" / "reference"
LOOKED_UP = {
    "profile_value_map": "raw_value",
    "macro_regions": "region",
    "city_tiers": "city",
}
# the first digit of the division codes in GB/T 2260, and how many divisions have it
DIVISIONS = {
    ("north",): 5,
    ("northeast",): 3,
    ("east",): 7,
    ("central", "south"): 6,
    ("southwest",): 5,
    ("northwest",): 5,
    ("hong_kong_macau_taiwan",): 3,
}


@pytest.mark.parametrize("name", LOOKED_UP)
def test_what_is_looked_up_is_trimmed_and_in_lower_case(name: str) -> None:
    values = [row[LOOKED_UP[name]] for row in read_seed(SEEDS, name)]
    assert values
    assert [value for value in values if value != value.strip().lower()] == []
    assert "null" not in values  # read as NULL on engines to which dbt itself carries seeds


@pytest.mark.parametrize("name", ["macro_regions", "city_tiers"])
def test_countries_are_two_capital_letters(name: str) -> None:
    for row in read_seed(SEEDS, name):
        for country in {row["country"], row.get("home_country", row["country"])}:
            assert len(country) == 2
            assert country.isalpha() and country.isupper()


def test_every_segment_of_the_seeds_is_labelled_in_its_own_segmentation() -> None:
    labelled = {
        (row["segmentation_id"], row["segment_id"])
        for row in read_seed(SEEDS, "segment_labels")
        if row["preset"] == "default"
    }
    meant = {
        *(
            (row["segmentation_id"], row["segment_id"])
            for row in read_seed(SEEDS, "profile_value_map")
        ),
        *(("age_band", row["segment_id"]) for row in read_seed(SEEDS, "age_bands")),
        *(("company_size", row["segment_id"]) for row in read_seed(SEEDS, "company_size_bands")),
        *(("region", row["macro_region"]) for row in read_seed(SEEDS, "macro_regions")),
        *(("urban", row["tier"]) for row in read_seed(SEEDS, "city_tiers")),
        *((name, "unknown") for name in ("age_band", "gender", "region", "urban")),
        *((name, "unknown") for name in ("occupation", "industry", "company_size")),
        *(("partner_type", name) for name in ("none", "other_partner")),
        *(("region", name) for name in ("domestic", "international")),
        ("urban", "unlisted"),
    }
    assert meant - labelled == set()


def test_the_regions_of_china_are_those_of_the_division_codes() -> None:
    """Short names alone: each division stands once in Chinese without its kind behind it."""
    kinds = ("省", "市", "自治区", "特别行政区")
    found = Counter(
        row["macro_region"]
        for row in read_seed(SEEDS, "macro_regions")
        if row["region"] and not row["region"].isascii() and not row["region"].endswith(kinds)
    )
    counted = {regions: sum(found[region] for region in regions) for regions in DIVISIONS}
    assert counted == DIVISIONS
    assert sum(found.values()) == 34


def test_every_city_lies_in_a_region_of_its_country() -> None:
    regions = {(row["country"], row["region"]) for row in read_seed(SEEDS, "macro_regions")}
    cities = read_seed(SEEDS, "city_tiers")
    lost = [row for row in cities if (row["country"], row["region"]) not in regions]
    assert lost == []


def test_a_city_has_one_tier_and_one_region_however_it_is_written() -> None:
    """What stands beside each other in Chinese, with and without the word for city."""
    places = {row["city"]: (row["region"], row["tier"]) for row in read_seed(SEEDS, "city_tiers")}
    names = [city for city in places if not city.isascii() and not city.endswith("市")]
    assert [city for city in names if places[f"{city}市"] != places[city]] == []
    sizes = Counter(places[city][1] for city in names)
    assert (sizes["first_tier"], sizes["new_first_tier"]) == (4, 15)

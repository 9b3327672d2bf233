"""The words that the business owns: complete, in two languages, and each in its own."""

import re

import pytest
import yaml
from conftest import PROJECT_ROOT
from reference_seeds import read_seed

SEEDS = PROJECT_ROOT / "seeds" / "reference"
WORDED = sorted(
    path for path in SEEDS.glob("*.csv") if "_zh" in path.read_text(encoding="utf-8").split("\n")[0]
)
SENTENCES = ("definition", "description", "persona", "next_action", "note")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# half-width punctuation beside a Chinese character, and full-width in English
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")
FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff00-\uffef]")


def shipped_audiences() -> list[dict[str, str]]:
    """Their words, which stand in the var `audiences`."""
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return [
        {part: text for part, text in audience.items() if isinstance(text, str)}
        for audience in project["vars"]["segmentation"]["audiences"]
    ]


def rows_of(words: str) -> list[dict[str, str]]:
    return shipped_audiences() if words == "audiences" else list(read_seed(SEEDS, words))


def segments() -> list[tuple[tuple[str, str], dict[str, str]]]:
    """The rows of both seeds that describe segments, each with segmentation and segment."""
    labels = [
        ((row["segmentation_id"], row["segment_id"]), row)
        for row in read_seed(SEEDS, "segment_labels")
    ]
    channels = [
        ((f"{row['channel_kind']}_channel", row["channel_id"]), row)
        for row in read_seed(SEEDS, "channels")
    ]
    return labels + channels


@pytest.mark.parametrize("words", [*(path.stem for path in WORDED), "audiences"])
def test_each_language_is_written_as_it_is_written(words: str) -> None:
    wrong = []
    for row in rows_of(words):
        for column, text in row.items():
            kind, _, language = column.rpartition("_")
            if language not in {"en", "zh"} or not text:
                continue
            end = {"en": ".", "zh": "。"}[language]
            if text != text.strip() or "  " in text:
                wrong.append((text, "blanks"))
            if kind in SENTENCES and not text.endswith(end):
                wrong.append((text, f"does not end in {end}"))
            if language == "en" and (CHINESE.search(text) or FULL_WIDTH.search(text)):
                wrong.append((text, "is not English"))
            if language == "zh" and kind in SENTENCES and not CHINESE.search(text):
                wrong.append((text, "is not Chinese"))
            if language == "zh" and HALF_WIDTH.search(text):
                wrong.append((text, "half-width punctuation"))
    assert wrong == []


@pytest.mark.parametrize("words", [*(path.stem for path in WORDED), "audiences"])
def test_what_is_said_is_said_in_both_languages(words: str) -> None:
    lopsided = [
        (column, row)
        for row in rows_of(words)
        for column, text in row.items()
        if column.endswith("_en") and bool(text) != bool(row.get(column.removesuffix("en") + "zh"))
    ]
    assert lopsided == []


def test_every_shipped_segment_is_described_and_has_a_next_action() -> None:
    wanted = ("persona_en", "persona_zh", "next_action_en", "next_action_zh", "owner")
    empty = [(*key, column) for key, row in segments() for column in wanted if not row[column]]
    assert empty == []


def test_a_label_fits_the_summary_on_a_narrow_screen() -> None:
    """`segmentation summary` in 80 columns has no room for more beside its figures."""
    words = [row for words in ("segment_labels", "channels", "audiences") for row in rows_of(words)]
    assert [row["label_en"] for row in words if len(row["label_en"]) > 23] == []


def test_only_definitions_name_a_var() -> None:
    """Only they are filled with values; elsewhere a reader would meet the name."""
    settings = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    listed = [name for name in settings["vars"]["segmentation"] if "_" in name]
    names = re.compile("|".join(listed))
    named = [
        (*key, column)
        for key, row in segments()
        for column, text in row.items()
        if not column.startswith("definition") and column.endswith(("_en", "_zh"))
        if names.search(text)
    ]
    assert named == []


def test_the_lost_are_not_written_to() -> None:
    written_to = [
        (row["segmentation_id"], row["preset"])
        for row in read_seed(SEEDS, "segment_labels")
        if row["segment_id"] == "lost" and row["contact_channel"]
    ]
    assert written_to == []


def test_a_vocabulary_has_one_name_and_each_of_its_words_one_place() -> None:
    """And what it adds comes after its own words, which its name lists."""
    rows = read_seed(SEEDS, "lifecycle_vocabularies")
    for vocabulary in {row["vocabulary_id"] for row in rows}:
        own = [row for row in rows if row["vocabulary_id"] == vocabulary]
        assert len({(row["vocabulary_label_en"], row["vocabulary_label_zh"]) for row in own}) == 1
        words = {
            (int(row["label_rank"]), row["label_en"], row["label_zh"], row["is_added"])
            for row in own
        }
        assert [rank for rank, *_ in sorted(words)] == list(range(1, len(words) + 1))
        assert [is_added for *_, is_added in sorted(words)] == sorted(
            is_added for *_, is_added in words
        )
        listed = [
            english.lower() for _, english, _, is_added in sorted(words) if is_added != "true"
        ]
        assert own[0]["vocabulary_label_en"].lower() == ", ".join(listed)

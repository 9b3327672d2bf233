"""The reference seeds as the oracle's `Reference`, read with the `csv` module and nothing else."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

from oracle import Reference, Settings, Touch

NOTHING = "(none)"


def read_reference(folder: Path, settings: Settings) -> Reference:
    """What the seeds in ``folder`` say under these settings."""
    rates: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in read_seed(folder, "exchange_rates"):
        if row["to_currency"] == settings.reporting_currency:
            dated = (date.fromisoformat(row["valid_from"]), Decimal(row["rate"]))
            rates[row["from_currency"]].append(dated)

    denied = [
        (row["identifier_kind"], row["identifier"], row["is_pattern"] == "true")
        for row in read_seed(folder, "identity_deny_list")
    ]

    def is_denied(kind: str, identifier: str) -> bool:
        return any(
            kind == denied_kind
            and (_is_like(identifier, text) if is_pattern else identifier == text)
            for denied_kind, text, is_pattern in denied
        )

    names = {
        row["sales_channel"]: row["channel_id"] for row in read_seed(folder, "sales_channel_map")
    }

    return Reference(
        rates=rates,
        is_denied=is_denied,
        rfm_map=_rfm_map(folder, settings.rfm_preset),
        channel_of=_Channels(folder).of,
        channel_rank={
            row["channel_id"]: int(row["channel_rank"])
            for row in read_seed(folder, "channels")
            if row["channel_kind"] == "acquisition"
        },
        sales_channel_of=lambda name: names.get((name or "").strip().lower(), "other"),
        vip_minimums={
            row["level_id"]: Decimal(row["min_score"]) for row in read_seed(folder, "vip_levels")
        },
        profile_map={
            (row["segmentation_id"], row["raw_value"]): row["segment_id"]
            for row in read_seed(folder, "profile_value_map")
        },
        age_bands={
            int(row["min_age"]): row["segment_id"] for row in read_seed(folder, "age_bands")
        },
        size_bands={
            int(row["min_headcount"]): row["segment_id"]
            for row in read_seed(folder, "company_size_bands")
        },
        macro_regions={
            (row["country"], row["region"] or None): row["macro_region"]
            for row in read_seed(folder, "macro_regions")
            if row["home_country"] == settings.default_country
        },
        city_tiers={
            (row["country"], row["city"]): (row["region"], row["tier"])
            for row in read_seed(folder, "city_tiers")
        },
    )


def _rfm_map(folder: Path, preset: str) -> dict[tuple[int, int, int], str]:
    """The cells of a preset: of scores, in rfm_8 of levels."""
    is_by_mean = preset == "rfm_8"
    name, axis = ("rfm_8_segment_map", "level") if is_by_mean else ("rfm_segment_map", "score")
    return {
        (int(row[f"r_{axis}"]), int(row[f"f_{axis}"]), int(row[f"m_{axis}"])): row["segment_id"]
        for row in read_seed(folder, name)
        if row["preset"] == preset
    }


class _Channels:
    """The ordered channel rules: the first whose patterns all hold names the channel."""

    def __init__(self, folder: Path) -> None:
        rules = read_seed(folder, "channel_rules")
        self.rules = sorted(rules, key=lambda row: int(row["rule_order"]))
        kinds = read_seed(folder, "channel_sources")
        self.kinds = sorted(kinds, key=lambda row: int(row["pattern_order"]))

    def of(self, touch: Touch) -> str:
        """The channel of (source, medium, campaign): lower case, a missing part is (none)."""
        source, medium, campaign = ((part or "").strip().lower() or NOTHING for part in touch)
        category = next(
            (
                kind["source_category"]
                for kind in self.kinds
                if _is_like(source, kind["source_pattern"])
            ),
            "",
        )
        for rule in self.rules:
            wanted = (rule["source_pattern"], rule["medium_pattern"], rule["campaign_pattern"])
            texts = zip((source, medium, campaign), wanted, strict=True)
            if all(not pattern or _is_like(text, pattern) for text, pattern in texts) and (
                rule["source_category"] in {"", category}
            ):
                return rule["channel_id"]
        return "unassigned"


def _is_like(text: str, pattern: str) -> bool:
    """SQL LIKE: % stands for any text, _ for any one character."""
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def read_seed(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a seed, every value as text."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

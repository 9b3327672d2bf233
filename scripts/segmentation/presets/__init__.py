"""The shipped presets: each YAML file here holds the `--vars` that make the models read one input.

`sample` is what dbt_project.yml says, so it has no file.
"""

from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from segmentation.errors import SegmentationError

SAMPLE = "sample"


def preset_names() -> list[str]:
    """The presets that can be named, the default one first."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    named = (name.removesuffix(".yml") for name in files if name.endswith(".yml"))
    return [SAMPLE, *sorted(set(named) - {SAMPLE})]


def load_preset(name: str) -> dict[str, Any]:
    """The vars of a preset; none for the sample.

    Raises:
        SegmentationError: there is no preset of that name.
    """
    if name not in preset_names():
        raise SegmentationError(
            f"There are no inputs called '{name}'. There are: {', '.join(preset_names())}."
        )
    file = resources.files(__name__) / f"{name}.yml"
    content = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if not isinstance(content, Mapping):
        raise SegmentationError(f"The preset '{name}' must be a YAML mapping of vars to values.")
    return dict(content)

"""The worked example of CONTRIBUTING.md, "Adding a segmentation", works, followed to the letter.

A comment on the line before a block says what becomes of it:

    <!-- example: new file PATH -->                     the block is that file
    <!-- example: end of PATH -->                       its lines are added at the end
    <!-- example: PATH, before the line START -->       its lines are put before the one line that
                                                        starts so, blanks aside
    <!-- example: PATH, after the last line START -->   its lines are put after the last such line
                                                        and those that go on with it, deeper in
    <!-- example: run -->                               dbt commands
    <!-- example: query -->, <!-- example: output -->   what is then in the database
    <!-- example: rule -->                              an entry of test_partitions.py
"""

import csv
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import test_partitions
import yaml
from conftest import PROJECT_ROOT, RunDbt
from project_copy import copy_project

pytestmark = pytest.mark.slow

FENCE = re.compile(
    r"^<!-- example: (?P<what>[^\n]*?) -->\n```\w+\n(?P<text>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)
NEAR = re.compile(r"(?P<path>\S+), (?P<side>before the|after the last) line (?P<start>.+)")


def blocks_of_the_page() -> list[tuple[str, str]]:
    """What becomes of each marked block of the page, and its text."""
    page = (PROJECT_ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return [(found["what"], found["text"]) for found in FENCE.finditer(page)]


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def apply(project: Path, what: str, text: str) -> bool:
    """Do with a block what its marker says; false if it is none for a file."""
    if what.startswith("new file "):
        path = project / what.removeprefix("new file ")
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists()
        path.write_text(text, encoding="utf-8")
    elif what.startswith("end of "):
        path = project / what.removeprefix("end of ")
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    elif near := NEAR.fullmatch(what):
        path = project / near["path"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        places = [
            place for place, line in enumerate(lines) if line.strip().startswith(near["start"])
        ]
        is_before = near["side"] == "before the"
        assert places, f"{what}: no line starts so"
        assert len(places) == 1 or not is_before, f"{what}: {len(places)} lines start so"
        place = places[0] if is_before else places[-1] + 1
        while not is_before and indent_of(lines[place]) > indent_of(lines[places[-1]]):
            place += 1
        lines.insert(place, text)
        path.write_text("".join(lines), encoding="utf-8")
    else:
        return False
    return True


@dataclass(frozen=True)
class Example:
    """The copy of the project after the page was followed."""

    project: Path
    database: Path
    target: Path
    blocks: dict[str, str]


@pytest.fixture(scope="module")
def example(run_dbt: RunDbt, tmp_path_factory: pytest.TempPathFactory) -> Example:
    folder = tmp_path_factory.mktemp("example")
    project = copy_project(folder / "project")
    left = {what: text for what, text in blocks_of_the_page() if not apply(project, what, text)}
    assert set(left) == {"run", "query", "output", "rule"}
    made = Example(project, folder / "example.duckdb", folder / "target", left)
    for command in left["run"].splitlines():
        program, *args = shlex.split(command)
        assert program == "dbt"
        result = run_dbt(
            ["--quiet", *args],
            db_path=made.database,
            target_path=made.target,
            project_dir=project,
        )
        assert result.success, (result.error, result.failed)
        kinds = {node.resource_type for node in result.nodes}
        assert kinds >= ({"model", "seed", "test"} if args[0] == "build" else {"unit_test"})
    return made


def test_the_segments_appear_wherever_segments_are(example: Example) -> None:
    with duckdb.connect(str(example.database), read_only=True) as connection:

        def rows(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        shown = [" | ".join(map(str, row)) for row in rows(example.blocks["query"])]
        in_customers = rows(
            "select order_size_segment, count(*) from marts.customers group by 1 order by 1"
        )
        definitions = rows(
            "select definition_en, column_name, segmentation_label_zh from marts.segments"
            " where segmentation_id = 'order_size' and segment_id = 'medium'"
        )
    assert [line.removesuffix("00") for line in shown] == example.blocks["output"].splitlines()
    counts = [line.split(" | ")[:2] for line in example.blocks["output"].splitlines()]
    assert sorted((segment, int(count)) for segment, count in counts) == in_customers
    assert definitions == [
        (
            "At least 200 and less than 600 per valid order after refunds.",
            "order_size_segment",
            "客单价分层",
        )
    ]


def test_its_rule_is_total(example: Example) -> None:
    settings = yaml.safe_load((example.project / "dbt_project.yml").read_text(encoding="utf-8"))
    names = vars(test_partitions) | {"v": settings["vars"]["segmentation"]}
    rule = eval(example.blocks["rule"], names)  # noqa: S307  our own page
    manifest = json.loads((example.target / "manifest.json").read_text(encoding="utf-8"))
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    code = {
        name: (example.target / "compiled" / "segmentation" / node["original_file_path"]).read_text(
            encoding="utf-8"
        )
        for name, node in nodes.items()
        if name in rule.models
    }
    with (example.project / "seeds/reference/segment_labels.csv").open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    scratch = example.database.with_name("scratch") / example.database.name
    scratch.parent.mkdir()
    scratch.write_bytes(example.database.read_bytes())
    with duckdb.connect(str(scratch)) as connection:
        rulebook = test_partitions.Rulebook(
            connection,
            {name: node["relation_name"] for name, node in nodes.items()},
            {
                name: f"create or replace table {nodes[name]['relation_name']} as {sql}"
                for name, sql in code.items()
            },
        )
        assert rulebook.problems(rule, labels) == []
        assert rulebook.reached(rule) == {"prospect", "small", "medium", "large"}


def test_the_blocks_are_as_the_house_writes(example: Example) -> None:
    """Short lines, and rows sorted into place."""
    for what, text in blocks_of_the_page():
        if not what.endswith(".csv") and ".csv, " not in what:
            assert max(map(len, text.splitlines())) <= 120, what
    with (example.project / "seeds/reference/segment_labels.csv").open(encoding="utf-8") as file:
        order = [row["segmentation_id"] for row in csv.DictReader(file)]
    assert order.index("lifecycle") < order.index("order_size") < order.index("rfm")

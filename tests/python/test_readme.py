"""Every block of the README is run.

A comment on the line before a fenced block says what becomes of it:

    <!-- ci: run -->                 a bash block: it must succeed, in the order of the page
    <!-- ci: output -->              what the run block before it prints
    <!-- ci: output of COMMAND -->   what that command prints
    <!-- ci: elsewhere, REASON -->   not run here: the reason says by what

The page is played in a copy of the repository whose sample is built, so a block may write files and
build what it likes. In an output block a line of three dots stands for any number of lines, and
blanks at the end of a line don't count.
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PROJECT_ROOT
from test_repo import repository_files

FENCE = re.compile(
    r"^(?:<!--\s*ci:\s*(?P<marker>[^\n]*?)\s*-->\n+)?"
    r"^```(?P<language>[a-z]*)[^\n]*\n(?P<text>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)
ANY_LINES = "..."


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what its marker says (empty if none), and its text."""

    line: int
    language: str
    marker: str
    text: str


def blocks_of(page: str) -> list[Block]:
    return [
        Block(
            line=page.count("\n", 0, match.start("language")) + 1,
            language=match["language"],
            marker=match["marker"] or "",
            text=match["text"],
        )
        for match in FENCE.finditer(page)
    ]


def difference(expected: str, actual: str) -> str:
    """Empty if the output is as expected, where a line of three dots stands for any lines."""
    wanted = [line.rstrip() for line in expected.strip("\n").splitlines()]
    found = [line.rstrip() for line in actual.strip("\n").splitlines()]
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line.strip() == ANY_LINES else re.escape(line) + r"\n"
        for line in wanted
    )
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in found)):
        return ""
    return "\n".join(difflib.unified_diff(wanted, found, "the README", "printed", lineterm=""))


def play(command: str, folder: Path) -> str:
    """What a block prints on stdout; it runs with this interpreter's commands on the path."""
    dropped = {"DBT_PROFILES_DIR", "DBT_TARGET", "FORCE_COLOR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = kept | {"PATH": commands, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def readme() -> list[Block]:
    return blocks_of((PROJECT_ROOT / "README.md").read_text(encoding="utf-8"))


def test_every_block_of_the_readme_says_what_becomes_of_it(readme: list[Block]) -> None:
    assert any(block.marker == "run" for block in readme)
    for block in readme:
        place = f"README.md:{block.line}"
        if block.language == "bash":
            assert block.marker == "run" or re.match(r"elsewhere, \w", block.marker), place
        elif block.marker:
            assert block.marker.split()[0] == "output", place


def test_the_blocks_of_the_readme_do_what_it_says(readme: list[Block], tmp_path: Path) -> None:
    for path in repository_files():
        copy = tmp_path / path.relative_to(PROJECT_ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    shutil.copy(PROJECT_ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    play("segmentation build", tmp_path)
    printed = ""
    for block in readme:
        place = f"README.md:{block.line}"
        if block.marker == "run":
            printed = play(block.text, tmp_path)
        elif block.marker == "output":
            assert difference(block.text, printed) == "", place
        elif block.marker.startswith("output of "):
            said = play(block.marker.removeprefix("output of "), tmp_path)
            assert difference(block.text, said) == "", place


# --- the reading of the page itself


PAGE = """
<!-- ci: run -->
```bash
echo one
```
Then:

<!-- ci: output -->
```text
one
```

```sql
select 1
```
<!-- ci: elsewhere, by the script -->
```bash
make build
```
"""


def test_markers_are_read() -> None:
    found = [(block.language, block.marker, block.text) for block in blocks_of(PAGE)]
    assert found == [
        ("bash", "run", "echo one\n"),
        ("text", "output", "one\n"),
        ("sql", "", "select 1\n"),
        ("bash", "elsewhere, by the script", "make build\n"),
    ]


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a  \nb\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\nd\n", "a\nb\n", False),
        ("a.c\n", "abc\n", False),
        ("a\n", "a\nb\n", False),
    ],
)
def test_output_is_compared(expected: str, actual: str, same: bool) -> None:
    assert (difference(expected, actual) == "") is same


def test_a_failing_block_fails(tmp_path: Path) -> None:
    assert play("echo fine", tmp_path) == "fine\n"
    with pytest.raises(AssertionError, match="broken"):
        play("echo broken; false; echo on", tmp_path)

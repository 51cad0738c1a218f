"""docs/one-request.md is executed: its code against a running system, its names in the tree."""

import re
from pathlib import Path

import pytest

from tests.integration.api.people import County

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "one-request.md"
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
MENTIONED = re.compile(r"`((?:services|shared|deploy|tests)/[\w./]+\.py) · (\w+)`")


def test_the_page_runs_from_top_to_bottom(county: County):
    names = county.vocabulary()
    for number, block in enumerate(CODE.findall(PAGE.read_text()), start=1):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)


@pytest.mark.parametrize(("file", "name"), MENTIONED.findall(PAGE.read_text()))
def test_every_name_the_page_mentions_exists(file: str, name: str):
    assert re.search(rf"(def|class) {name}\b", (ROOT / file).read_text())

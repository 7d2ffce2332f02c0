from __future__ import annotations

import re
from pathlib import Path

import pytest

import assay

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_code_is_python_and_names_what_there_is(block: str) -> None:
    compile(block, "README.md", "exec")
    for name in re.findall(r"\bassay\.(\w+)\(", block):
        assert name in assay.__all__


def test_links_lead_to_sections() -> None:
    sections = {re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-") for line in README.splitlines() if line.startswith("## ")}
    links = re.findall(r"\]\(#([^)]*)\)", README)
    assert links
    assert set(links) <= sections


def test_every_variable_that_is_read_is_named() -> None:
    source = "".join(path.read_text() for path in (Path(__file__).parents[1] / "src" / "assay").rglob("*.py"))
    read = set(re.findall(r'"(ASSAY_[A-Z_]+)"', source))
    assert {name for name in read if name not in README} == set()

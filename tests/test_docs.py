# SPDX-License-Identifier: Apache-2.0
"""Links lead somewhere: between pages, into the sources, and from the sources' docstrings to a page's sections."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = ("octopus_hw", "sim", "tests", "docs", "examples", "tools", ".ci")
SOURCES = [
    ROOT / "README.md",
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".md", ".toml", ".json", ".yml") and path != Path(__file__)
    ),
]


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        assert anchor not in found, f"{page.name}: two sections of the name {heading}"
        found.add(anchor)
    return found


def missing(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    lost = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    return lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert missing(page) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A b, c\n[x](#a-b-c) [y](#a-b) [z](other.md) [w](https://example.org)\n", encoding="utf-8")
    assert missing(page) == ["#a-b", "other.md"]


def test_sources_name_sections_that_exist() -> None:
    lost, named = [], 0
    for path in SOURCES:
        for page, anchor in re.findall(r"docs/(\w+\.md)#([\w-]+)", path.read_text(encoding="utf-8")):
            named += 1
            if anchor not in anchors(ROOT / "docs" / page):
                lost.append(f"{path.relative_to(ROOT)}: {page}#{anchor}")
    assert lost == []
    assert named > 100


def test_nothing_names_a_section_of_the_timing_page_by_number() -> None:
    old = re.compile(r"timing\.md\)?`?, sections? \d|\b[Ss]ection \d'")
    assert [str(path.relative_to(ROOT)) for path in SOURCES if old.search(path.read_text(encoding="utf-8"))] == []

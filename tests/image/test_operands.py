# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from octopus_hw.contract.errors import InputError

from .samples import block, compiled, rows, task, workflow


def joined(words: list[int], *, children: int = 0) -> dict[str, Any]:
    """Tasks that are joined, perhaps in a body."""
    names = [f"t{number}" for number in range(len(words))]
    blocks = [task("a"), *map(task, names), block("j", "join", of="all"), block("end", "end")]
    flows = [*(f"a {name}" for name in names), *(f"{n} j {w}" for n, w in zip(names, words, strict=True))]
    if not children:
        return workflow(blocks, [*flows, "j end"])
    around = [block("s", "spawn", count=children, join="k"), block("k", "join", of="s")]
    return workflow([*around, *blocks], ["s a", *flows, "j k 1", "k end"])


def test_what_an_all_join_gathers_may_be_more_than_a_buffer() -> None:
    result = compiled(joined([100, 120, 128]))
    assert [row[1:] for row in rows(result, "kind", "offset", "room") if row[0] == 4] == [(0, 25), (25, 30), (55, 32)]
    assert result.needs.homes[0].store == 348


def test_what_children_bring_may_be_more_than_a_buffer() -> None:
    blocks = [block("s", "spawn", count=65, join="j"), task("a"), block("j", "join", of="s"), block("end", "end")]
    assert compiled(workflow(blocks, ["s a", "a j 128", "j end"])).needs.homes[0].store == 65 * 128


def refused(owg: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        compiled(owg)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_more_than_a_row_can_count() -> None:
    message = "16384 words come together at join 'j', but 16383 are the most; send fewer"
    assert refused(joined([128] * 128)) == f"sample.json: streams[0].owg.blocks[129]: {message}"
    assert "needs 16896 words of the home store" in refused(joined([128] * 127 + [124]))
    blocks = [block("s", "spawn", count=128, join="j"), task("a"), block("j", "join", of="s"), block("end", "end")]
    assert f"blocks[2]: {message}" in refused(workflow(blocks, ["s a", "a j 127", "j end"]))

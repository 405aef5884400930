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
    assert [row[1] for row in rows(result, "kind", "offset") if row[0] == 4] == [0, 100, 220]
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
    words = [128, 128, 128, 127, 128]
    assert compiled(joined(words))
    message = refused(joined([128, 128, 128, 128, 1]))
    assert "streams[0].owg.flows[9].words: 512 words come together at join 'j', but 511 are the most; " in message
    assert message.endswith("send fewer, or join some of its flows in a join before it")
    assert "639 words come together" in refused(joined(words, children=2))
    assert compiled(joined(words[:-1], children=2))

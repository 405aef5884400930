# SPDX-License-Identifier: Apache-2.0
"""Slices that cannot be; every refusal in its exact words."""

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.builder import WorkflowBuilder, quantiles


def sliced(place, *, count=3, **keys):
    """A workflow of every kind of source, with these keys on one of its flows."""
    b = WorkflowBuilder("w")
    b.task("a", 1)
    b.fork("f")
    b.spawn("s", quantiles(1, count))
    b.task("t", 1)
    b.join("j", of="s")
    b.join("k")
    b.branch("b", 0)
    b.task("c", 1)
    b.end()
    words = {"a f": 32, "f s": 30, "s t": 8, "t j": 6, "j k": 10, "f k": 5, "k b": 0, "b c": 8, "c end": 4}
    for way, carried in words.items():
        b.flow(*way.split(), **({"words": carried} | (keys if way == place else {})))
    return b.build()


def refusal(place, **keys):
    with pytest.raises(InputError) as caught:
        sliced(place, **keys)
    return str(caught.value).removeprefix("workflow 'w': ")


TAKE = "take fewer or send it more"
BAD = [
    ("a f", {"stride": 4}, "flows[0].stride: a stride tells a spawn's children apart, but 'a' is a task; leave it out"),
    ("f s", {"stride": 4}, "flows[1].stride: a stride tells a spawn's children apart, but 'f' is a fork; leave it out"),
    ("k b", {"first": 4}, "flows[6].first: into branch 'b', which passes on words from 0 on; leave it out"),
    ("b c", {"first": 4}, "flows[7].first: out of branch 'b', which passes on words from 0 on; leave it out"),
    ("f s", {"first": 4}, f"flows[1]: the slice ends at word 34, but fork 'f' holds 32; {TAKE}"),
    ("s t", {"first": 24}, f"flows[2]: the slice ends at word 32, but spawn 's' holds 30; {TAKE}"),
    ("s t", {"stride": 4, "words": 31}, f"flows[2]: the slice ends at word 31, but spawn 's' holds 30; {TAKE}"),
    ("s t", {"stride": 16}, f"flows[2].stride: the words of child 2 begin at 32, but spawn 's' holds 30; {TAKE}"),
    ("s t", {"stride": 12, "first": 8},
     f"flows[2].stride: the words of child 2 begin at 32, but spawn 's' holds 30; {TAKE}"),
    ("j k", {"first": 16}, f"flows[4]: the slice ends at word 26, but join 'j' holds 24; {TAKE}"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "keys", "message"), BAD)
def test_refuses(place, keys, message):
    assert refusal(place, **keys) == message


def test_a_stride_into_a_branch_is_refused():
    b = WorkflowBuilder("w")
    b.flow(b.spawn("s", 2), b.branch("b"), stride=4)
    b.path("b", b.join("j", of="s"), b.end())
    with pytest.raises(InputError) as caught:
        b.build()
    assert str(caught.value).endswith("flows[0].stride: into branch 'b', which passes on words from 0 on; leave it out")


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ("a f", {"first": 16380, "words": 16383}),
        ("f s", {"first": 4, "words": 28}),
        ("s t", {"first": 20, "stride": 4}),
        ("s t", {"stride": 12}),
        ("s t", {"stride": 28, "count": 2}),
        ("s t", {"stride": 16380, "count": 1}),
        ("j k", {"first": 12}),
        ("c end", {"first": 40}),
        ("f s", {"words": 16383}),
        ("s t", {"words": 99}),
    ],
)
def test_accepts(place, keys):
    sliced(place, **keys)


def test_what_the_entry_is_given_is_not_known():
    b = WorkflowBuilder("w")
    b.flow(b.spawn("s", 9), b.join("j", of="s"), words=4, first=400, stride=400)
    b.flow("j", b.end(), words=36)
    b.build()


def test_a_join_of_all_holds_its_flows_one_after_the_other():
    def joined(first):
        b = WorkflowBuilder("w")
        b.flow(b.task("a", 1), b.join("j"), words=5)
        b.flow("a", "j", words=2)
        b.flow("j", b.end(), words=4, first=first)
        return b.build()

    assert joined(8).areas[1] == 12
    with pytest.raises(InputError, match="the slice ends at word 16, but join 'j' holds 12"):
        joined(12)

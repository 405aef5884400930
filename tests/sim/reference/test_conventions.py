# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path

from octopus_sim.reference.conventions import LinkReceiver, LinkSender

PAGE = (Path(__file__).parents[3] / "docs/timing.md").read_text(encoding="utf-8")


def drawn(row: str) -> list[str]:
    """A row of the page's drawing of a link."""
    found = re.search(rf"^{row}  +(.*)$", PAGE, re.MULTILINE)
    assert found
    return found[1].split()


def test_a_credit_makes_its_round_as_drawn() -> None:
    sender, receiver = LinkSender(4, 1), LinkReceiver(4, 1)
    rows: dict[str, list[str]] = {"credits held": [], "sent": [], "output register": [], "head, taken": []}
    for item in "ABCDEF":
        (queue,) = receiver.queues
        shown = (str(sender.credits[0]), item, sender.wire[1] if sender.wire else "-", queue.head or "-")
        for row, what in zip(rows.values(), shown, strict=True):
            row.append(what)
        assert sender.can()
        wire, credit = sender.wire, receiver.credit
        receiver.step(wire, [queue.head is not None])
        sender.step((0, item), credit)
    assert rows == {row: drawn(row) for row in rows}

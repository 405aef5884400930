# SPDX-License-Identifier: Apache-2.0
"""The driver's part of docs/host.md: what to send so that an image is loaded and run, and what the replies say.

::

    RESET ... SEAL ─▶ STATUS ─▶ sealed? ─▶ START ─▶ DONE of every home ─▶ READ of one counter after the other
                          └─ no: the plan ends                └─ STALLED: the plan ends
"""

from octopus_hw.contract.codes import COUNTERS, Message, PortError, PortState
from octopus_hw.contract.identity import VERSION, configuration_hash
from octopus_hw.contract.layout import HostWord, Identity, PortWord
from octopus_hw.image.boot import Rectangle, boot_words, read_words, start_words, status_words
from octopus_hw.image.image import Image
from octopus_sim.plan import Plan, PlanError

__all__ = ["STATUS_WORDS", "explain", "host_plan", "messages_of", "status_of"]

#: Words of the answer to a STATUS.
STATUS_WORDS = 5

#: `Plan.wait`'s `ends`: a STALLED.
_STALLED = (HostWord["message"].most, int(Message.STALLED))


def host_plan(image: Image, max_cycles: int, host: int | None, start: int = 0) -> Plan:
    """Load and start; wait for every home that has instances; read all counters."""
    homes = sum(tile.expected > 0 for tile in image.tiles)
    mesh = Rectangle(0, 0, image.columns - 1, image.rows - 1)
    plan = Plan() if host is None else Plan().hesitate(host)
    words, begin = boot_words(image, start), start_words(image.columns, image.rows, start)
    words = words[: -len(begin)]
    plan.send(words).send(status_words()).expect(_sealed(image, int(words[-2]))).send(begin)
    plan.wait(messages=homes, timeout=image.last_due - start + max_cycles, ends=_STALLED)
    for number in range(len(COUNTERS)):
        plan.send(read_words(mesh, 1, number)).wait(messages=len(image.tiles))
    return plan


def _sealed(image: Image, count: int) -> list[int]:
    """Return what a STATUS tells after a SEAL of so many words; the SEAL's last two and the STATUS are words too."""
    return [
        HostWord.pack(message=Message.STATUS),
        Identity.pack(version=VERSION, columns=image.columns, rows=image.rows),
        configuration_hash(image.config),
        PortWord.pack(state=PortState.SEALED),
        count + 3,
    ]


def messages_of(words: list[int]) -> list[tuple[int, int, int, int]]:
    """Return message, x, y and payload of each message of tiles; what follows a STATUS' first word is skipped."""
    found, at = [], 0
    while at < len(words):
        message, x, y = HostWord.unpack(words[at]).values()
        if message == Message.STATUS:
            at += STATUS_WORDS
        else:
            found.append((message, x, y, words[at + 1]))
            at += 2
    return found


def status_of(words: list[int]) -> tuple[PortState, PortError, int]:
    """Return what a STATUS says: state, error, and words since the RESET."""
    state = PortWord.unpack(words[3])
    return PortState(state["state"]), PortError(state["error"]), words[4]


def explain(image: Image, words: list[int]) -> PlanError:
    """Say in one line why a plan of `host_plan` ended before its end."""
    for message, x, y, cycle in messages_of(words):
        if message == Message.STALLED:
            return PlanError(
                f"tile {x},{y} stands still in cycle {cycle}: no instance was injected or retired there for "
                f"{image.watchdog} times 4,096 cycles while some were in flight"
            )
    state, error, place = status_of(words)
    if error == PortError.NONE:
        return PlanError(f"the chip took the image's words and is not sealed, but {state.name}, after {place} words")
    return PlanError(f"the chip refused word {place} of the image: {error.name}; docs/host.md says what that means")

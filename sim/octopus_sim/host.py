# SPDX-License-Identifier: Apache-2.0
"""The driver's part of docs/host.md: what to send so that an image is loaded and run, and what the replies say.

::

    RESET ... SEAL ─▶ STATUS ─▶ sealed? ─▶ START ─▶ DONE of every home ─▶ READ of one counter after the other
                          └─ no: the plan ends       │        └─ STALLED: the plan ends
                                                     └─ rows and results, if there are any
"""

from octopus_hw.contract.codes import COUNTERS, Message, PortError, PortState
from octopus_hw.contract.identity import VERSION, configuration_hash
from octopus_hw.contract.layout import HostWord, Identity, PortWord
from octopus_hw.image.boot import Rectangle, boot_words, read_words, start_words, status_words
from octopus_hw.image.image import Image
from octopus_sim.plan import Plan, PlanError
from octopus_sim.replies import STATUS_WORDS, replies_of
from octopus_sim.results import is_served, result_count

__all__ = ["STATUS_WORDS", "explain", "host_plan", "status_of"]

#: `ends` of a step of a plan: a STALLED.
_STALLED = (HostWord["message"].most, int(Message.STALLED))


def host_plan(image: Image, max_cycles: int, host: int | None, start: int = 0, every: int = 1) -> Plan:
    """Load and start; serve, or wait for every home that has instances; read all counters.

    Parameters
    ----------
    image
        What is run.
    max_cycles
        How long after its last arrival it may run.
    host
        The seed of a host that hesitates, or None.
    start
        The time at which it is started.
    every
        Cycles from one word to the next while the host serves rows and results.
    """
    homes = sum(tile.expected > 0 for tile in image.tiles)
    mesh = Rectangle(0, 0, image.columns - 1, image.rows - 1)
    plan = Plan() if host is None else Plan().hesitate(host)
    words, begin = boot_words(image, start), start_words(image.columns, image.rows, start)
    words = words[: -len(begin)]
    plan.send(words).send(status_words()).expect(_sealed(image, int(words[-2]))).send(begin)
    timeout = image.last_due - start + max_cycles
    if is_served(image):
        inputs = [(its.first, its.instances, its.rows.tolist()) for its in image.inputs]
        results = result_count(image)
        plan.serve(inputs, homes=homes, results=results, every=every, timeout=timeout, ends=_STALLED)
    else:
        plan.wait(messages=homes, timeout=timeout, ends=_STALLED)
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


def status_of(words: list[int]) -> tuple[PortState, PortError, int]:
    """Return what a STATUS says: state, error, and words since the RESET."""
    state = PortWord.unpack(words[3])
    return PortState(state["state"]), PortError(state["error"]), words[4]


def explain(image: Image, words: list[int]) -> PlanError:
    """Say in one line why a plan of `host_plan` ended before its end."""
    for reply in replies_of(words):
        if reply.message == Message.STALLED:
            return PlanError(
                f"tile {reply.x},{reply.y} stands still in cycle {reply.words[0]}: no instance was injected or retired "
                f"there for {image.watchdog} times 4,096 cycles while some were in flight"
            )
    state, error, place = status_of(words)
    if error == PortError.NONE:
        return PlanError(f"the chip took the image's words and is not sealed, but {state.name}, after {place} words")
    return PlanError(f"the chip refused word {place} of the image: {error.name}; docs/host.md says what that means")

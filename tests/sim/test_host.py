# SPDX-License-Identifier: Apache-2.0
from octopus_hw.contract.codes import Message, PortError, PortState
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PortWord
from octopus_hw.image.boot import boot_words
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import load_workload
from octopus_sim.host import explain, host_plan, replies_of, status_of

DONE, DATA, STALLED = [[Message.DONE | 1 << 4, 7], [Message.DATA, 9], [Message.STALLED | 2 << 4 | 1 << 11, 77]]
STATUS = [Message.STATUS, 0, 0, PortWord.pack(state=PortState.FAILED, error=PortError.SEAL), 12]


def image():
    return compile_workload(load_workload("examples/face_recognition.owg.json"), 2, 1, Config(), "naive").image


def test_replies_of_tiles_among_statuses():
    words = [*DONE, *STATUS, *DATA, *STALLED, *STATUS]
    assert replies_of(words) == [(3, 1, 0, 7), (4, 0, 0, 9), (7, 2, 1, 77)]
    assert status_of(STATUS) == (PortState.FAILED, PortError.SEAL, 12)


def test_what_ended_a_plan_is_told_in_one_line():
    what = image()
    assert str(explain(what, STATUS)) == (
        "the chip refused word 12 of the image: SEAL; docs/host.md says what that means"
    )
    told = str(explain(what, [*STATUS, *DONE, *STALLED]))
    assert told.startswith("tile 2,1 stands still in cycle 77: ") and f"{what.watchdog} times 4,096 cycles" in told
    sealed = [*STATUS[:3], PortState.LOADING, 5]
    assert str(explain(what, sealed)).endswith("not sealed, but LOADING, after 5 words")


def test_the_start_waits_for_a_good_status():
    what = image()
    plan = host_plan(what, 1000, None)
    status = plan.steps[2]["expected"]
    assert (status[0], status[3], status[4]) == (8, PortState.SEALED, len(boot_words(what)) - 2)
    assert sum(step["do"] == "wait" and "ends" in step for step in plan.steps) == 1

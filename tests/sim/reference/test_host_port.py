# SPDX-License-Identifier: Apache-2.0
from octopus_hw.contract.codes import HostEvent
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_sim.reference.host_port import HostPort, PortInputs

CONFIG = Config(data_vcs=2)
WIDE = layouts(CONFIG).token_head.size
HEAD = -(-WIDE // CONFIG.data_width)


def test_a_row_is_a_packet_for_who_asked() -> None:
    port = HostPort(CONFIG)
    port.step(PortInputs(message=("ROW", (0, 3))))
    port.step(PortInputs(message=("ROW", (2, 0))))
    assert port.step(PortInputs(events=[(HostEvent.ROW, [5, 6, 7])])).flit is None
    sent = [port.step(PortInputs(events=[(HostEvent.ROW, [])] if cycle == 1 else [])).flit for cycle in range(20)]
    # Three flits of head, two rows; then the head of the second, from the cycle after the first one's last.
    assert [flit and flit[::2] for flit in sent[: 2 * HEAD + 2]] == [
        *[(1, False)] * (HEAD + 1), (1, True), *[(0, False)] * (HEAD - 1), (0, True)
    ]  # fmt: skip
    assert set(sent[2 * HEAD + 2 :]) == {None}
    flits = [flit[1] for flit in sent if flit]
    head = layouts(CONFIG).token_head.unpack(sum(flit << 64 * n for n, flit in enumerate(flits[:HEAD])))
    assert layouts(CONFIG).header.unpack(head["header"]) == {"x": 0, "y": 3, "unit": 6, "config": 0, "host": 0}
    token = layouts(CONFIG).token.unpack(head["token"])
    assert {name: value for name, value in token.items() if value} == {"words": 3}
    assert flits[HEAD : HEAD + 2] == [5 | 6 << 32, 7]


def test_a_row_waits_for_a_credit_of_its_channel() -> None:
    port = HostPort(CONFIG)
    port.step(PortInputs(message=("ROW", (0, 3))))
    port.step(PortInputs(events=[(HostEvent.ROW, [])]))
    assert port.step(PortInputs(data_room=(True, False))).flit is None
    assert port.step(PortInputs(data_room=(False, True))).flit is not None


def test_a_send_needs_credit_buffer_and_room() -> None:
    port = HostPort(CONFIG)
    for x in range(6):
        assert port.step(PortInputs(message=("RESULT", (x, 1)))).send is None
    assert port.step(PortInputs(events=[(HostEvent.CREDIT, 9)], reply_room=False)).send is None
    assert [port.step(PortInputs()).send for _ in range(5)] == [(0, 1), (1, 1), (2, 1), (3, 1), None]
    assert port.step(PortInputs(result=True)).send is None
    assert port.step(PortInputs(events=[(HostEvent.TAKEN, 1)])).send == (4, 1)
    assert port.credits == 4

# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.contract.codes import Message
from octopus_hw.contract.layout import HostWord
from octopus_sim.replies import Reply, replies_of

WORD = st.integers(0, 2**32 - 1)
TILE = st.integers(0, 127)
#: How many words follow a header, but for a result's.
BEHIND = {Message.DONE: 1, Message.DATA: 1, Message.STALLED: 1, Message.ROW: 1, Message.STATUS: 4}


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    message = draw(st.sampled_from([*BEHIND, Message.RESULT]))
    if message == Message.RESULT:
        data = draw(st.lists(WORD, max_size=9))
        words = [draw(WORD), draw(st.integers(0, 0xFFFF)) | len(data) << 16, *data]
    else:
        words = draw(st.lists(WORD, min_size=BEHIND[message], max_size=BEHIND[message]))
    return Reply(message, draw(TILE), draw(TILE), words)


def words_of(reply: Reply) -> list[int]:
    return [HostWord.pack(message=reply.message, source_x=reply.x, source_y=reply.y), *reply.words]


@given(st.lists(replies(), max_size=8), st.data())
def test_words_are_cut_into_the_replies_that_they_are_and_an_unfinished_one_is_left_out(
    said: list[Reply], data: st.DataObject
) -> None:
    words = [word for reply in said for word in words_of(reply)]
    assert list(replies_of(words)) == said
    if said:
        short = data.draw(st.integers(1, len(words_of(said[-1]))))
        assert list(replies_of(words[:-short])) == said[:-1]

# SPDX-License-Identifier: Apache-2.0
from octopus_hw.owg.sources import Replay
from octopus_hw.suites import load_suite
from tests.suites.rmat import recorded


def test_graph_analytics_replays_real_searches():
    (workload,) = (found for found in load_suite("octopus", 1, 1) if found.name == "graph_analytics")
    blocks = {block.id: block for block in workload.streams[0].workflow.blocks}
    cycles, following = blocks["scan"].cycles, blocks["compact"].value
    assert isinstance(cycles, Replay) and isinstance(following, Replay)
    searches = recorded()
    assert [[list(level) for level in search] for search in cycles.numbers] == searches
    chunks = [[len(level) for level in search] for search in searches]
    assert [[n for (n,) in search] for search in following.numbers] == [search[1:] + [0] for search in chunks]
    assert max(max(search) for search in chunks) > 16 and all(search[0] == 1 for search in chunks)

# SPDX-License-Identifier: Apache-2.0
import numpy as np

from octopus_sim.model.kernel import entry
from octopus_sim.model.pointers import mesh
from octopus_sim.model.results import NO_RESULTS, result_data, result_table
from octopus_sim.model.twins import Bench

from .rig import bench


@entry
def looked_up(address: int, instance: int, block: int, index: int, round_: int) -> int:
    return result_data(mesh(address), instance, block, index, round_)


def with_table(table: np.ndarray) -> Bench:
    b = bench()
    b.state.params[0]["results"] = len(table) - 1
    names = list(b.state._fields)
    b.state.header[names.index("result")] = table.ctypes.data
    return b


def test_every_result_is_found_and_no_other() -> None:
    rng = np.random.default_rng(5)
    count = 3000
    # Few numbers of each kind, so that keys differ in few bits, and the largest.
    columns = {
        "instance": rng.choice([0, 1, 2, 3, (1 << 24) - 1], count),
        "block": rng.choice([0, 1, 2, 63, 4095], count),
        "index": rng.choice([*range(40), 65535], count),
        "round": rng.choice([0, 1, 127, 128, 255], count),
    }
    keys = np.unique(np.stack(list(columns.values())), axis=1)
    data = rng.integers(0, 1 << 32, keys.shape[1])
    known, unknown = keys[:, ::2], keys[:, 1::2]
    b = with_table(table := result_table(dict(zip(columns, known, strict=True)), data[::2]))
    assert len(table) >= 2 * known.shape[1]
    address = b.state.header.ctypes.data
    assert [looked_up(address, *key) for key in known.T.tolist()] == data[::2].tolist()
    assert not any(looked_up(address, *key) for key in unknown.T.tolist())


def test_without_a_table_all_are_0() -> None:
    b = with_table(NO_RESULTS)
    assert looked_up(b.state.header.ctypes.data, 1, 2, 3, 4) == 0

# SPDX-License-Identifier: Apache-2.0
from octopus_hw.cbu.table import Table
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.memories import memory_words

SIZES = {
    "max_flows": 40,
    "max_streams": 5,
    "list_depth": 17,
    "max_blocks": 30,
    "store_words": 2000,
    "number_words": 500,
}


def test_each_memory_has_as_many_words_as_the_tables_that_are_built(monkeypatch):
    """Every table that a tile builds is asked for its rows."""
    from amaranth.hdl import Fragment

    from octopus_hw.cbu.cbu import Cbu
    from octopus_hw.cbu.home import Home
    from octopus_hw.chip.library_lookup import LibraryLookup

    built, init = {}, Table.__init__

    def record(self, layout, rows, memory, **keys):
        init(self, layout, rows, memory, **keys)
        built[memory] = self.rows * layout.description.columns

    monkeypatch.setattr(Table, "__init__", record)
    for config in (Config(), Config(**SIZES), Config(max_streams=1, max_instances=1, max_blocks=1, owner_entries=1)):
        built.clear()
        for unit in (Cbu(config, False), Home(config), LibraryLookup(config)):
            Fragment.get(unit, None)
        words = memory_words(config)
        assert built == {memory: words[memory] for memory in built} and len(built) == 8
        assert set(words) == set(LoadTarget)
        assert (words[LoadTarget.STORE], words[LoadTarget.NUMBER]) == (config.store_words, config.number_words)
        assert words[LoadTarget.REGISTER] == 8

# SPDX-License-Identifier: Apache-2.0
"""A component with a reset of its own, and the clock of what is around it.

::

    Fragment.get(Held(unit, reset), Definitions())      Fragment.get(Held(unit, reset), None)
      Instance: clk = clk, rst = reset                    domain held: clk = clk, rst = reset
                                                            |- the unit's logic, in that domain

The reset pin around it does not reach it: whoever drives `reset` takes care of that. Amaranth's `ResetInserter` does
not reach inside a placed unit, and a domain whose clock is assigned from another's is a delta cycle late in Amaranth's
simulator; here both domains have the very same clock.
"""

from typing import Any

from amaranth.hdl import ClockDomain, DomainRenamer, Elaboratable, Fragment, Instance, Signal

__all__ = ["Held"]

_DOMAIN = "held"


class Held(Elaboratable):
    """A component that is reset by a signal.

    Parameters
    ----------
    component
        Whose registers are all in the ``sync`` domain.
    reset
        While it is 1 the registers are set to what they start from, at each edge of the clock.
    """

    def __init__(self, component: Elaboratable, reset: Signal) -> None:
        self._component = component
        self._reset = reset

    def elaborate(self, platform: object) -> Fragment:
        """Place or build the component."""
        fragment = Fragment.get(self._component, platform)
        if isinstance(fragment, Instance):
            fragment.ports["rst"] = (self._reset, "i")
            return fragment
        return _Domain(DomainRenamer({"sync": _DOMAIN})(fragment), self._reset)


class _Domain(Fragment):
    """What is around logic with a reset of its own."""

    def __init__(self, inside: Fragment, reset: Signal) -> None:
        super().__init__()
        self._domain = ClockDomain(_DOMAIN, local=True)
        self._domain.rst = reset
        self.add_domains(self._domain)
        self.add_subfragment(inside, "inside")

    def _propagate_domains_down(self, *where: Any) -> None:
        if "sync" in self.domains:
            self._domain.clk = self.domains["sync"].clk
        super()._propagate_domains_down(*where)

# SPDX-License-Identifier: Apache-2.0
"""The same plans on Amaranth's own simulator: slow, and with nothing between the design and the result."""

import contextlib
import io
import time
from pathlib import Path
from typing import Any

from amaranth.lib import wiring
from amaranth.sim import Simulator

from octopus_sim.pace import Pace
from octopus_sim.plan import Plan, PlanError, PlanResult, goes_on
from octopus_sim.server import ServeError, Server

__all__ = ["run"]

_PERIOD_S = 2e-9


class _HostPort:
    """Driver of `i` and collector of `o`, one tick at a time."""

    def __init__(self, ctx: Any, device: Any) -> None:
        self.ctx, self.device = ctx, device
        self.words: list[int] = []
        self.word_cycles: list[int] = []
        self.cycle = 0
        self.awaited = 0
        self.pace = Pace()
        self.came: list[int] = []
        self.stall: int | None = None
        self.samples = ctx.tick().sample(device.i.ready, device.o.valid, device.o.payload)

    async def tick(self) -> bool:
        """Pass one clock edge; return whether `i` was ready at it."""
        if self.stall is None and self.ctx.get(self.device.o.valid):
            self.stall = self.pace.hold()
        self.ctx.set(self.device.o.ready, not self.stall)
        _, _, ready, valid, payload = await self.samples
        if self.stall:
            self.stall -= 1
        elif valid:
            self.words.append(int(payload))
            self.word_cycles.append(self.cycle)
            self.stall = None
        self.cycle += 1
        return bool(ready)

    async def step(self, step: dict[str, Any]) -> str | None:
        """Do one step of a plan; return what went wrong, if anything."""
        self.came = []
        match step["do"]:
            case "hesitate":
                self.pace = Pace(step["seed"])
            case "send":
                return await self.send(step["words"], step["timeout"])
            case "wait":
                return await self.wait(step["words"], step["timeout"])
            case "serve":
                return await self.serve(step)
            case "idle":
                for _ in range(step["cycles"]):
                    await self.tick()
        return None

    async def send(self, words: list[int], timeout: int) -> str | None:
        port = self.device.i
        for index, word in enumerate(words):
            gap = self.pace.gap()
            self.ctx.set(port.valid, not gap)
            for _ in range(gap):
                await self.tick()
            self.ctx.set(port.valid, 1)
            self.ctx.set(port.payload, word)
            deadline = self.cycle + timeout
            while not await self.tick():
                if self.cycle > deadline:
                    return f"word {index} of {len(words)} was not taken within {timeout} cycles"
        self.ctx.set(port.valid, 0)
        return None

    async def wait(self, words: int, timeout: int) -> str | None:
        self.awaited += words
        deadline = self.cycle + timeout
        while len(self.words) < self.awaited:
            if self.cycle >= deadline:
                missing = self.awaited - len(self.words)
                return f"{missing} of {words} words did not come within {timeout} cycles"
            await self.tick()
        self.came = self.words[self.awaited - words : self.awaited]
        return None

    async def serve(self, step: dict[str, Any]) -> str | None:
        port, deadline = self.device.i, self.cycle + step["timeout"]
        self.pace.every, self.pace.serving = step["every"], True
        server = Server.of(step, self.pace, self.cycle)
        try:
            while not server.ended and goes_on(step, server.replies):
                if self.cycle >= deadline:
                    return server.missing(step["timeout"])
                word = server.word(self.cycle)
                self.ctx.set(port.valid, word is not None)
                self.ctx.set(port.payload, word or 0)
                await self.tick()
                for heard in self.words[self.awaited :]:
                    server.hear(heard, self.cycle)
                self.awaited = len(self.words)
        except ServeError as error:
            return str(error)
        self.ctx.set(port.valid, 0)
        self.pace.every, self.pace.serving = 1, False
        self.came = server.replies
        return None


def run(device: wiring.Component, plan: Plan, *, waves: Path | None = None) -> PlanResult:
    """Simulate a component with the ports `i` and `o` under a plan.

    Parameters
    ----------
    device
        A fresh component: its memories start with their initial content.
    plan
        What the host does.
    waves
        A VCD file to write.

    Raises
    ------
    PlanError
        If a step timed out.
    """
    steps: list[tuple[int, int]] = []
    error: str | None = None
    port: _HostPort | None = None

    async def host(ctx: Any) -> None:
        nonlocal error, port
        port = _HostPort(ctx, device)
        ctx.set(port.device.o.ready, 1)
        for step in plan.steps:
            first = port.cycle
            failure = await port.step(step)
            if failure is not None:
                error = f"step {len(steps)} ({step['do']}): {failure}"
                return
            steps.append((first, port.cycle))
            if not goes_on(step, port.came):
                return

    simulator = Simulator(device)
    simulator.add_clock(_PERIOD_S)
    simulator.add_testbench(host)
    printed = io.StringIO()
    began = time.perf_counter()
    with contextlib.ExitStack() as stack:
        if waves is not None:
            stack.enter_context(simulator.write_vcd(str(waves)))
        stack.enter_context(contextlib.redirect_stdout(printed))
        simulator.run()
    if error is not None:
        raise PlanError(error)
    assert port is not None
    return PlanResult(
        words=port.words,
        word_cycles=port.word_cycles,
        steps=steps,
        cycles=port.cycle,
        printed=printed.getvalue().splitlines(),
        wall_s=time.perf_counter() - began,
    )

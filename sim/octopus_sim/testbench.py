# SPDX-License-Identifier: Apache-2.0
"""The cocotb testbench: serves plans to the device, one after the other, in one simulator process.

It reads a plan per line (JSON) from one pipe and writes a result per line to another; the plusargs
``+octopus_commands`` and ``+octopus_replies`` give the numbers of the pipes. The device is reset by its pin before each
plan that does not say otherwise. While it works nothing here runs: Python wakes only for words that pass through the
host port.

All signals are set and read between a falling and a rising edge, where every simulator agrees on their values.
"""

import ctypes
import json
import os
import time
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Event, FallingEdge, First, ReadOnly, RisingEdge, Timer
from cocotb.utils import get_sim_time

from octopus_sim.pace import Pace
from octopus_sim.plan import goes_on
from octopus_sim.server import ServeError, Server

#: Clock period in ns; edges fall on its multiples.
PERIOD = 2
_RESET_CYCLES = 4


class HostPort:
    """Driver of `i` and collector of `o`."""

    def __init__(self, dut: Any) -> None:
        self.payload, self.valid, self.ready = dut.i__payload, dut.i__valid, dut.i__ready
        self.out_payload, self.out_valid, self.out_ready = dut.o__payload, dut.o__valid, dut.o__ready
        self.clk, self.rst = dut.clk, dut.rst
        self.falling = FallingEdge(dut.clk)
        self.settled = ReadOnly()
        self.words: list[int] = []
        self.word_cycles: list[int] = []
        self.awaited = 0
        self.target = 0
        self.reached = Event()
        self.origin = 0
        self.pace = Pace()
        self.came: list[int] = []

    def now(self) -> int:
        """Return the number of the next rising edge."""
        return get_sim_time("step") // PERIOD + 1 - self.origin

    async def reset(self, *, pin: bool = True) -> None:
        """Begin at cycle 0, with the device as it is or after its reset pin."""
        self.valid.value = 0
        self.payload.value = 0
        if pin:
            self.rst.value = 1
            self.out_ready.value = 0
            for _ in range(_RESET_CYCLES):
                await self.falling
        self.rst.value = 0
        self.out_ready.value = 1
        self.origin = get_sim_time("step") // PERIOD + 1
        self.words, self.word_cycles, self.awaited = [], [], 0
        self.pace = Pace()

    async def stall(self) -> None:
        """Let a word of `o` wait for as long as the driver hesitates, but not into the next plan."""
        pace = self.pace
        if self.out_valid.value == 1 and (cycles := pace.hold()):
            self.out_ready.value = 0
            for _ in range(cycles):
                await self.falling
                if self.pace is not pace:
                    return
            self.out_ready.value = 1

    async def collect(self) -> None:
        """Record every word of `o`."""
        rising = RisingEdge(self.out_valid)
        while True:
            if self.out_valid.value != 1:
                await rising
                # Where `o` follows `i` without a register it rises with the falling edge already.
                if self.clk.value == 1:
                    await self.falling
            else:
                await self.falling
            await self.stall()
            await self.settled
            while self.out_valid.value == 1 and self.out_ready.value == 1:
                self.words.append(int(self.out_payload.value))
                self.word_cycles.append(self.now())
                if len(self.words) == self.target:
                    self.reached.set()
                await self.falling
                await self.stall()
                await self.settled

    async def send(self, words: list[int], timeout: int) -> str | None:
        """Push words; return what went wrong, if anything."""
        if words:
            self.valid.value = 1
        for index, word in enumerate(words):
            if gap := self.pace.gap():
                self.valid.value = 0
                await self.settled
                for _ in range(gap):
                    await self.falling
                self.valid.value = 1
            self.payload.value = word
            await self.settled
            if not self.ready.value:
                expired = Timer(timeout * PERIOD, "ns")
                while not self.ready.value:
                    if await First(rising := RisingEdge(self.ready), expired) is not rising:
                        return f"word {index} of {len(words)} was not taken within {timeout} cycles"
                    await self.falling
                    await self.settled
            await self.falling
        self.valid.value = 0
        return None

    async def wait(self, words: int, timeout: int) -> str | None:
        """Sleep until `words` more words have come; return what went wrong, if anything."""
        self.awaited += words
        if len(self.words) < self.awaited:
            self.target = self.awaited
            self.reached.clear()
            done = self.reached.wait()
            if await First(done, Timer(timeout * PERIOD, "ns")) is not done:
                missing = self.awaited - len(self.words)
                return f"{missing} of {words} words did not come within {timeout} cycles"
            await self.falling
        self.came = self.words[self.awaited - words : self.awaited]
        return None

    async def serve(self, step: dict[str, Any]) -> str | None:
        """Give rows and take results as a `Server` says; return what went wrong, if anything."""
        deadline = self.now() + step["timeout"]
        self.pace.every, self.pace.serving = step["every"], True
        server = Server.of(step, self.pace, self.now())
        try:
            while not server.ended and goes_on(step, server.replies):
                if self.now() >= deadline:
                    return server.missing(step["timeout"])
                word = server.word(self.now())
                self.valid.value = word is not None
                if word is not None:
                    self.payload.value = word
                    await self.settled
                    await self.falling
                else:
                    await self._rest(min(deadline, server.wake or deadline))
                for heard in self.words[self.awaited :]:
                    server.hear(heard, self.now())
                self.awaited = len(self.words)
        except ServeError as error:
            return str(error)
        self.valid.value = 0
        self.pace.every, self.pace.serving = 1, False
        self.came = server.replies
        return None

    async def _rest(self, until: int) -> None:
        """Sleep until a cycle, or the one after that in which another word has come."""
        self.target = len(self.words) + 1
        self.reached.clear()
        came = self.reached.wait()
        if await First(came, Timer((until - self.now()) * PERIOD, "ns")) is came:
            await self.falling

    async def step(self, step: dict[str, Any]) -> str | None:
        """Do one step of a plan."""
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
            case "idle" if step["cycles"]:
                await Timer(step["cycles"] * PERIOD, "ns")
        return None


def _printed_bytes() -> int:
    """Return the length of what the design printed so far, its buffer emptied."""
    ctypes.CDLL(None).fflush(None)
    return os.fstat(1).st_size


async def _run(port: HostPort, plan: dict[str, Any]) -> dict[str, Any]:
    await port.reset(pin=plan["reset"])
    begin = _printed_bytes()
    began = time.perf_counter()
    steps: list[tuple[int, int]] = []
    error = None
    for step in plan["steps"]:
        first = port.now()
        error = await port.step(step)
        if error is not None:
            error = f"step {len(steps)} ({step['do']}): {error}"
            break
        steps.append((first, port.now()))
        if not goes_on(step, port.came):
            break
    return {
        "words": port.words,
        "word_cycles": port.word_cycles,
        "steps": steps,
        "cycles": port.now(),
        "wall_s": time.perf_counter() - began,
        "printed": [begin, _printed_bytes()],
        "error": error,
    }


@cocotb.test()
async def serve(dut: Any) -> None:
    """Serve plans until the pipe ends."""
    port = HostPort(dut)
    port.rst.value = 1
    Clock(dut.clk, PERIOD, "ns").start(start_high=True)
    await port.reset()
    cocotb.start_soon(port.collect())
    commands = os.fdopen(int(str(cocotb.plusargs["octopus_commands"])), encoding="utf-8")
    replies = os.fdopen(int(str(cocotb.plusargs["octopus_replies"])), "w", encoding="utf-8")
    for line in commands:
        result = await _run(port, json.loads(line))
        replies.write(json.dumps(result) + "\n")
        replies.flush()
        await port.falling

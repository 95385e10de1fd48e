"""Times a stage's training. Speaks the protocol of bench/participant.ts: a line of JSON each way, times in milliseconds.

The first line holds `case`, the path of an experiment file with one stage.
"""

import importlib
import json
import sys
import time

sys.dont_write_bytecode = True  # leaves no folders beside the sources

import torch

from case import Case  # it adds bench/peer to the path
from peak import peak_bytes

WARM = 17


class Turns:
    """Takes the place of a `Record` and keeps nothing of it: it counts iterations until what was asked for is done."""

    def __init__(self):
        self.left, self.done, self.first, self.parameters = 1, -1, 0, 0
        self.begun, self.start = None, peak_bytes()

    def watch(self, name, module):
        if not name.endswith(".ema"):  # an average is no other network
            self.parameters += sum(tensor.numel() for tensor in module.state_dict().values())

    def begin(self):
        self.done += 1
        if self.done > 0:
            self.left -= 1
            if self.left == 0:
                self.turn()
        if self.begun is None:
            self.begun = (time.perf_counter(), time.process_time())

    def turn(self):
        ms = (time.perf_counter() - self.begun[0]) * 1000
        cpu = (time.process_time() - self.begun[1]) * 1000
        if self.done == 1:
            self.first, self.left = ms, WARM - 1
        elif self.done == WARM:
            answer(
                parameters=self.parameters,
                firstMs=self.first,
                stepMs=ms / (WARM - 1),
                device="cpu",
                startBytes=self.start,
            )
            self.next()
        else:
            answer(ms=ms, cpuMs=cpu)
            self.next()
        self.begun = None

    def next(self):
        word, *count = sys.stdin.readline().split()
        if word == "go":
            self.left = int(count[0])
        else:
            answer(peakBytes=peak_bytes(), devicePeakBytes=None)
            sys.exit()

    def curve(self, **values):
        """A training reads its losses back."""
        for value in values.values():
            torch.as_tensor(value).detach().item()

    def gradient(self, name, parameters):
        pass

    def gradients_of(self, name, module):
        pass

    def snapshot(self, iteration):
        pass


answers = sys.stdout


def answer(**values):
    print(json.dumps(values), file=answers, flush=True)


def main():
    sys.stdout = sys.stderr  # what a library prints is no answer
    case = Case(json.loads(sys.stdin.readline())["case"])
    importlib.import_module(f"stages.{case.stage['type'].replace('-', '_')}").train(case, Turns())


main()

"""One case of reference values: NAME.json says what it is, NAME.npz holds the numbers (the format of golden.ts)."""

import json
import math
import re
from pathlib import Path

import numpy as np
import torch

import formula

PREFIX = "dualprior:"


class Case:
    """What a family computes from: a configuration, inputs and weights. `dtype` is that of the computation."""

    def __init__(self, name, config, tensors, weights=None, prefix=PREFIX, stored=None, dtype=torch.float64):
        self.name, self.config, self.tensors = name, config, tensors
        self.weights = {} if weights is None else weights
        self.prefix, self.stored, self.dtype = prefix, stored or {}, dtype

    @classmethod
    def read(cls, folder, name, dtype=torch.float64):
        manifest = json.loads((Path(folder) / f"{name}.json").read_text())
        with np.load(Path(folder) / f"{name}.npz") as archive:
            stored = dict(archive)
        return cls(name, manifest["config"], manifest["tensors"], manifest["weights"], manifest["key_prefix"], stored, dtype)

    def has(self, tensor):
        return tensor in self.tensors

    def array(self, tensor):
        """A tensor as stored, or by the formula."""
        if tensor in self.stored:
            return self.stored[tensor]
        entry = self.tensors[tensor]
        v = formula.values(self.prefix + entry["key"], entry["shape"])
        return (v if entry["map"] == "v" else (v + 1) / 2).astype(np.float32)

    def key(self, weight):
        """What its values follow from: its name, without the word and colon that say whose it is."""
        return self.prefix + re.sub(r"^\w+:", "", weight)

    def tensor(self, tensor):
        return torch.from_numpy(np.array(self.array(tensor))).to(self.dtype)

    def fill(self, module, part="", **options):
        """Gives a module its weights: those of the manifest, or new rules for what the manifest lacks (`rules`). `part` names one of several networks."""
        own = {part + name: rule for name, rule in rules(module, **options).items() if part + name not in self.weights}
        self.weights.update(own)
        state = module.state_dict()
        found = {name: formula.weight(self.key(part + name), self.weights[part + name]) for name in state}
        module.load_state_dict({name: torch.from_numpy(value) for name, value in found.items()})
        return module.to(self.dtype).eval()


def rules(module, gain=1.0, equalised=lambda name: False, rate=lambda name: 1.0, keep=()):
    """
    How each tensor of a state dict follows from its name: spreads that keep activations near 1.

    gain: the variance that layers shall keep, 2 in front of ReLUs
    equalised: weights that their layer itself divides by the root of its inputs
    rate: the factor that a layer has for its weights and bias (the mapping network's learning rate)
    keep: ends of names whose values are stored (filters)
    """
    slopes = {f"{name}.weight" for name, layer in module.named_modules() if isinstance(layer, torch.nn.PReLU)}

    def rule(name, value):
        if name in slopes:
            return {"shape": list(value.shape), "kind": "affine", "a": 0.25, "b": 0.1}
        return _rule(name, value, gain, equalised(name), rate(name), keep)

    return {name: rule(name, value) for name, value in module.state_dict().items()}


def _rule(name, value, gain, is_equalised, rate, keep):
    shape, last = list(value.shape), name.split(".")[-1]

    def affine(a, b, kind="affine"):
        return {"shape": shape, "kind": kind, "a": a, "b": b}

    if last == "num_batches_tracked":
        return {"shape": shape, "kind": "const", "a": 0, "b": 0}
    if name.endswith(tuple(keep)):
        return {"shape": shape, "kind": "keep", "values": [round(v, 9) for v in value.flatten().tolist()]}
    if last == "running_mean":
        return affine(0, 0.1)
    if last == "running_var":
        return affine(1, 0.5, "abs")
    if last in ("beta", "gamma"):
        return affine(0, 0.5)
    if name in ("input.input", "generator.input.input", "stylegan_decoder.constant_input.weight") or "noises." in name:
        return affine(0, 1)
    if name.startswith("lin") and ".model." in name:
        return affine(0, 2 / shape[1], "abs")
    if last == "bias":
        return affine(1 if "modulation" in name else 0, 0.1 / rate)
    if len(shape) >= 2:
        if is_equalised:
            return affine(0, math.sqrt(3) / rate)
        return affine(0, math.sqrt(3 * gain / math.prod(shape[-3:] if len(shape) == 5 else shape[1:])))
    if last == "weight" and shape != [1]:
        return affine(1, 0.1)
    return affine(0.25 if last == "weight" else 0, 0.1)


def gradients(loss, named, prefix="grad."):
    """Gradients of a scalar with respect to named tensors."""
    names, at = zip(*named.items())
    found = torch.autograd.grad(loss, at, allow_unused=True, retain_graph=True)
    return {prefix + name: gradient for name, gradient in zip(names, found) if gradient is not None}


def with_gradients(network, tensors):
    """Parameters of a network by name, and further tensors, ready to be differentiated by."""
    for tensor in tensors.values():
        tensor.requires_grad_(True)
    return {**tensors, **{name: p.requires_grad_(True) for name, p in network.named_parameters()}}


def projected(output, cotangent):
    """mean(output * R): the scalar whose gradients are compared."""
    return (output * cotangent).mean()

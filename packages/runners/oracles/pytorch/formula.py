"""Weights, images and draws that follow from names alone, so that nothing needs to be stored.

v(key, i) = mix32(fnv1a32(key) + i * 0x9E3779B9), its upper 24 bits scaled to [-1, 1): exact in float32. The TypeScript side computes
the same numbers (packages/runners/goldens/formula.ts).
"""

import math

import torch

WORD = 0xFFFFFFFF

# Types whose layers have equalised learning rates: their weights have variance 1, whatever the fan-in.
EQUALISED = ("stylegan2-generator", "stylegan2-discriminator", "gpen", "facial-component-discriminator")


def fnv1a32(text):
    state = 0x811C9DC5
    for byte in text.encode():
        state = ((state ^ byte) * 0x01000193) & WORD
    return state


def v(key, count):
    """The first `count` values of a key, in [-1, 1), float64."""
    h = (fnv1a32(key) + torch.arange(count, dtype=torch.int64) * 0x9E3779B9) & WORD
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & WORD
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & WORD
    h = h ^ (h >> 16)
    return (h >> 8).double() / 2**24 * 2 - 1


def rounded(values):
    """As float32 holds them, in the default dtype."""
    return values.float().to(torch.get_default_dtype())


def scaling(name, shape, equalised):
    """(a, b, absolute) with weight = a + b v, or a + b |v|; None for a tensor that keeps its own value (a blur)."""
    last = name.split(".")[-1]
    mapping = name.split(".")[-3:-2] in (["style"], ["style_mlp"]) and equalised
    if last == "kernel":
        return None
    if last == "num_batches_tracked":
        return 0, 0, False
    if last == "running_mean":
        return 0, 0.1, False
    if last == "running_var":
        return 1, 0.5, True
    if last == "latent_avg" or last in ("beta", "gamma"):
        return 0, 0.5, False
    if "noises." in name or last == "input" or name.endswith("constant_input.weight"):
        return 0, 1, False
    if name.endswith("modulation.bias"):
        return 1, 0.1, False
    if last == "bias":
        return 0, 10 if mapping else 0.1, False
    if len(shape) >= 2:
        fan_in = math.prod(shape[2:] if len(shape) == 5 else shape[1:])
        if equalised:
            return 0, math.sqrt(3) * (100 if mapping else 1), False
        return 0, math.sqrt(6 / fan_in), False
    if tuple(shape) == (1,):
        return 0, 0.3, False
    return 1, 0.1, False


def is_equalised(name, options):
    """Whether the tensor belongs to a layer with an equalised learning rate."""
    kind = options["type"]
    if kind == "gfpgan":
        return options.get("architecture", "clean") == "original"
    return kind in EQUALISED or (kind == "inversion-encoder" and ".linear." in name)


def weight(key, name, shape, options):
    """The value of a tensor of a network, None where it keeps its own."""
    rule = scaling(name, shape, is_equalised(name, options))
    if rule is None:
        return None
    a, b, absolute = rule
    values = v(f"{key}.{name}", math.prod(shape))
    return rounded(a + b * (values.abs() if absolute else values)).reshape(shape)


def fill(module, key, options):
    """Gives all parameters and buffers of a module the values that follow from their names."""
    with torch.no_grad():
        for name, tensor in module.state_dict(keep_vars=True).items():
            value = weight(key, name, tensor.shape, options)
            if value is not None:
                tensor.copy_(value)
    return module


def images(iteration, role, shape):
    """A batch of images (N, H, W, 3) in [0, 1], returned as (N, 3, H, W). `role` is "degraded" or "sharp"."""
    values = rounded((v(f"images:{iteration}:{role}", math.prod(shape)) + 1) / 2)
    return values.reshape(shape).permute(0, 3, 1, 2).contiguous()


class Draws:
    """What an iteration draws at random, by names. It stands in for the generator of random numbers on both sides."""

    def __init__(self, iteration):
        self.iteration = iteration

    def normal(self, name, *shape):
        """Numbers of mean 0 and variance 1 (uniform, as their distribution plays no part)."""
        values = v(f"draws:{self.iteration}:normal:{name}", math.prod(shape))
        return rounded(math.sqrt(3) * values).reshape(shape)

    def uniform(self, name, *shape):
        """Numbers in [0, 1)."""
        return rounded((v(f"draws:{self.iteration}:uniform:{name}", math.prod(shape)) + 1) / 2).reshape(shape)

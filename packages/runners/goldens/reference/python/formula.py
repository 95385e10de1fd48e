"""Values that follow from names: weights and inputs that are too large to be stored. formula.ts makes the same ones."""

import numpy as np


def fnv1a32(text):
    """32-bit FNV-1a hash of the UTF-8 bytes."""
    word = 0x811C9DC5
    for byte in text.encode():
        word = ((word ^ byte) * 0x01000193) & 0xFFFFFFFF
    return word


def values(key, shape):
    """Values of a key in [-1, 1), float64, each a multiple of 2^-23."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint32)
    word = np.uint32(fnv1a32(key)) + index * np.uint32(0x9E3779B9)
    word ^= word >> np.uint32(16)
    word *= np.uint32(0x85EBCA6B)
    word ^= word >> np.uint32(13)
    word *= np.uint32(0xC2B2AE35)
    word ^= word >> np.uint32(16)
    return ((word >> np.uint32(8)) / 2**24 * 2 - 1).reshape(shape)


def weight(key, rule):
    """A tensor of the state dict by its rule in the manifest, float32."""
    kind, shape = rule["kind"], rule["shape"]
    if kind == "keep":
        return np.asarray(rule["values"], np.float32).reshape(shape)
    if kind == "const":
        return np.full(shape, rule["a"], np.float32)
    v = values(key, shape)
    return (rule["a"] + rule["b"] * (np.abs(v) if kind == "abs" else v)).astype(np.float32)

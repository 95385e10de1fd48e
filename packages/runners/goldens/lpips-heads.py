"""Writes lpips-heads.json beside it: LPIPS v0.1 by its authors' package, with its trained heads and a random trunk.

    python lpips-heads.py      (lpips 0.1.4, PyTorch 2.13, torchvision, NumPy)

Weights of the trunk and images come from their names (see formula.ts), so that no weights need be stored. Those of a tensor repeat after
PERIOD.
"""

import json, pathlib

import numpy as np
import torch

torchvision = torch.library.Library("torchvision", "DEF")  # its own operations, of a build with CUDA, are not needed
for name in ["nms", "qnms"]:
    torchvision.define(f"{name}(Tensor a, Tensor b, float c) -> Tensor")
import lpips


def values(key, count):
    seed = 0x811C9DC5
    for byte in key.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = (np.uint64(seed) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    h = h * np.uint64(0x85EBCA6B) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(13)
    h = h * np.uint64(0xC2B2AE35) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    return (h >> np.uint64(8)).astype(np.float64) / 2**24 * 2 - 1


PERIOD = 4099


def weight(name, shape):
    v = np.resize(values(name, PERIOD), int(np.prod(shape)))
    scale = 0.1 if name.endswith("bias") else np.sqrt(6 / np.prod(shape[1:]))
    return torch.from_numpy((scale * v).astype(np.float32).reshape(shape))


def picture(name, width, height):
    pixels = np.floor((values(name, width * height * 3) + 1) * 128).reshape(height, width, 3)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1


WIDTH, HEIGHT = 72, 64
found = {}
for net in ["alex", "vgg", "squeeze"]:
    model = lpips.LPIPS(net=net, version="0.1", pnet_rand=True, verbose=False).eval()
    trunk = {f"features.{'.'.join(name.split('.')[1:])}": p for name, p in model.net.named_parameters()}
    with torch.no_grad():
        for name, parameter in trunk.items():
            parameter.copy_(weight(name, parameter.shape))
        a, b = (picture(name, WIDTH, HEIGHT) for name in ["first", "second"])
        found[net] = model.double()(a, b).item()
out = {"width": WIDTH, "height": HEIGHT, "distances": found}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=2) + "\n")
print(found)

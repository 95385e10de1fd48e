"""
Writes clean-fid-numbers.json: what clean-fid's network sees of pictures made by a formula, by the Python package clean-fid.

    pip install clean-fid==0.1.35 pillow==13.0.0 numpy==2.4.6
    python clean-fid-numbers.py > clean-fid-numbers.json

The last step is that of cleanfid/inception_torchscript.py, InceptionV3W.forward.
"""

import json

import numpy as np
from cleanfid.resize import build_resizer

EVERY = 1797


def picture(width, height):
    """With edges of full contrast, at which the kernel overshoots."""
    y, x, c = np.mgrid[:height, :width, :3].astype(np.float64)
    waves = 128 + 60 * np.sin(x / 7 + c) * np.cos(y / 5 - c) + 80 * np.sign(np.sin((x * x + y * y) / 300))
    return np.clip(np.floor(waves), 0, 255).astype(np.uint8)


def seen(width, height):
    levels = build_resizer("clean")(picture(width, height))
    values = ((levels.astype(np.float32) - 128) / 128).ravel()
    return {
        "width": width,
        "height": height,
        "mean": float(values.astype(np.float64).mean()),
        "values": [round(float(value), 6) for value in values[::EVERY]],
    }


sizes = [(64, 64), (299, 299), (640, 350), (57, 801)]
print(json.dumps({"every": EVERY, "cases": [seen(*size) for size in sizes]}))

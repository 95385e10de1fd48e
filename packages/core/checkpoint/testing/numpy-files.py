"""Writes numpy-files.json beside it: small files of numpy, and the arrays in them.

    python numpy-files.py      (NumPy 1.26 or newer)

`arrays`: name -> a file `.npy` (base64), and its shape and values in C order, null where its type is not understood. `archives`: name -> a
file `.npz` (base64).
"""

import base64, io, json, pathlib

import numpy as np
from numpy.lib import format


def text(data):
    return base64.b64encode(data).decode()


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    format.write_array(file, array, version=version)
    return file.getvalue()


def npz(save):
    file = io.BytesIO()
    save(file, a=np.float32([[1, 2], [3, 4]]), b=np.arange(3))
    return text(file.getvalue())


grid = np.arange(24).reshape(2, 3, 4)
numbers = np.array([0, 1, 100, 127])
KNOWN = {
    **{code: numbers.astype(code) for code in ["<f4", "<f8", "u1", "i1", "<i2", "<i4", "<i8"]},
    "bool": np.array([True, False]),
    "below zero": np.array([-128, -1], "i1"),
    "a float32 that is no integer": np.float32([0.1, -1e-9]),
    "C order": grid,
    "Fortran order": np.asfortranarray(grid),
    "Fortran order of two axes": np.asfortranarray(grid[0].astype("<f8")),
    "a scalar": np.array(7.5),
    "no elements": np.zeros((0, 3), "<f4"),
    "one axis in Fortran order": np.asfortranarray(numbers),
}
UNKNOWN = {"big-endian": numbers.astype(">f4"), "complex": numbers.astype("<c8"), "half": numbers.astype("<f2")}


def entry(data, array, understood=True):
    return {"file": text(data), "shape": list(array.shape), "values": array.reshape(-1).tolist() if understood else None}


arrays = {name: entry(npy(array), array) for name, array in KNOWN.items()}
for version in [(2, 0), (3, 0)]:
    arrays[f"version {version[0]}"] = entry(npy(grid, version), grid)
arrays |= {name: entry(npy(array), array, False) for name, array in UNKNOWN.items()}
content = {"arrays": arrays, "archives": {"stored": npz(np.savez), "deflated": npz(np.savez_compressed)}}
pathlib.Path(__file__).with_name("numpy-files.json").write_text(json.dumps(content) + "\n")

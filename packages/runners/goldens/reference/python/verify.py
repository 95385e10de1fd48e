"""
Computes the cases of another folder with these counterparts: python verify.py FOLDER [NAME...]

A folder of cases of the official code shows that the counterparts are right: each output of a case must lie within the case's tolerance.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

from case import Case
from cases import family
from generate import as_array


def verify(folder, name):
    """The largest error of any output over its tolerance, and that output's name; None for a case that nothing here computes."""
    case = Case.read(folder, name)
    try:
        compute = family(case.config)
    except KeyError:
        return None
    computed = {key: as_array(value) for key, value in compute(case).items()}
    worst = (0.0, "")
    for key, tensor in case.tensors.items():
        if tensor["role"] != "output" or key not in computed:
            continue
        error = np.abs(computed[key].reshape(tensor["shape"]) - case.array(key)).max() / tensor["atol"]
        worst = max(worst, (float(error), key))
    return worst


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    for name in sys.argv[2:] or sorted(path.stem for path in folder.glob("*.npz")):
        result = verify(folder, name)
        text = "no counterpart" if result is None else f"{'ok  ' if result[0] <= 1 else 'FAIL'} {result[0]:.3f} of the tolerance, in {result[1]}"
        print(f"{name:20s} {text}", flush=True)

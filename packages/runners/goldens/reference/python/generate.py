"""
Makes the reference values: python generate.py [NAME...]   (all cases without names; packages of requirements.txt)

Networks are computed in float64 and stored as float32. How near another implementation must come (`atol`) is the larger of 20 times what
float32 makes of it here and 2e-5 of the largest number.
"""

import fnmatch
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np  # noqa: E402
import torch  # noqa: E402

from case import PREFIX, Case  # noqa: E402
from cases import CASES, family  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent


def entry(name, tensor, spec):
    return {"role": "input", "shape": list(spec["shape"]), "dtype": "float32", "key": f"input:{name}.{tensor}", "map": spec["map"]}


def as_array(value):
    array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    return array if array.ndim else array[None]


def outputs_of(name, spec, tensors, dtype):
    torch.manual_seed(0)
    case = Case(name, spec["config"], tensors, stored=spec.get("arrays", {}), dtype=dtype)
    outputs = {key: as_array(value) for key, value in family(spec["config"])(case).items()}
    keep = spec.get("keep", ["*"])
    return {key: value for key, value in outputs.items() if any(fnmatch.fnmatch(key, each) for each in keep)}, case.weights


def tolerance(exact, rounded):
    return max(20 * float(np.abs(exact - rounded).max()), 2e-5 * float(np.abs(exact).max()), 1e-12)


def stated(spec, key):
    """The tolerance that a case states for an output, by the first pattern that matches."""
    return next(atol for pattern, atol in spec["atol"].items() if fnmatch.fnmatch(key, pattern))


def generate(name, spec):
    tensors = {tensor: entry(name, tensor, each) for tensor, each in spec.get("inputs", {}).items()}
    stored = dict(spec.get("arrays", {}))
    tensors |= {key: {"role": "input", "shape": list(a.shape), "dtype": str(a.dtype)} for key, a in stored.items()}
    exact, weights = outputs_of(name, spec, dict(tensors), torch.float64)
    rounded = exact if "atol" in spec else outputs_of(name, spec, dict(tensors), torch.float32)[0]
    for key, value in exact.items():
        atol = stated(spec, key) if "atol" in spec else float(f"{tolerance(value, rounded[key]):.2g}")
        stored[key] = value if "atol" in spec else value.astype(np.float32)
        tensors[key] = {"role": "output", "shape": list(value.shape), "dtype": str(stored[key].dtype), "atol": atol}
    manifest = {"name": name, "key_prefix": PREFIX, "config": spec["config"], "tensors": tensors, "weights": weights}
    (FOLDER / f"{name}.json").write_text(dumps(manifest))
    np.savez_compressed(FOLDER / f"{name}.npz", **stored)
    print(name, len(exact), "outputs", sum(value.size for value in exact.values()), "numbers", flush=True)


def dumps(manifest):
    """JSON with one line a tensor."""
    lines = []
    for key, value in manifest.items():
        if key in ("tensors", "weights") and value:
            rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(each)}" for name, each in value.items())
            lines.append(f"  {json.dumps(key)}: {{\n{rows}\n  }}")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or CASES:
        generate(name, CASES[name])

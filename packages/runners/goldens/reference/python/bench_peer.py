"""The plain PyTorch networks of the benchmarks."""

import importlib.util
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "bench" / "peer"


def _load(name):
    spec = importlib.util.spec_from_file_location(f"peer_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hinet, nafnet = _load("hinet"), _load("nafnet")

"""Runs cases and prints what they leave, as JSON: `python main.py CASE.json ...`.

Needs PyTorch alone. One thread, and float64: the reference values are exact for all that float32 can tell. `--float32` shows what
rounding does to PyTorch itself, `--write FOLDER` writes a file for each case.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

import torch

sys.dont_write_bytecode = True  # leaves no folders beside the sources

from case import Case
from training import Record


def run(path):
    case = Case(path)
    record = Record()
    importlib.import_module(f"stages.{case.stage['type'].replace('-', '_')}").train(case, record)
    return record.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--float32", action="store_true", help="compute in float32 instead of float64")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the numbers here instead of printing them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float32 if options.float32 else torch.float64)
    results = {path.stem: run(path) for path in options.cases}
    if options.write is None:
        print(json.dumps(results))
        return
    options.write.mkdir(exist_ok=True)
    for name, result in results.items():
        (options.write / f"{name}.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()

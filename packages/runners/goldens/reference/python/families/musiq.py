"""MUSIQ by pyiqa's port, small, with weights of the formula. Its modules are loaded without the rest of the package, which needs much more."""

import importlib.util
import sys
import types
from pathlib import Path
from unittest import mock

import torch

from families.perceptual import image

SHAPE = ("hidden_size", "mlp_dim", "num_heads", "num_layers", "num_class")


def folder():
    return Path(importlib.util.find_spec("pyiqa").submodule_search_locations[0])


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def architecture():
    """pyiqa/archs/musiq_arch.py with what it imports, but for downloads and the registry."""
    root, empty = folder(), types.ModuleType
    parts = {name: empty(name) for name in ("pyiqa", "pyiqa.archs", "pyiqa.archs.arch_util", "pyiqa.data", "pyiqa.utils", "pyiqa.utils.registry", "pyiqa.matlab_utils")}
    for name in ("pyiqa", "pyiqa.archs", "pyiqa.data", "pyiqa.utils", "pyiqa.matlab_utils"):
        parts[name].__path__ = []
    util = parts["pyiqa.archs.arch_util"]
    util.get_url_from_name, util.load_pretrained_network = (lambda name: name), None
    util.dist_to_mos = lambda q: (q * torch.arange(1, q.shape[-1] + 1).to(q)).sum(-1, keepdim=True)
    parts["pyiqa.utils.registry"].ARCH_REGISTRY = types.SimpleNamespace(register=lambda: lambda made: made)
    with mock.patch.dict(sys.modules, parts):
        padding = load("pyiqa.matlab_utils.padding", root / "matlab_utils" / "padding.py")
        parts["pyiqa.matlab_utils"].ExactPadding2d = padding.ExactPadding2d
        parts["pyiqa.matlab_utils"].exact_padding_2d = padding.exact_padding_2d
        load("pyiqa.data.multiscale_trans_util", root / "data" / "multiscale_trans_util.py")
        return load("pyiqa.archs.musiq_arch", root / "archs" / "musiq_arch.py")


def compute(case):
    network = architecture().MUSIQ(pretrained=False, **{key: case.config[key] for key in SHAPE})
    case.fill(network, gain=2)
    with torch.no_grad():
        return {f"musiq.{name}": network(image(case, name)).flatten() for name in case.tensors if name.startswith("image")}

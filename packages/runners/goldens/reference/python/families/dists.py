"""DISTS by its official package, with weights of the formula."""

from unittest import mock

import torch
import torchvision
from DISTS_pytorch import DISTS

from families.perceptual import image


def network_of(case):
    plain = torchvision.models.vgg16
    with mock.patch("torch.nn.init.kaiming_normal_"), mock.patch("torch.nn.init.normal_"):  # filled below
        with mock.patch("torchvision.models.vgg16", lambda pretrained: plain(weights=None)):
            network = DISTS(load_weights=False)
    trunk = torch.nn.Module()
    trunk.features = torch.nn.Module()
    for stage in (getattr(network, f"stage{i}") for i in range(1, 6)):
        for name, layer in stage.named_children():
            if isinstance(layer, torch.nn.Conv2d):
                trunk.features.add_module(name, layer)
    case.fill(trunk, gain=2)
    importance = torch.nn.Module()
    importance.alpha, importance.beta = network.alpha, network.beta
    for name, value in importance.named_parameters():
        case.weights.setdefault(name, {"shape": list(value.shape), "kind": "affine", "a": 0.1, "b": 0.09})
    case.fill(importance)
    return network.to(case.dtype).eval()


def compute(case):
    network, sharp = network_of(case), image(case, "sharp")
    restored = [name for name, each in case.tensors.items() if each["role"] == "input" and name != "sharp"]
    return {f"dists.{name}": network(image(case, name), sharp) for name in restored}

"""Losses and metrics of deep features: LPIPS by its package, with weights of the formula; those of VGG-19 on torchvision's network."""

import warnings
from unittest import mock

import lpips
import torch
import torch.nn.functional as F
import torchvision

from families.contextual import contextual_loss

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
VGG19 = {"conv1_2": 2, "conv2_2": 7, "conv3_4": 16, "relu3_4": 17, "conv4_4": 25, "conv5_4": 34}


def image(case, name):
    """8-bit HWC as NCHW in [0, 1]."""
    return case.tensor(name).permute(2, 0, 1)[None] / 255


class TorchvisionNames(torch.nn.Module):
    """LPIPS's slices of the trunk under the names of torchvision's `features`."""

    def __init__(self, slices):
        super().__init__()
        self.features = torch.nn.Sequential()
        for part in slices:
            for name, layer in part.named_children():
                self.features.add_module(name, layer)


def lpips_network(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = lpips.LPIPS(net=case.config.get("net", "alex"), pretrained=False, pnet_rand=True, verbose=False)
    slices = [getattr(network.net, f"slice{i + 1}") for i in range(network.net.N_slices)]
    case.fill(TorchvisionNames(slices), gain=2)
    heads = torch.nn.Module()
    for i, head in enumerate(network.lins):
        heads.add_module(f"lin{i}", head)
    case.fill(heads)
    return network.to(case.dtype).eval()


def compute_lpips(case):
    network = lpips_network(case)
    restored, sharp = image(case, "restored").requires_grad_(True), image(case, "sharp")
    distance = network(restored, sharp, normalize=True).sum()
    (gradient,) = torch.autograd.grad(distance, restored)
    weight = case.config["loss_weight"]
    return {"lpips": distance, "loss": weight * distance, "grad.restored": weight * gradient}


def gram(features):
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat[0].numel()


def compute_vgg19(case):
    with mock.patch("torch.nn.init.kaiming_normal_"), mock.patch("torch.nn.init.normal_"):  # filled below
        network = torch.nn.Module()
        network.features = torchvision.models.vgg19(weights=None).features
    case.fill(network, gain=2)
    mean, deviation = (torch.tensor(v, dtype=case.dtype).view(1, 3, 1, 1) for v in (MEAN, DEVIATION))

    def taps(x):
        x, found = (x - mean) / deviation, {}
        for i, layer in enumerate(network.features[:35]):
            x = F.relu(x) if isinstance(layer, torch.nn.ReLU) else layer(x)
            found[i] = x
        return {name: found[i] for name, i in VGG19.items()}

    config = case.config
    fused, regressed, inverted = (image(case, name) for name in ("fused", "regressed", "inverted"))
    fused.requires_grad_(True)

    def perceptual(content, style):
        """BasicSR's PerceptualLoss, with the weights of GFPGAN:options/train_gfpgan_v1.yml."""
        weights = {"conv1_2": 0.1, "conv2_2": 0.1, "conv3_4": 1, "conv4_4": 1, "conv5_4": 1}
        ours, theirs = taps(fused), taps(inverted)
        pairs = [(weight, ours[name], theirs[name]) for name, weight in weights.items()]
        of_content = sum(weight * F.l1_loss(a, b) for weight, a, b in pairs)
        of_style = sum(weight * F.l1_loss(gram(a), gram(b)) for weight, a, b in pairs)
        return content * of_content + style * of_style

    def contextual(target, side=32, bandwidth=0.5):
        height, width = fused.shape[2:]
        starts = [[min(i, length - side) for i in range(0, length, side)] for length in (height, width)]
        places = [(top, left) for top in starts[0] for left in starts[1]]
        cut = lambda x, top, left: taps(x[:, :, top : top + side, left : left + side])["relu3_4"]  # noqa: E731
        losses = [contextual_loss(cut(fused, *place), cut(target, *place), bandwidth) for place in places]
        return sum(losses) / len(losses)

    losses = {
        "perceptual": perceptual(config["content"], config["style"]),
        "contextual": contextual(inverted, config["patch"], config["bandwidth"]),
        "fusion_contextual": 0.01 * contextual(regressed) + 0.05 * contextual(inverted),
        "perceptual_default": perceptual(1, 50),
        "contextual_default": contextual(inverted),
    }
    gradients = {f"grad.{name}": torch.autograd.grad(loss, fused)[0] for name, loss in losses.items()}
    return losses | gradients

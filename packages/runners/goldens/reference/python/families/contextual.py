"""The contextual loss (Mechrez et al. 2018) by its formula."""

import re

import torch
import torch.nn.functional as F


def distances(x, y):
    """1 - cosine of all pairs of positions (image, position of x, position of y), both centred by the mean of y."""
    mean = y.mean((0, 2, 3), keepdim=True)
    first, second = (F.normalize((features - mean).flatten(2), dim=1) for features in (x, y))
    return 1 - first.transpose(1, 2) @ second


def contextual_loss(x, y, bandwidth):
    distance = distances(x, y)
    relative = distance / (distance.min(2, keepdim=True).values + 1e-5)
    similarity = torch.softmax((1 - relative) / bandwidth, 2).max(1).values.mean(1)
    return -torch.log(similarity + 1e-5).mean()


def compute(case):
    outputs = {}
    for name in [name.removesuffix(".x") for name in case.tensors if re.fullmatch(r"\w+\.x", name)]:
        x, y = case.tensor(f"{name}.x").requires_grad_(True), case.tensor(f"{name}.y")
        outputs[f"{name}.dist"] = distances(x, y)[:, :8, :8]
        for bandwidth in case.config["band_width"]:
            loss = contextual_loss(x, y, bandwidth)
            outputs[f"{name}.loss_bw{bandwidth}"] = loss
            (outputs[f"{name}.grad.x_bw{bandwidth}"],) = torch.autograd.grad(loss, x)
    return outputs

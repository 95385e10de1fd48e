"""The paper's fusion network, equation 1: x_hat = Conv(Res(Conv(x_R) + Conv(x_G)))."""

import torch.nn.functional as F
from torch import nn

from case import gradients, projected, with_gradients

NORMS = {"batch": nn.BatchNorm2d, "instance": lambda width: nn.InstanceNorm2d(width, affine=True)}


class Block(nn.Module):
    def __init__(self, width, normalization):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.normalized = normalization != "none"
        if self.normalized:
            self.norm1, self.norm2 = NORMS[normalization](width), NORMS[normalization](width)

    def forward(self, x):
        if not self.normalized:
            return x + self.conv2(F.relu(self.conv1(x)))
        return x + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))


class Fusion(nn.Module):
    def __init__(self, width, blocks, normalization):
        super().__init__()
        self.conv_regressed, self.conv_inverted = (nn.Conv2d(3, width, 3, padding=1) for _ in range(2))
        self.blocks = nn.Sequential(*(Block(width, normalization) for _ in range(blocks)))
        self.conv_out = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, regressed, inverted):
        return self.conv_out(self.blocks(self.conv_regressed(regressed) + self.conv_inverted(inverted)))


def compute(case):
    config = case.config
    network = case.fill(Fusion(config["width"], config["blocks"], config["normalization"]))
    images = {name: case.tensor(name) for name in ("regressed", "inverted")}
    at = with_gradients(network, images)
    fused = network(**images)
    loss = projected(fused, case.tensor("R"))
    return {"output": fused, "loss": loss, **gradients(loss, at)}

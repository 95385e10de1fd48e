"""pSp's encoder (Richardson et al. 2021) in plain PyTorch, with the names of its release."""

import math
import re

import torch
import torch.nn.functional as F
from torch import nn

from case import gradients, projected, with_gradients
from families import stylegan2

STAGES = (3, 4, 14, 3)


class GradualStyleBlock(nn.Module):
    def __init__(self, inputs, outputs, size):
        super().__init__()
        layers = []
        for i in range(int(math.log2(size))):
            layers += [nn.Conv2d(outputs if i else inputs, outputs, 3, stride=2, padding=1), nn.LeakyReLU()]
        self.convs = nn.Sequential(*layers)
        self.linear = stylegan2.Linear(outputs, outputs)

    def forward(self, x):
        return self.linear(self.convs(x).flatten(1))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        squeezed = max(1, channels // 16)
        self.fc1 = nn.Conv2d(channels, squeezed, 1, bias=False)
        self.fc2 = nn.Conv2d(squeezed, channels, 1, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class IrBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, mode):
        super().__init__()
        if inputs != outputs:
            shrink = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut_layer = nn.Sequential(shrink, nn.BatchNorm2d(outputs))
        self.same, self.stride = inputs == outputs, stride
        layers = [
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.PReLU(outputs),
            nn.Conv2d(outputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.res_layer = nn.Sequential(*layers, *([SqueezeExcitation(outputs)] if mode == "ir_se" else []))

    def forward(self, x):
        return self.res_layer(x) + (x[:, :, :: self.stride, :: self.stride] if self.same else self.shortcut_layer(x))


class Encoder(nn.Module):
    def __init__(self, styles, style_width, width, mode, image_channels):
        super().__init__()
        widths = [width * 2**stage for stage in range(4)]
        first = nn.Conv2d(image_channels, width, 3, padding=1, bias=False)
        self.input_layer = nn.Sequential(first, nn.BatchNorm2d(width), nn.PReLU(width))
        blocks = []
        for stage, count in enumerate(STAGES):
            blocks.append(IrBlock(widths[max(stage - 1, 0)], widths[stage], 2, mode))
            blocks += [IrBlock(widths[stage], widths[stage], 1, mode) for _ in range(count - 1)]
        self.body = nn.Sequential(*blocks)
        sizes = [16 if i < 3 else 32 if i < 7 else 64 for i in range(styles)]
        self.styles = nn.ModuleList(GradualStyleBlock(widths[3], style_width, size) for size in sizes)
        self.latlayer1 = nn.Conv2d(widths[2], widths[3], 1)
        self.latlayer2 = nn.Conv2d(widths[1], widths[3], 1)

    def forward(self, image):
        x, found = self.input_layer(image), {}
        for i, block in enumerate(self.body):
            x = block(x)
            found[i] = x
        c1, c2, c3 = found[6], found[20], found[23]
        p2 = self.add(c3, self.latlayer1(c2))
        p1 = self.add(p2, self.latlayer2(c1))
        latents = [style(c3 if i < 3 else p2 if i < 7 else p1) for i, style in enumerate(self.styles)]
        return torch.stack(latents, 1), {"c1": c1, "c2": c2, "c3": c3}

    @staticmethod
    def add(coarse, fine):
        return F.interpolate(coarse, fine.shape[-2:], mode="bilinear", align_corners=True) + fine


def compute_encoder(case):
    config = case.config
    network = Encoder(
        config["n_styles"], config.get("style_dim", 512), config.get("width", 64), config["mode"], config["input_nc"]
    )
    case.fill(network, gain=1.5, equalised=lambda name: name.endswith("linear.weight"))
    outputs = {}
    for name in [name for name in case.tensors if re.fullmatch(r"input_\d+", name)]:
        size = name.removeprefix("input_")
        with torch.no_grad():
            latents, features = network(case.tensor(name))
        outputs[f"w_{size}"] = latents
        for label, feature in features.items():
            outputs[f"{label}_{size}_corner"] = feature[:, :16, :4, :4]
            outputs[f"{label}_{size}_mean"] = feature.mean((2, 3))
    return outputs


def compute_blocks(case):
    outputs = {}
    for i, block in enumerate(case.config["blocks"]):
        network = GradualStyleBlock(block["in_c"], block["out_c"], block["spatial"])
        case.fill(network, f"block{i}.", gain=2, equalised=lambda name: name == "linear.weight")
        feature = case.tensor(f"block{i}.input")
        at = with_gradients(network, {"input": feature})
        output = network(feature)
        loss = projected(output, case.tensor(f"block{i}.R"))
        outputs |= {f"block{i}.output": output, f"block{i}.loss": loss, **gradients(loss, at, f"block{i}.grad.")}
    return outputs

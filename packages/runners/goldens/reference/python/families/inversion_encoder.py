"""The paper's inversion encoder: BDInvert's trunk (Kang et al. 2021), which predicts the feature, and a style block of pSp for each latent."""

import torch
import torch.nn.functional as F
from torch import nn

from case import gradients, projected, with_gradients
from families.psp import GradualStyleBlock


class Trunk(nn.Module):
    def __init__(self, input_size, resolution, channels, filter_min, filter_max):
        super().__init__()
        layers, inputs, width = [], 3, filter_min

        def convolution(outputs):
            return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]

        while input_size > resolution:
            for _ in range(3):
                layers += convolution(width)
                inputs = width
            layers.append(nn.AvgPool2d(2))
            input_size, width = input_size // 2, min(2 * width, filter_max)
        self.intermediate, self.width = len(layers), inputs
        layers += [*convolution(channels), nn.Conv2d(channels, channels, 3, padding=1)]
        self.model = nn.Sequential(*layers)

    def forward(self, image):
        intermediate = self.model[: self.intermediate](image)
        return intermediate, self.model[self.intermediate :](intermediate)


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.factor = config["size"] // config["input_size"]
        self.trunk = Trunk(*(config[k] for k in ("input_size", "resolution", "channels", "filter_min", "filter_max")))
        width, size = config["style_dim"], config["resolution"]
        self.styles = nn.ModuleList(GradualStyleBlock(self.trunk.width, width, size) for _ in range(config["latents"]))

    def forward(self, image):
        intermediate, feature = self.trunk(F.avg_pool2d(image, self.factor))
        return feature, torch.stack([style(intermediate) for style in self.styles], 1)


def compute(case):
    network = case.fill(Encoder(case.config), gain=2, equalised=lambda name: name.endswith("linear.weight"))
    image = case.tensor("input")
    at = with_gradients(network, {"input": image})
    feature, latents = network(image)
    loss = projected(feature, case.tensor("R1")) + projected(latents, case.tensor("R2"))
    return {"feature": feature, "latents": latents, "loss": loss, **gradients(loss, at)}

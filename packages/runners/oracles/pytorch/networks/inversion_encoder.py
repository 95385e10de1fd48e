"""The paper's inversion encoder E (section 2.2): BDInvert's trunk, and pSp's map2style blocks for the latents."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from networks.stylegan2 import EqualLinear


class Trunk(nn.Module):
    """BDInvert_Release:models/stylegan_basecode_encoder.py, encoder_simple. Returns the last pooled feature and f."""

    def __init__(self, input_size, resolution, channels, filter_min, filter_max):
        super().__init__()
        layers, inputs, outputs = [], 3, filter_min
        for _ in range(int(math.log2(input_size // resolution))):
            for _ in range(3):
                layers += self.convolution(inputs, outputs)
                inputs = outputs
            layers.append(nn.AvgPool2d(2))
            outputs = min(2 * outputs, filter_max)
        self.intermediate = len(layers)
        layers += [*self.convolution(inputs, channels), nn.Conv2d(channels, channels, 3, padding=1)]
        self.model = nn.Sequential(*layers)
        self.width = inputs

    @staticmethod
    def convolution(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]

    def forward(self, x):
        intermediate = self.model[: self.intermediate](x)
        return intermediate, self.model[self.intermediate :](intermediate)


class GradualStyleBlock(nn.Module):
    """pixel2style2pixel:models/encoders/psp_encoders.py; its leaky ReLUs have PyTorch's default slope, 0.01."""

    def __init__(self, inputs, outputs, size):
        super().__init__()
        layers = []
        for i in range(int(math.log2(size))):
            layers += [nn.Conv2d(inputs if i == 0 else outputs, outputs, 3, stride=2, padding=1), nn.LeakyReLU()]
        self.convs = nn.Sequential(*layers)
        self.linear = EqualLinear(outputs, outputs)

    def forward(self, x):
        return self.linear(self.convs(x).flatten(1))


class InversionEncoder(nn.Module):
    """f and the offsets of w from the generator's mean latent, of images in [-1, 1]."""

    def __init__(self, options):
        super().__init__()
        resolution = options["resolution"]
        input_size = options.get("inputSize", min(options["size"], 8 * resolution))
        self.factor = options["size"] // input_size
        self.trunk = Trunk(
            input_size, resolution, options["featureChannels"], options["filterMin"], options["filterMax"]
        )
        self.styles = nn.ModuleList(
            GradualStyleBlock(self.trunk.width, options["styleWidth"], resolution) for _ in range(options["latents"])
        )

    def forward(self, image):
        intermediate, feature = self.trunk(F.avg_pool2d(image, self.factor) if self.factor > 1 else image)
        return feature, torch.stack([style(intermediate) for style in self.styles], 1)

"""GPEN (Yang et al. 2021) in plain PyTorch, with the names and shapes of GPEN:face_model/gpen_model.py."""

import torch
from torch import nn

from networks.stylegan2 import (
    ConstantInput,
    ConvLayer,
    EqualLinear,
    FusedLeakyReLU,
    ModulatedConv2d,
    ToRGB,
    channels_of,
    mapping_network,
)


class Injection(nn.Module):
    """Puts a feature of the encoder beside the generator's (`isconcat`), or adds it as StyleGAN2 adds noise."""

    def __init__(self, isconcat):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.isconcat = isconcat

    def forward(self, x, feature):
        fed = self.weight * feature
        return torch.cat([x, fed], 1) if self.isconcat else x + fed


class StyledConv(nn.Module):
    def __init__(self, inputs, outputs, style_width, isconcat, upsample=False):
        super().__init__()
        self.conv = ModulatedConv2d(inputs, outputs, 3, style_width, upsample=upsample)
        self.noise = Injection(isconcat)
        self.activate = FusedLeakyReLU(outputs * 2 if isconcat else outputs)

    def forward(self, x, w, feature):
        return self.activate(self.noise(self.conv(x, w), feature))


class Generator(nn.Module):
    def __init__(self, channels, style_width, mapping_layers, isconcat):
        super().__init__()
        times = 2 if isconcat else 1
        self.latents = 2 * len(channels)
        self.style = mapping_network(style_width, mapping_layers)
        self.input = ConstantInput(channels[4])
        self.conv1 = StyledConv(channels[4], channels[4], style_width, isconcat)
        self.to_rgb1 = ToRGB(times * channels[4], style_width, upsample=False)
        self.convs, self.to_rgbs = nn.ModuleList(), nn.ModuleList()
        for size in list(channels)[1:]:
            self.convs.append(
                StyledConv(times * channels[size // 2], channels[size], style_width, isconcat, upsample=True)
            )
            self.convs.append(StyledConv(times * channels[size], channels[size], style_width, isconcat))
            self.to_rgbs.append(ToRGB(times * channels[size], style_width))

    def forward(self, w, features):
        x = self.conv1(self.input(w.shape[0]), w[:, 0], features[0])
        image = self.to_rgb1(x, w[:, 1])
        for i, to_rgb in enumerate(self.to_rgbs):
            x = self.convs[2 * i](x, w[:, 2 * i + 1], features[i + 1])
            x = self.convs[2 * i + 1](x, w[:, 2 * i + 2], features[i + 1])
            image = to_rgb(x, w[:, 2 * i + 3], image)
        return image


class GPEN(nn.Module):
    """FullGenerator."""

    def __init__(self, options):
        super().__init__()
        channels, style_width = channels_of(options), options.get("styleWidth", 512)
        downward = list(reversed(list(channels)))
        layers = [ConvLayer(3, channels[downward[0]], 1)]
        layers += [ConvLayer(channels[a], channels[b], 3, downsample=True) for a, b in zip(downward, downward[1:])]
        self.depth = len(layers)
        for i, layer in enumerate(layers):
            self.add_module(f"ecd{i}", nn.Sequential(layer))
        self.final_linear = nn.Sequential(EqualLinear(channels[4] * 16, style_width, activation=True))
        self.generator = Generator(
            channels, style_width, options.get("mappingLayers", 8), options.get("isconcat", True)
        )

    def encode(self, image):
        """W+ (N, latents, width) and the features of each resolution, from 4 up, of images in [-1, 1]."""
        features = []
        for i in range(self.depth):
            image = getattr(self, f"ecd{i}")(image)
            features.insert(0, image)
        w = self.generator.style(self.final_linear(image.flatten(1)))
        return w.unsqueeze(1).repeat(1, self.generator.latents, 1), features

    def forward(self, image):
        return self.generator(*self.encode(image))

"""HINet (Chen et al. 2021) in plain PyTorch, with the names and shapes of its official release."""

import torch
from torch import nn
import torch.nn.functional as F


class ConvBlock(nn.Module):
    def __init__(self, inputs, outputs, slope, downsample=False, half_norm=False, fusion=False):
        super().__init__()
        self.slope = slope
        self.identity = nn.Conv2d(inputs, outputs, 1)
        self.conv_1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv_2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm = nn.InstanceNorm2d(outputs // 2, affine=True) if half_norm else None
        self.csff_enc = nn.Conv2d(outputs, outputs, 3, padding=1) if fusion else None
        self.csff_dec = nn.Conv2d(outputs, outputs, 3, padding=1) if fusion else None
        self.downsample = nn.Conv2d(outputs, outputs, 4, stride=2, padding=1, bias=False) if downsample else None

    def forward(self, x, first_stage=None):
        hidden = self.conv_1(x)
        if self.norm is not None:
            normalized, rest = hidden.chunk(2, dim=1)
            hidden = torch.cat([self.norm(normalized), rest], dim=1)
        hidden = F.leaky_relu(hidden, self.slope, inplace=True)
        out = F.leaky_relu(self.conv_2(hidden), self.slope, inplace=True) + self.identity(x)
        if first_stage is not None and self.csff_enc is not None:
            encoder, decoder = first_stage
            out = out + self.csff_enc(encoder) + self.csff_dec(decoder)
        return out, out if self.downsample is None else self.downsample(out)


class UpBlock(nn.Module):
    def __init__(self, inputs, outputs, slope):
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.conv_block = ConvBlock(inputs, outputs, slope)

    def forward(self, x, bridge):
        return self.conv_block(torch.cat([self.up(x), bridge], dim=1))[0]


class SupervisedAttention(nn.Module):
    def __init__(self, channels, image_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, image_channels, 3, padding=1)
        self.conv3 = nn.Conv2d(image_channels, channels, 3, padding=1)

    def forward(self, features, degraded):
        image = self.conv2(features) + degraded
        return self.conv1(features) * torch.sigmoid(self.conv3(image)) + features, image


class HINet(nn.Module):
    def __init__(self, width, depth, reluSlope, hinPositionLeft, hinPositionRight, imageChannels):
        super().__init__()
        channels = [width * 2**level for level in range(depth)]
        upward = list(reversed(range(depth - 1)))

        def down_path(stage):
            return nn.ModuleList(
                ConvBlock(
                    channels[max(level - 1, 0)],
                    channels[level],
                    reluSlope,
                    downsample=level + 1 < depth,
                    half_norm=hinPositionLeft <= level <= hinPositionRight,
                    fusion=stage == 2 and level + 1 < depth,
                )
                for level in range(depth)
            )

        def up_path():
            return nn.ModuleList(UpBlock(channels[i + 1], channels[i], reluSlope) for i in upward)

        def bridges():
            return nn.ModuleList(nn.Conv2d(channels[i], channels[i], 3, padding=1) for i in upward)

        self.conv_01 = nn.Conv2d(imageChannels, width, 3, padding=1)
        self.conv_02 = nn.Conv2d(imageChannels, width, 3, padding=1)
        self.down_path_1, self.down_path_2 = down_path(1), down_path(2)
        self.up_path_1, self.up_path_2 = up_path(), up_path()
        self.skip_conv_1, self.skip_conv_2 = bridges(), bridges()
        self.sam12 = SupervisedAttention(width, imageChannels)
        self.cat12 = nn.Conv2d(2 * width, width, 1)
        self.last = nn.Conv2d(width, imageChannels, 3, padding=1)

    def forward(self, degraded):
        lowest, skips = self.encode(self.down_path_1, self.conv_01(degraded))
        decoded = self.decode(self.up_path_1, self.skip_conv_1, lowest, skips)
        attended, first = self.sam12(decoded[-1], degraded)
        joined = self.cat12(torch.cat([self.conv_02(degraded), attended], dim=1))
        lowest, again = self.encode(self.down_path_2, joined, list(zip(skips, reversed(decoded))))
        refined = self.decode(self.up_path_2, self.skip_conv_2, lowest, again)[-1]
        return [first, self.last(refined) + degraded]

    @staticmethod
    def encode(path, x, fusion=()):
        skips = []
        for level, block in enumerate(path):
            full, x = block(x, fusion[level] if level < len(fusion) else None)
            skips.append(full)
        return x, skips[:-1]

    @staticmethod
    def decode(path, bridges, x, skips):
        decoded = []
        for block, bridge, skip in zip(path, bridges, reversed(skips)):
            x = block(x, bridge(skip))
            decoded.append(x)
        return decoded or [x]


def build(options):
    options.pop("initialization", None)  # says how it starts, not how fast it is
    return HINet(**options)

"""NAFNet (Chen et al. 2022) in plain PyTorch, with the names and shapes of its official release."""

import torch
from torch import nn
import torch.nn.functional as F


class NormalizeChannels(torch.autograd.Function):
    """Each pixel normalised over its channels. Written out, it keeps one feature map for the backward pass instead of several."""

    @staticmethod
    def forward(ctx, x, weight, bias, epsilon):
        centred = x - x.mean(1, keepdim=True)
        variance = centred.square().mean(1, keepdim=True)
        scale = (variance + epsilon).rsqrt()
        normalized = centred * scale
        ctx.save_for_backward(normalized, scale, weight)
        return weight.view(1, -1, 1, 1) * normalized + bias.view(1, -1, 1, 1)

    @staticmethod
    def backward(ctx, gradient):
        normalized, scale, weight = ctx.saved_tensors
        inner = gradient * weight.view(1, -1, 1, 1)
        mean = inner.mean(1, keepdim=True)
        projection = (inner * normalized).mean(1, keepdim=True)
        of_x = (inner - mean - normalized * projection) * scale
        of_weight = (gradient * normalized).sum((0, 2, 3))
        return of_x, of_weight, gradient.sum((0, 2, 3)), None


class LayerNorm2d(nn.Module):
    def __init__(self, channels, epsilon=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.epsilon = epsilon

    def forward(self, x):
        return NormalizeChannels.apply(x, self.weight, self.bias, self.epsilon)


def simple_gate(x):
    first, second = x.chunk(2, dim=1)
    return first * second


class Block(nn.Module):
    def __init__(self, channels, depthwise_expansion, ffn_expansion):
        super().__init__()
        wide, ffn = channels * depthwise_expansion, channels * ffn_expansion
        self.norm1 = LayerNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, wide, 1)
        self.conv2 = nn.Conv2d(wide, wide, 3, padding=1, groups=wide)
        self.sca = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide // 2, wide // 2, 1))
        self.conv3 = nn.Conv2d(wide // 2, channels, 1)
        self.norm2 = LayerNorm2d(channels)
        self.conv4 = nn.Conv2d(channels, ffn, 1)
        self.conv5 = nn.Conv2d(ffn // 2, channels, 1)
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        mixed = simple_gate(self.conv2(self.conv1(self.norm1(x))))
        mixed = self.conv3(mixed * self.sca(mixed))
        y = x + mixed * self.beta
        fed = self.conv5(simple_gate(self.conv4(self.norm2(y))))
        return y + fed * self.gamma


class NAFNet(nn.Module):
    def __init__(self, width, encoderBlocks, middleBlocks, decoderBlocks, imageChannels, depthwiseExpansion, ffnExpansion):
        super().__init__()
        levels = len(encoderBlocks)
        channels = [width * 2**level for level in range(levels + 1)]

        def blocks(level, count):
            return nn.Sequential(*[Block(channels[level], depthwiseExpansion, ffnExpansion) for _ in range(count)])

        self.multiple = 2**levels
        self.intro = nn.Conv2d(imageChannels, width, 3, padding=1)
        self.encoders = nn.ModuleList(blocks(i, count) for i, count in enumerate(encoderBlocks))
        self.downs = nn.ModuleList(nn.Conv2d(channels[i], channels[i + 1], 2, stride=2) for i in range(levels))
        self.middle_blks = blocks(levels, middleBlocks)
        upward = list(reversed(range(levels)))
        self.ups = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels[i + 1], 2 * channels[i + 1], 1, bias=False), nn.PixelShuffle(2)) for i in upward
        )
        self.decoders = nn.ModuleList(blocks(i, count) for i, count in zip(upward, decoderBlocks))
        self.ending = nn.Conv2d(width, imageChannels, 3, padding=1)

    def forward(self, image):
        height, width = image.shape[-2:]
        padded = F.pad(image, (0, -width % self.multiple, 0, -height % self.multiple))
        x, skips = self.intro(padded), []
        for encoder, down in zip(self.encoders, self.downs):
            x = encoder(x)
            skips.append(x)
            x = down(x)
        x = self.middle_blks(x)
        for up, decoder, skip in zip(self.ups, self.decoders, reversed(skips)):
            x = decoder(up(x) + skip)
        return [(self.ending(x) + padded)[:, :, :height, :width]]


def build(options):
    if options.pop("local", None) is not None:
        raise NotImplementedError("the test-time local converter (`local`) has no counterpart here")
    return NAFNet(**options)

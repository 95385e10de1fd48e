"""StyleGAN2 (Karras et al. 2020) in plain PyTorch, with the names and shapes of rosinality's stylegan2-pytorch:model.py."""

import math

import torch
import torch.nn.functional as F
from torch import nn

TAPS = (1.0, 3.0, 3.0, 1.0)


def blur_kernel(gain):
    taps = torch.tensor(TAPS)
    kernel = torch.outer(taps, taps)
    return gain * kernel / kernel.sum()


def upfirdn2d(x, kernel, up=1, down=1, pad=(0, 0)):
    """Inserts zeros (up), pads, filters (a true convolution), keeps each `down`-th pixel."""
    n, c, h, w = x.shape
    x = x.reshape(n * c, 1, h, 1, w, 1)
    x = F.pad(x, (0, up - 1, 0, 0, 0, up - 1)).reshape(n * c, 1, h * up, w * up)
    x = F.conv2d(F.pad(x, (*pad, *pad)), kernel.flip(0, 1)[None, None])
    return x[:, :, ::down, ::down].reshape(n, c, *x[:, :, ::down, ::down].shape[2:])


class Blur(nn.Module):
    """The FIR filter [1, 3, 3, 1]. BasicSR's state dicts do not hold its kernel (`stored=False`)."""

    def __init__(self, pad, gain=1, up=1, stored=True):
        super().__init__()
        self.register_buffer("kernel", blur_kernel(gain), persistent=stored)
        self.pad, self.up = pad, up

    def forward(self, x):
        return upfirdn2d(x, self.kernel, up=self.up, pad=self.pad)


def blur_after_upsampling(stored=True):
    """Follows a transposed 3x3 convolution of stride 2."""
    return Blur((1, 1), gain=4, stored=stored)


def blur_before_downsampling(kernel_size, stored=True):
    total = len(TAPS) - 2 + kernel_size - 1
    return Blur(((total + 1) // 2, total // 2), stored=stored)


def upsampled_image(stored=True):
    return Blur((2, 1), gain=4, up=2, stored=stored)


class FusedLeakyReLU(nn.Module):
    """sqrt(2) leaky_relu(x + bias, 0.2)."""

    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return fused_leaky_relu(x, self.bias)


def fused_leaky_relu(x, bias=None):
    if bias is not None:
        x = x + bias.view(1, -1, *[1] * (x.ndim - 2))
    return math.sqrt(2) * F.leaky_relu(x, 0.2)


class EqualConv2d(nn.Module):
    def __init__(self, inputs, outputs, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale = 1 / math.sqrt(inputs * kernel_size**2)
        self.stride, self.padding = stride, padding

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, self.bias, self.stride, self.padding)


class EqualLinear(nn.Module):
    def __init__(self, inputs, outputs, lr_mul=1.0, activation=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr_mul)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.lr_mul, self.activation = lr_mul / math.sqrt(inputs), lr_mul, activation

    def forward(self, x):
        bias = self.bias * self.lr_mul
        if self.activation:
            return fused_leaky_relu(F.linear(x, self.weight * self.scale), bias)
        return F.linear(x, self.weight * self.scale, bias)


class PixelNorm(nn.Module):
    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


def mapping_network(width, layers, lr_mul=0.01):
    return nn.Sequential(PixelNorm(), *[EqualLinear(width, width, lr_mul, activation=True) for _ in range(layers)])


class ModulatedConv2d(nn.Module):
    """A convolution whose weight is scaled, for each image, by its style, and normalised again (section 2.2)."""

    def __init__(self, inputs, outputs, kernel_size, style_width, demodulate=True, upsample=False, stored=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel_size, kernel_size))
        self.modulation = EqualLinear(style_width, inputs)
        if upsample:
            self.blur = blur_after_upsampling(stored)
        self.scale = 1 / math.sqrt(inputs * kernel_size**2)
        self.demodulate, self.upsample, self.padding = demodulate, upsample, kernel_size // 2

    def forward(self, x, w):
        n, c, height, width = x.shape
        weight = self.scale * self.weight * self.modulation(w).view(n, 1, c, 1, 1)
        if self.demodulate:
            weight = weight * torch.rsqrt(weight.square().sum((2, 3, 4), keepdim=True) + 1e-8)
        outputs, kernel = weight.shape[1], weight.shape[3]
        x = x.reshape(1, n * c, height, width)
        if self.upsample:
            weight = weight.transpose(1, 2).reshape(n * c, outputs, kernel, kernel)
            y = F.conv_transpose2d(x, weight, stride=2, groups=n)
            return self.blur(y.view(n, outputs, *y.shape[2:]))
        y = F.conv2d(x, weight.reshape(n * outputs, c, kernel, kernel), padding=self.padding, groups=n)
        return y.view(n, outputs, *y.shape[2:])


class NoiseInjection(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x, noise):
        return x + self.weight * noise


class ConstantInput(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, 4, 4))

    def forward(self, count):
        return self.input.repeat(count, 1, 1, 1)


class StyledConv(nn.Module):
    def __init__(self, inputs, outputs, style_width, upsample=False):
        super().__init__()
        self.conv = ModulatedConv2d(inputs, outputs, 3, style_width, upsample=upsample)
        self.noise = NoiseInjection()
        self.activate = FusedLeakyReLU(outputs)

    def forward(self, x, w, noise):
        return self.activate(self.noise(self.conv(x, w), noise))


class ToRGB(nn.Module):
    def __init__(self, inputs, style_width, upsample=True):
        super().__init__()
        if upsample:
            self.upsample = upsampled_image()
        self.conv = ModulatedConv2d(inputs, 3, 1, style_width, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x, w, lower=None):
        image = self.conv(x, w) + self.bias
        return image if lower is None else image + self.upsample(lower)


def channels_of(options, multiplier=2):
    """Channels of each resolution from 4 to the size: 16384 times the multiplier over the resolution, at most `maxChannels`."""
    most, multiplier = options.get("maxChannels", 512), options.get("channelMultiplier", multiplier)
    resolutions = [2**level for level in range(2, int(math.log2(options["size"])) + 1)]
    return {resolution: min(most, int(2**14 * multiplier / resolution)) for resolution in resolutions}


class Generator(nn.Module):
    """`latent_avg` is the mean of w, which rosinality's checkpoints hold beside the weights."""

    def __init__(self, options):
        super().__init__()
        channels, width = channels_of(options), options.get("styleWidth", 512)
        resolutions = list(channels)
        self.size, self.style_width = options["size"], width
        self.latents = 2 * len(resolutions)
        self.style = mapping_network(width, options.get("mappingLayers", 8))
        self.input = ConstantInput(channels[4])
        self.conv1 = StyledConv(channels[4], channels[4], width)
        self.to_rgb1 = ToRGB(channels[4], width, upsample=False)
        self.convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        for resolution in resolutions[1:]:
            self.convs.append(StyledConv(channels[resolution // 2], channels[resolution], width, upsample=True))
            self.convs.append(StyledConv(channels[resolution], channels[resolution], width))
            self.to_rgbs.append(ToRGB(channels[resolution], width))
        self.noise_sizes = [4, *[size for size in resolutions[1:] for _ in range(2)]]
        for i, size in enumerate(self.noise_sizes):
            self.noises.register_buffer(f"noise_{i}", torch.randn(1, 1, size, size))
        self.register_buffer("latent_avg", torch.zeros(width))

    def stored_noise(self):
        return [getattr(self.noises, f"noise_{i}") for i in range(len(self.noise_sizes))]

    def synthesize(self, w, noise, feature=None):
        """Images in [-1, 1] of W+ (N, latents, width).

        `feature` replaces the output of the up-sampling layer that first reaches its resolution (BDInvert); what is below is not run.
        """
        first = 0 if feature is None else int(math.log2(feature.shape[-1] // 4))
        x = self.input(w.shape[0]) if feature is None else feature
        image = None
        for level in range(first, self.latents // 2):
            if level == 0:
                x = self.conv1(x, w[:, 0], noise[0])
                image = self.to_rgb1(x, w[:, 1])
                continue
            if level > first:
                x = self.convs[2 * level - 2](x, w[:, 2 * level - 1], noise[2 * level - 1])
            x = self.convs[2 * level - 1](x, w[:, 2 * level], noise[2 * level])
            image = self.to_rgbs[level - 1](x, w[:, 2 * level + 1], image)
        return image


class ConvLayer(nn.Sequential):
    """Blur (where it halves the image), convolution, activation, at their official indices."""

    def __init__(self, inputs, outputs, kernel_size, downsample=False, activate=True, bias=True, stored=True):
        layers = [blur_before_downsampling(kernel_size, stored)] if downsample else []
        stride, padding = (2, 0) if downsample else (1, kernel_size // 2)
        layers.append(EqualConv2d(inputs, outputs, kernel_size, stride, padding, bias=bias and not activate))
        if activate:
            layers.append(FusedLeakyReLU(outputs))
        super().__init__(*layers)


class ResBlock(nn.Module):
    def __init__(self, inputs, outputs, stored=True):
        super().__init__()
        self.conv1 = ConvLayer(inputs, inputs, 3)
        self.conv2 = ConvLayer(inputs, outputs, 3, downsample=True, stored=stored)
        self.skip = ConvLayer(inputs, outputs, 1, downsample=True, activate=False, bias=False, stored=stored)

    def forward(self, x):
        return (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2)


class Discriminator(nn.Module):
    """Logits (N, 1) of images in [-1, 1]. `stddevGroup: batch`: the minibatch statistic is taken over the whole batch (GPEN)."""

    def __init__(self, options):
        super().__init__()
        channels = channels_of(options)
        downward = list(reversed(list(channels)))
        self.group = options.get("stddevGroup", 4)
        self.convs = nn.Sequential(
            ConvLayer(3, channels[downward[0]], 1),
            *[ResBlock(channels[above], channels[below]) for above, below in zip(downward, downward[1:])],
        )
        self.final_conv = ConvLayer(channels[4] + 1, channels[4], 3)
        self.final_linear = nn.Sequential(
            EqualLinear(channels[4] * 16, channels[4], activation=True), EqualLinear(channels[4], 1)
        )

    def forward(self, image):
        x = self.convs(image)
        n, _, height, width = x.shape
        group = n if self.group == "batch" else min(n, self.group)
        grouped = x.view(group, -1, *x.shape[1:])
        deviation = torch.sqrt(grouped.var(0, unbiased=False) + 1e-8).mean((1, 2, 3), keepdim=True)
        x = torch.cat([x, deviation.repeat(group, 1, height, width)], 1)
        return self.final_linear(self.final_conv(x).reshape(n, -1))

"""GFP-GAN (Wang et al. 2021) in plain PyTorch, both releases, with the official names and shapes.

original: GFPGAN:gfpgan/archs/gfpganv1_arch.py on BasicSR:basicsr/archs/stylegan2_arch.py, whose state dicts hold no blurs.
clean: GFPGAN:gfpgan/archs/gfpganv1_clean_arch.py and stylegan2_clean_arch.py, plain layers and bilinear resampling.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from networks.stylegan2 import (
    ConvLayer,
    EqualConv2d,
    EqualLinear,
    FusedLeakyReLU,
    ModulatedConv2d,
    PixelNorm,
    ResBlock,
    channels_of,
    fused_leaky_relu,
    mapping_network,
    upsampled_image,
)


def resized(x, factor):
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class ScaledLeakyReLU(nn.Module):
    def forward(self, x):
        return fused_leaky_relu(x)


class ConvUpLayer(nn.Module):
    """Bilinear doubling, then a convolution with an equalised learning rate."""

    def __init__(self, inputs, outputs, kernel_size, activate):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel_size, kernel_size))
        self.scale, self.padding = 1 / math.sqrt(inputs * kernel_size**2), kernel_size // 2
        self.activation = FusedLeakyReLU(outputs) if activate else nn.Identity()

    def forward(self, x):
        return self.activation(F.conv2d(resized(x, 2), self.weight * self.scale, padding=self.padding))


class ResUpBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = ConvLayer(inputs, inputs, 3)
        self.conv2 = ConvUpLayer(inputs, outputs, 3, activate=True)
        self.skip = ConvUpLayer(inputs, outputs, 1, activate=False)

    def forward(self, x):
        return (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2)


class OriginalStyleConv(nn.Module):
    def __init__(self, inputs, outputs, style_width, upsample):
        super().__init__()
        self.modulated_conv = ModulatedConv2d(inputs, outputs, 3, style_width, upsample=upsample, stored=False)
        self.weight = nn.Parameter(torch.zeros(1))
        self.activate = FusedLeakyReLU(outputs)

    def forward(self, x, w, noise):
        return self.activate(self.modulated_conv(x, w) + self.weight * noise)


class OriginalToRGB(nn.Module):
    def __init__(self, inputs, style_width, upsample):
        super().__init__()
        self.modulated_conv = ModulatedConv2d(inputs, 3, 1, style_width, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.upsample = upsampled_image(stored=False) if upsample else None

    def forward(self, x, w, lower=None):
        image = self.modulated_conv(x, w) + self.bias
        return image if lower is None else image + self.upsample(lower)


class Original:
    style_conv, to_rgb, up, mapping = OriginalStyleConv, OriginalToRGB, ResUpBlock, staticmethod(mapping_network)

    @staticmethod
    def convolution(inputs, outputs, kernel_size):
        return ConvLayer(inputs, outputs, kernel_size)

    @staticmethod
    def down(inputs, outputs):
        return ResBlock(inputs, outputs, stored=False)

    @staticmethod
    def rgb(inputs):
        return EqualConv2d(inputs, 3, 1)

    linear = EqualLinear

    @staticmethod
    def condition(inputs, outputs):
        return nn.Sequential(
            EqualConv2d(inputs, inputs, 3, padding=1), ScaledLeakyReLU(), EqualConv2d(inputs, outputs, 3, padding=1)
        )


class CleanResBlock(nn.Module):
    def __init__(self, inputs, outputs, factor):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inputs, 3, padding=1)
        self.conv2 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.factor = factor

    def forward(self, x):
        inner = resized(F.leaky_relu(self.conv1(x), 0.2), self.factor)
        return F.leaky_relu(self.conv2(inner), 0.2) + self.skip(resized(x, self.factor))


class CleanModulatedConv2d(nn.Module):
    """Its weight is used as it is: the factors of equalised learning rates have gone into it."""

    def __init__(self, inputs, outputs, kernel_size, style_width, demodulate, upsample=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel_size, kernel_size))
        self.modulation = nn.Linear(style_width, inputs)
        self.demodulate, self.upsample, self.padding = demodulate, upsample, kernel_size // 2

    def forward(self, x, w):
        n, c = x.shape[:2]
        weight = self.weight * self.modulation(w).view(n, 1, c, 1, 1)
        if self.demodulate:
            weight = weight * torch.rsqrt(weight.square().sum((2, 3, 4), keepdim=True) + 1e-8)
        if self.upsample:
            x = resized(x, 2)
        outputs, kernel = weight.shape[1], weight.shape[3]
        y = F.conv2d(
            x.reshape(1, n * c, *x.shape[2:]),
            weight.reshape(n * outputs, c, kernel, kernel),
            padding=self.padding,
            groups=n,
        )
        return y.view(n, outputs, *y.shape[2:])


class CleanStyleConv(nn.Module):
    def __init__(self, inputs, outputs, style_width, upsample):
        super().__init__()
        self.modulated_conv = CleanModulatedConv2d(inputs, outputs, 3, style_width, True, upsample)
        self.weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1, outputs, 1, 1))

    def forward(self, x, w, noise):
        return F.leaky_relu(self.modulated_conv(x, w) * math.sqrt(2) + self.weight * noise + self.bias, 0.2)


class CleanToRGB(nn.Module):
    def __init__(self, inputs, style_width, upsample):
        super().__init__()
        self.modulated_conv = CleanModulatedConv2d(inputs, 3, 1, style_width, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x, w, lower=None):
        image = self.modulated_conv(x, w) + self.bias
        return image if lower is None else image + resized(lower, 2)


class ActivatedConv2d(nn.Conv2d):
    """The official code calls the activation as a function."""

    def forward(self, x):
        return F.leaky_relu(super().forward(x), 0.2)


class Clean:
    style_conv, to_rgb, linear = CleanStyleConv, CleanToRGB, nn.Linear

    @staticmethod
    def mapping(width, layers):
        pairs = [[nn.Linear(width, width), nn.LeakyReLU(0.2)] for _ in range(layers)]
        return nn.Sequential(PixelNorm(), *[layer for pair in pairs for layer in pair])

    @staticmethod
    def convolution(inputs, outputs, kernel_size):
        return ActivatedConv2d(inputs, outputs, kernel_size, padding=kernel_size // 2)

    @staticmethod
    def down(inputs, outputs):
        return CleanResBlock(inputs, outputs, 0.5)

    @staticmethod
    def up(inputs, outputs):
        return CleanResBlock(inputs, outputs, 2)

    @staticmethod
    def rgb(inputs):
        return nn.Conv2d(inputs, 3, 1)

    @staticmethod
    def condition(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(inputs, outputs, 3, padding=1)
        )


class ConstantInput(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, channels, 4, 4))


class Decoder(nn.Module):
    """StyleGAN2's synthesis whose features are scaled and shifted after each up-sampling, half of the channels (`sft_half`)."""

    def __init__(self, parts, channels, style_width, mapping_layers):
        super().__init__()
        higher = list(channels)[1:]
        self.style_mlp = parts.mapping(style_width, mapping_layers)
        self.constant_input = ConstantInput(channels[4])
        self.style_conv1 = parts.style_conv(channels[4], channels[4], style_width, upsample=False)
        self.to_rgb1 = parts.to_rgb(channels[4], style_width, upsample=False)
        self.style_convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        for size in higher:
            self.style_convs.append(parts.style_conv(channels[size // 2], channels[size], style_width, upsample=True))
            self.style_convs.append(parts.style_conv(channels[size], channels[size], style_width, upsample=False))
            self.to_rgbs.append(parts.to_rgb(channels[size], style_width, upsample=True))
        self.noise_sizes = [4, *[size for size in higher for _ in range(2)]]
        for i, size in enumerate(self.noise_sizes):
            self.noises.register_buffer(f"noise{i}", torch.randn(1, 1, size, size))

    def forward(self, w, conditions, noise):
        x = self.style_conv1(self.constant_input.weight.repeat(w.shape[0], 1, 1, 1), w[:, 0], noise[0])
        image = self.to_rgb1(x, w[:, 1])
        for i, (scale, shift) in enumerate(conditions):
            x = self.style_convs[2 * i](x, w[:, 2 * i + 1], noise[2 * i + 1])
            same, changed = x.chunk(2, 1)
            x = torch.cat([same, changed * scale + shift], 1)
            x = self.style_convs[2 * i + 1](x, w[:, 2 * i + 2], noise[2 * i + 2])
            image = self.to_rgbs[i](x, w[:, 2 * i + 3], image)
        return image


class GFPGAN(nn.Module):
    """Options of GFPGAN:options/train_gfpgan_v1.yml: different_w, input_is_latent, sft_half; `fixDecoder` leaves the decoder as it is."""

    def __init__(self, options):
        super().__init__()
        parts = Original if options.get("architecture", "clean") == "original" else Clean
        decoder = channels_of(options)
        unet = {size: width // 2 for size, width in decoder.items()}
        size, self.style_width = options["size"], options.get("styleWidth", 512)
        higher = [resolution for resolution in unet if resolution > 4]
        self.latents = 2 * len(unet)
        self.conv_body_first = parts.convolution(3, unet[size], 1)
        self.conv_body_down = nn.ModuleList(parts.down(unet[s], unet[s // 2]) for s in reversed(higher))
        self.final_conv = parts.convolution(unet[4], unet[4], 3)
        self.conv_body_up = nn.ModuleList(parts.up(unet[s // 2], unet[s]) for s in higher)
        self.toRGB = nn.ModuleList(parts.rgb(unet[s]) for s in higher)
        self.final_linear = parts.linear(unet[4] * 16, self.latents * self.style_width)
        self.stylegan_decoder = Decoder(parts, decoder, self.style_width, options.get("mappingLayers", 8))
        self.condition_scale = nn.ModuleList(parts.condition(unet[s], unet[s]) for s in higher)
        self.condition_shift = nn.ModuleList(parts.condition(unet[s], unet[s]) for s in higher)
        if options.get("fixDecoder", True):
            self.stylegan_decoder.requires_grad_(False)

    def forward(self, image, noise):
        """The restored image and those of the U-Net, 8x8 up, all in [-1, 1] as the input is."""
        x, skips = self.conv_body_first(image), []
        for down in self.conv_body_down:
            x = down(x)
            skips.insert(0, x)
        x = self.final_conv(x)
        w = self.final_linear(x.flatten(1)).view(image.shape[0], self.latents, self.style_width)
        conditions, pyramid = [], []
        for i, up in enumerate(self.conv_body_up):
            x = up(x + skips[i])
            conditions.append((self.condition_scale[i](x), self.condition_shift[i](x)))
            pyramid.append(self.toRGB[i](x))
        return self.stylegan_decoder(w, conditions, noise), pyramid

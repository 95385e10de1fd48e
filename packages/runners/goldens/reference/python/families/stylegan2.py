"""StyleGAN2 (Karras et al. 2020) in plain PyTorch, with the names of rosinality's release."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from case import gradients, projected, with_gradients

FILTER = (1.0, 3.0, 3.0, 1.0)


def blur_kernel(gain=1.0):
    line = torch.tensor(FILTER, dtype=torch.float64)
    plane = torch.outer(line, line)
    return (plane / plane.sum() * gain).float()


def upfirdn(x, kernel, up=1, down=1, pad=(0, 0)):
    """Zeros between the pixels, a border, the filter as a true convolution, every `down`-th pixel."""
    count, channels, height, width = x.shape
    spread = x.new_zeros(count, channels, height * up, width * up)
    spread[:, :, ::up, ::up] = x
    padded = F.pad(spread, (*pad, *pad))
    filters = kernel.to(x.dtype).flip(0, 1).expand(channels, 1, *kernel.shape)
    return F.conv2d(padded, filters, groups=channels)[:, :, ::down, ::down]


def scaled_leaky_relu(x):
    return math.sqrt(2) * F.leaky_relu(x, 0.2)


class Linear(nn.Module):
    def __init__(self, inputs, outputs, rate=1.0, activation=False):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.rate, self.activation = rate, activation

    def forward(self, x):
        y = x @ (self.weight * self.rate / math.sqrt(x.shape[1])).T + self.bias * self.rate
        return scaled_leaky_relu(y) if self.activation else y


class PixelNorm(nn.Module):
    def forward(self, z):
        return z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()


class Blur(nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.register_buffer("kernel", blur_kernel(gain))


class ModulatedConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, style_width, demodulate=True, upsample=False):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, outputs, inputs, kernel, kernel))
        self.modulation = Linear(style_width, inputs)
        self.demodulate = demodulate
        if upsample:
            self.blur = Blur(4)
        self.upsample = upsample

    def forward(self, x, w):
        """One convolution an image, whose weights are the layer's times the image's style."""
        _, _, inputs, kernel, _ = self.weight.shape
        results = []
        for image, style in zip(x, self.modulation(w)):
            weight = self.weight[0] * style.view(1, -1, 1, 1) / math.sqrt(inputs * kernel**2)
            if self.demodulate:
                weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
            if self.upsample:
                doubled = F.conv_transpose2d(image[None], weight.transpose(0, 1), stride=2)
                results.append(upfirdn(doubled, self.blur.kernel, pad=(1, 1)))
            else:
                results.append(F.conv2d(image[None], weight, padding=kernel // 2))
        return torch.cat(results)


class Bias(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return scaled_leaky_relu(x + self.bias.view(1, -1, 1, 1))


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))


class StyledConv(nn.Module):
    """`joined`: the noise (GPEN: a feature) is put beside the result instead of added."""

    def __init__(self, inputs, outputs, style_width, upsample=False, joined=False):
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, style_width, upsample=upsample)
        self.noise = Noise()
        self.activate = Bias(2 * outputs if joined else outputs)
        self.joined = joined

    def forward(self, x, w, noise):
        y, noise = self.conv(x, w), self.noise.weight * noise
        return self.activate(torch.cat([y, noise], 1) if self.joined else y + noise)


class ToRgb(nn.Module):
    def __init__(self, inputs, style_width, upsample=True):
        super().__init__()
        if upsample:
            self.upsample = Blur(4)
        self.conv = ModulatedConv(inputs, 3, 1, style_width, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x, w, lower=None):
        image = self.conv(x, w) + self.bias
        return image if lower is None else image + upfirdn(lower, self.upsample.kernel, up=2, pad=(2, 1))


class Constant(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.input = nn.Parameter(torch.zeros(1, channels, 4, 4))


class Noises(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        for i, size in enumerate(sizes):
            self.register_buffer(f"noise_{i}", torch.zeros(1, 1, size, size))


class Generator(nn.Module):
    """`channels`: those of each resolution from 4 up. `joined`: GPEN's generator, fed with features instead of the noise."""

    def __init__(self, channels, style_width, layers, rate, joined=False):
        super().__init__()
        sizes = sorted(channels)
        self.sizes = sizes
        mapping = [Linear(style_width, style_width, rate, activation=True) for _ in range(layers)]
        self.style = nn.Sequential(PixelNorm(), *mapping)
        self.input = Constant(channels[4])
        width = {size: channels[size] * (2 if joined else 1) for size in sizes}
        self.conv1 = StyledConv(channels[4], channels[4], style_width, joined=joined)
        self.to_rgb1 = ToRgb(width[4], style_width, upsample=False)
        self.convs, self.to_rgbs = nn.ModuleList(), nn.ModuleList()
        for size in sizes[1:]:
            self.convs.append(StyledConv(width[size // 2], channels[size], style_width, upsample=True, joined=joined))
            self.convs.append(StyledConv(width[size], channels[size], style_width, joined=joined))
            self.to_rgbs.append(ToRgb(width[size], style_width))

    @property
    def latents(self):
        return 2 * len(self.sizes)

    def synthesize(self, wplus, noises):
        """`wplus`: (N, latents, D). A level's first convolution shares its latent with the ToRGB below."""
        x = self.input.input.expand(wplus.shape[0], -1, -1, -1)
        x = self.conv1(x, wplus[:, 0], noises[0])
        image = self.to_rgb1(x, wplus[:, 1])
        for level, to_rgb in enumerate(self.to_rgbs):
            i = 2 * level + 1
            x = self.convs[2 * level](x, wplus[:, i], noises[i])
            x = self.convs[2 * level + 1](x, wplus[:, i + 1], noises[i + 1])
            image = to_rgb(x, wplus[:, i + 2], image)
        return image

    def broadcast(self, w):
        return w[:, None].expand(-1, self.latents, -1)


class ConvLayer(nn.Sequential):
    def __init__(self, inputs, outputs, kernel, downsample=False, activate=True):
        layers = [Blur()] if downsample else []
        layers.append(EqualConv(inputs, outputs, kernel))
        if activate:
            layers.append(Bias(outputs))
        super().__init__(*layers)
        self.downsample, self.kernel = downsample, kernel

    def forward(self, x):
        layers = list(self)
        if self.downsample:
            border = len(FILTER) - 2 + self.kernel - 1  # what keeps half the size, the larger part first
            x = upfirdn(x, layers.pop(0).kernel, pad=((border + 1) // 2, border // 2))
        x = layers[0](x, stride=2 if self.downsample else 1)
        return layers[1](x) if len(layers) > 1 else x


class EqualConv(nn.Module):
    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs, kernel, kernel))

    def forward(self, x, stride):
        _, inputs, kernel, _ = self.weight.shape
        padding = 0 if stride == 2 else kernel // 2
        return F.conv2d(x, self.weight / math.sqrt(inputs * kernel**2), stride=stride, padding=padding)


class ResBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = ConvLayer(inputs, inputs, 3)
        self.conv2 = ConvLayer(inputs, outputs, 3, downsample=True)
        self.skip = ConvLayer(inputs, outputs, 1, downsample=True, activate=False)

    def forward(self, x):
        return (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2)


class Discriminator(nn.Module):
    def __init__(self, channels, group):
        super().__init__()
        sizes = sorted(channels, reverse=True)
        blocks = [ResBlock(channels[size], channels[size // 2]) for size in sizes[:-1]]
        self.convs = nn.Sequential(ConvLayer(3, channels[sizes[0]], 1), *blocks)
        self.final_conv = ConvLayer(channels[4] + 1, channels[4], 3)
        self.final_linear = nn.Sequential(Linear(16 * channels[4], channels[4], activation=True), Linear(channels[4], 1))
        self.group = group

    def forward(self, image):
        x = self.convs(image)
        count = x.shape[0]
        group = min(self.group, count)
        members = x.view(group, count // group, *x.shape[1:])  # image n is in group n mod (count / group)
        deviation = (members.var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
        plane = deviation.repeat(group).view(count, 1, 1, 1).expand(-1, 1, 4, 4)
        return self.final_linear(self.final_conv(torch.cat([x, plane], 1)).flatten(1))


def options(config):
    return {int(size): width for size, width in config["channels"].items()}


def fill(case, network, rate=1.0):
    """All layers are equalised; the mapping network has a learning rate of its own."""
    return case.fill(
        network,
        equalised=lambda name: True,
        rate=lambda name: rate if "style." in name and "modulation" not in name else 1.0,
        keep=("kernel",),
    )


def compute_generator(case):
    config = case.config
    network = Generator(options(config), config["style_dim"], config["n_mlp"], config["lr_mlp"])
    network.noises = Noises([4, *(size for size in network.sizes[1:] for _ in range(2))])
    fill(case, network, config["lr_mlp"])
    count = network.latents - 1
    noises = [case.tensor(f"noise_{i}") for i in range(count)]
    buffers = [getattr(network.noises, f"noise_{i}") for i in range(count)]
    z, latents, mean = case.tensor("z"), case.tensor("latents"), case.tensor("truncation_latent")
    at = with_gradients(network, {"z": z, "latents": latents})
    w, psi = network.style(z), config["truncation"]
    wplus = network.broadcast(w)
    first = config["inject_index"]
    mixed = torch.cat([wplus[:, :first], network.broadcast(network.style(case.tensor("z2")))[:, first:]], 1)

    def image(latent):
        return network.synthesize(latent, noises)

    results = {
        "w": w,
        "image_z": image(wplus),
        "image_z_buffers": network.synthesize(wplus, buffers),
        "image_mix": image(mixed),
        "image_wplus": image(latents),
        "image_wplus_trunc07": image(mean + psi * (latents - mean)),
        "image_z_trunc07": image(network.broadcast(mean + psi * (w - mean))),
    }
    cotangent = case.tensor("R")
    for prefix, of, suffix in (("grad.", "image_wplus", ""), ("grad_z.", "image_z", "_z")):
        loss = projected(results[of], cotangent)
        results |= {f"loss{suffix}": loss, **gradients(loss, at, prefix)}
    return results | path_length(case, network, at, wplus, noises)


def path_length(case, network, at, wplus, noises):
    """Karras et al. 2020, section 3.2. The running mean is differentiated too."""
    config, y = case.config, case.tensor("pl_noise")
    image = network.synthesize(wplus, noises)
    (step,) = torch.autograd.grad((image * y).sum() / math.sqrt(y.shape[2] * y.shape[3]), wplus, create_graph=True)
    lengths = step.square().sum(2).mean(1).sqrt()
    mean = config["mean_path_length"] + config["pl_decay"] * (lengths.mean() - config["mean_path_length"])
    penalty = (lengths - mean).square().mean()
    return {"pl_lengths": lengths, "pl_mean": mean, "pl_penalty": penalty, **gradients(penalty, at, "grad_pl.")}


def compute_discriminator(case):
    config = case.config
    network = fill(case, Discriminator(options(config), config["stddev_group"]))
    image, eight = case.tensor("input"), case.tensor("input_b8")
    at = with_gradients(network, {"input": image})
    logits = network(image)
    loss = projected(logits, case.tensor("R"))
    (slope,) = torch.autograd.grad(logits.sum(), image, create_graph=True)
    r1 = slope.square().sum((1, 2, 3)).mean()
    return {
        "logits": logits,
        "logits_b8": network(eight),
        "logits_b2": network(eight[:2]),
        "loss": loss,
        **gradients(loss, at),
        "r1_penalty": r1,
        **gradients(r1, at, "grad_r1."),
    }

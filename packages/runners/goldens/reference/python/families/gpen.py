"""GPEN (Yang et al. 2021) in plain PyTorch, with the names of its release."""

from torch import nn

from case import gradients, projected, with_gradients
from families import stylegan2


class GPEN(nn.Module):
    def __init__(self, size, channels, style_width, layers, joined):
        super().__init__()
        self.generator = stylegan2.Generator(channels, style_width, layers, rate=0.01, joined=joined)
        sizes = sorted(channels, reverse=True)
        self.depth = len(sizes)
        self.ecd0 = nn.Sequential(stylegan2.ConvLayer(3, channels[size], 1))
        for i, larger in enumerate(sizes[:-1]):
            layer = stylegan2.ConvLayer(channels[larger], channels[larger // 2], 3, downsample=True)
            setattr(self, f"ecd{i + 1}", nn.Sequential(layer))
        self.final_linear = nn.Sequential(stylegan2.Linear(16 * channels[4], style_width, activation=True))

    def forward(self, image):
        features, x = [], image
        for i in range(self.depth):
            x = getattr(self, f"ecd{i}")(x)
            features.insert(0, x)
        z = self.final_linear(x.flatten(1))
        wplus = self.generator.broadcast(self.generator.style(z))
        fed = [features[0], *(feature for feature in features[1:] for _ in range(2))]
        return self.generator.synthesize(wplus, fed), z, wplus


def widths(config):
    """StyleGAN2's, narrowed."""
    sizes = [2**k for k in range(2, config["size"].bit_length())]
    full = {size: min(512, 16384 * config["channel_multiplier"] // size) for size in sizes}
    return {size: int(width * config["narrow"]) for size, width in full.items()}


def compute(case):
    config = case.config
    network = GPEN(config["size"], widths(config), config["style_dim"], config["n_mlp"], config["isconcat"])
    stylegan2.fill(case, network, 0.01)
    image = case.tensor("input")
    at = with_gradients(network, {"input": image})
    output, z, wplus = network(image)
    loss = projected(output, case.tensor("R"))
    return {"output": output, "final_linear": z, "latent": wplus, "loss": loss, **gradients(loss, at)}

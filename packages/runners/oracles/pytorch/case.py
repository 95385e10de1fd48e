"""A case: an experiment file of toy networks with one stage, as the TypeScript side reads it too, and the inputs of its iterations."""

import json
import sys
from pathlib import Path

import formula
import losses
from networks import arcface
from networks.facial_component_discriminator import FacialComponentDiscriminator
from networks.fusion import Fusion
from networks.gfpgan import GFPGAN
from networks.gpen import GPEN
from networks.inversion_encoder import InversionEncoder
from networks.stylegan2 import Discriminator, Generator
from networks.trunk import WIDTHS, Trunk

sys.path.append(str(Path(__file__).parents[2] / "bench" / "peer"))

import hinet
import nafnet

# What the constructors of the bench's networks take, all of it, with the official defaults.
NAFNET = {
    "width": 32,
    "encoderBlocks": [1, 1, 1, 28],
    "middleBlocks": 1,
    "decoderBlocks": [1, 1, 1, 1],
    "imageChannels": 3,
    "depthwiseExpansion": 2,
    "ffnExpansion": 2,
}
HINET = {"width": 64, "depth": 5, "reluSlope": 0.2, "hinPositionLeft": 0, "hinPositionRight": 4, "imageChannels": 3}

NETWORKS = {
    "nafnet": lambda options: nafnet.NAFNet(**{**NAFNET, **without_type(options)}),
    "hinet": lambda options: hinet.HINet(**{**HINET, **without_type(options)}),
    "stylegan2-generator": Generator,
    "stylegan2-discriminator": Discriminator,
    "inversion-encoder": InversionEncoder,
    "fusion": Fusion,
    "gfpgan": GFPGAN,
    "gpen": GPEN,
    "facial-component-discriminator": FacialComponentDiscriminator,
}


def without_type(options):
    return {name: value for name, value in options.items() if name != "type"}


class Case:
    def __init__(self, path):
        self.folder = Path(path).parent
        self.experiment = json.loads(Path(path).read_text())
        (self.stage,) = self.experiment["stages"].values()
        self.iterations = self.stage["iterations"]
        side = self.experiment["data"]["train"]["size"]
        self.shape = (self.stage["batch"]["size"], side, side, 3)

    def images(self, iteration):
        """Degraded and sharp images (N, 3, H, W) in [0, 1]."""
        return [formula.images(iteration, role, self.shape) for role in ("degraded", "sharp")]

    def snapshot(self, iteration, record):
        """Records the weights after the first and after the last iteration."""
        if iteration in (0, self.iterations - 1):
            record.snapshot(iteration + 1)


def build(case, name):
    """A network with the weights that follow from its name."""
    options = case.experiment["networks"][name]
    return formula.fill(NETWORKS[options["type"]](options), name, options)


def frozen(module):
    return module.eval().requires_grad_(False)


class Objective:
    """A loss of the experiment file, of a restored image and the sharp one; a sum gives its terms as well, by the names of their curves."""

    def __init__(self, case, options):
        self.is_sum = options["type"] == "weighted-sum"
        self.terms = options["terms"] if self.is_sum else [options]
        self.trunk = frozen(formula.fill(Trunk(), "trunk", {"type": "trunk"}))
        # LPIPS's heads are not negative.
        heads = [formula.rounded(formula.v(f"heads.lin{i}", width).abs()) for i, width in enumerate(WIDTHS)]
        self.heads = {f"relu{i + 1}": head for i, head in enumerate(heads)}

    def __call__(self, image, sharp, **context):
        values = {}
        for term in self.terms:
            name, value = self.compute(term, image, sharp, context)
            values[f"loss_{name}"] = term.get("weight", 1) * value
        return sum(values.values()), values if self.is_sum else {}

    def compute(self, options, image, sharp, context):
        kind = options["type"]
        if kind == "lpips":
            return "lpips", losses.lpips(self.trunk, self.heads, image, sharp)
        if kind == "perceptual":
            factors = {name: options.get(name, default) for name, default in (("content", 1), ("style", 50))}
            return "perceptual", losses.perceptual(self.trunk, options["layers"], image, sharp, **factors)
        if kind == "fusion-contextual":  # equation 4 of the paper
            to_regressed, to_inverted = (
                self.contextual(options, image, context[other]) for other in ("regressed", "inverted")
            )
            return "fusion_contextual", 0.01 * to_regressed + 0.05 * to_inverted
        if kind == "gan-nonsaturating":
            return "gan_nonsaturating", losses.LOGISTIC[2](context["logits"])
        if kind == "smooth-l1":
            return "smooth_l1", losses.smooth_l1_signed(image, sharp)
        simple = {"l1": losses.l1, "psnr": losses.psnr, "charbonnier": losses.charbonnier}
        return kind, simple[kind](image, sharp)

    def contextual(self, options, x, y):
        """L_cx(y, x), patch by patch."""
        patch, direction = options["patch"], options.get("direction", "target")
        if options.get("cut") == "features":
            return losses.contextual_of_cut_maps(self.trunk, "relu2", patch, x, y, direction)
        ours, theirs = (y, x) if direction == "prediction" else (x, y)
        return losses.patchwise_contextual(self.trunk, "relu2", patch, ours, theirs)


def identity(stage):
    """The identity loss of a stage, of a toy network that knows faces; None where it has none."""
    options = stage.get("identity")
    if options is None:
        return None
    network, distance = arcface.TOYS[options["architecture"]]()
    frozen(formula.fill(network, options["architecture"], {"type": options["architecture"]}))
    return lambda restored, sharp: options["weight"] * distance(network, restored, sharp)


def signed(image):
    """From [0, 1] to [-1, 1]."""
    return 2 * image - 1


def split_noise(drawn, count, sizes):
    """Noise images (N, 1, H, W) of all layers, lowest first."""
    parts = drawn.split([count * size**2 for size in sizes])
    return [part.view(count, 1, size, size) for part, size in zip(parts, sizes)]


def noise_count(count, sizes):
    return count * sum(size**2 for size in sizes)

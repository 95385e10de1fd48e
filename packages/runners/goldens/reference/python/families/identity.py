"""The identity distance: cosine similarity of the vectors of GFP-GAN's ArcFace, by its package."""

import torch.nn.functional as F
from gfpgan.archs.arcface_arch import ResNetArcFace

from families.perceptual import image

SIDE = 128


def grey(x):
    """gfpgan/models/gfpgan_model.py, gray_resize_for_identity, of an image in [-1, 1]."""
    levels = 0.2989 * x[:, 0] + 0.5870 * x[:, 1] + 0.1140 * x[:, 2]
    return F.interpolate(levels.unsqueeze(1), (SIDE, SIDE), mode="bilinear", align_corners=False)


def compute(case):
    network = case.fill(ResNetArcFace(block="IRBlock", layers=[2, 2, 2, 2], use_se=False), gain=2)
    restored, sharp = (network(grey(2 * image(case, name) - 1)) for name in ("restored", "sharp"))
    return {"distance": 1 - F.cosine_similarity(restored, sharp)}

"""GFP-GAN's discriminator of an eye or the mouth, and the parts of faces that it sees."""

import math

import torch
from torch import nn

from networks.stylegan2 import ConvLayer

PARTS = ("left_eye", "right_eye", "mouth")
MIRRORED = {"left_eye": "right_eye", "right_eye": "left_eye", "mouth": "mouth"}
# Sides of the parts in a face of 512 pixels (gfpgan_model.py, get_roi_regions); in proportion where faces are smaller.
SIDES = {"left_eye": 80, "right_eye": 80, "mouth": 120}


class FacialComponentDiscriminator(nn.Module):
    """GFPGAN:gfpgan/archs/gfpganv1_arch.py. Returns logits and the two features whose Gram matrices are compared."""

    def __init__(self, options):
        super().__init__()
        width = options.get("width", 64)
        self.conv1 = ConvLayer(3, width, 3)
        self.conv2 = ConvLayer(width, 2 * width, 3, downsample=True, stored=False)
        self.conv3 = ConvLayer(2 * width, 2 * width, 3)
        self.conv4 = ConvLayer(2 * width, 4 * width, 3, downsample=True, stored=False)
        self.conv5 = ConvLayer(4 * width, 4 * width, 3)
        self.final_conv = ConvLayer(4 * width, 1, 3, activate=False)

    def forward(self, image):
        shallow = self.conv3(self.conv2(self.conv1(image)))
        deep = self.conv5(self.conv4(shallow))
        return self.final_conv(deep), (shallow, deep)


def boxes(landmarks, flipped, size, of, eye_enlargement=1.4):
    """(x1, y1, x2, y2) of each part (gfpgan/data/ffhq_degradation_dataset.py, get_component_coordinates)."""
    found = {}
    for part in PARTS:
        x, y, half = (length * size / of for length in landmarks[MIRRORED[part] if flipped else part])
        x = size - x if flipped else x
        half = half * eye_enlargement if "eye" in part else half
        found[part] = (x - half + 1, y - half + 1, x + half, y + half)
    return found


def regions(faces, boxes_of):
    """The parts of a batch of faces in [-1, 1], each of its own size."""
    size = faces.shape[-1]
    return {
        part: torch.stack(
            [roi_align(face, box[part], round(SIDES[part] * size / 512)) for face, box in zip(faces, boxes_of)]
        )
        for part in PARTS
    }


def roi_align(image, box, size):
    """torchvision.ops.roi_align of one image (C, H, W) with its defaults: adaptive sampling, aligned=False."""
    x1, y1, x2, y2 = box
    rows = samples(y1, max(y2 - y1, 1), size, image.shape[1])
    columns = samples(x1, max(x2 - x1, 1), size, image.shape[2])
    return torch.einsum("ph,chw,qw->cpq", rows, image, columns)


def samples(begin, extent, size, length):
    """How much each of `length` pixels counts in each of `size` bins: the mean of interpolated samples, ceil(bin) of them a bin."""
    weights = torch.zeros(size, length)
    step = extent / size
    count = math.ceil(step)
    for place in range(size):
        for i in range(count):
            position = begin + step * (place + (i + 0.5) / count)
            if position < -1 or position > length:
                continue
            position = min(max(position, 0), length - 1)
            low = int(position)
            weights[place, low] += (1 - (position - low)) / count
            if position > low:
                weights[place, low + 1] += (position - low) / count
    return weights

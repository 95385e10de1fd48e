"""Networks that know faces (ArcFace, Deng et al. 2019), frozen, in the two forms that GFP-GAN and GPEN use."""

import torch
import torch.nn.functional as F
from torch import nn


class IRBlock(nn.Module):
    """GFPGAN:gfpgan/archs/arcface_arch.py, IRBlock without squeeze and excitation; one PReLU for both activations."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn0 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, inputs, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.prelu = nn.PReLU()
        self.conv2 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )
        else:
            self.downsample = nn.Identity()

    def forward(self, x):
        inner = self.prelu(self.bn1(self.conv1(self.bn0(x))))
        return self.prelu(self.bn2(self.conv2(inner)) + self.downsample(x))


class ResNetArcFace(nn.Module):
    """GFPGAN:gfpgan/archs/arcface_arch.py, on grey images (gfpgan_model.py, gray_resize_for_identity)."""

    def __init__(self, side=128, width=64, blocks=(2, 2, 2, 2), embedding=512):
        super().__init__()
        self.side = side
        self.conv1 = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.prelu = nn.PReLU()
        inputs = width
        for i, count in enumerate(blocks):
            outputs = width * 2**i
            first = IRBlock(inputs, outputs, 1 if i == 0 else 2)
            self.add_module(
                f"layer{i + 1}", nn.Sequential(first, *[IRBlock(outputs, outputs, 1) for _ in range(count - 1)])
            )
            inputs = outputs
        self.bn4 = nn.BatchNorm2d(inputs)
        self.fc5 = nn.Linear(inputs * (side // 16) ** 2, embedding)
        self.bn5 = nn.BatchNorm1d(embedding)

    def forward(self, image):
        """The vectors of faces in [-1, 1]."""
        weights = torch.tensor((0.2989, 0.587, 0.114)).view(1, 3, 1, 1)
        grey = (image * weights).sum(1, keepdim=True)
        x = F.interpolate(grey, (self.side, self.side), mode="bilinear", align_corners=False)
        x = F.max_pool2d(self.prelu(self.bn1(self.conv1(x))), 2)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.bn5(self.fc5(self.bn4(x).flatten(1)))


def identity_l1(network, x, y):
    """Mean absolute difference of the vectors of images in [0, 1] (GFP-GAN)."""
    return (network(2 * x - 1) - network(2 * y - 1)).abs().mean()

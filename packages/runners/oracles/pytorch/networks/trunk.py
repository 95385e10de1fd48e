"""A toy VGG whose features the perceptual losses compare: two convolutions instead of sixteen."""

import torch
import torch.nn.functional as F
from torch import nn

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WIDTHS = (6, 8)


class Trunk(nn.Module):
    """Features of images in [0, 1], which are normalised as torchvision's networks want them."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 3, padding=1)
        self.conv2 = nn.Conv2d(WIDTHS[0], WIDTHS[1], 3, padding=1)

    def forward(self, image):
        x = {}
        mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
        x["conv1"] = self.conv1((image - mean) / deviation)
        x["relu1"] = F.relu(x["conv1"])
        x["conv2"] = self.conv2(F.max_pool2d(x["relu1"], 2))
        x["relu2"] = F.relu(x["conv2"])
        return x

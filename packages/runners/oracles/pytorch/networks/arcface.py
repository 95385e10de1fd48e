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


class SEModule(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // reduction, 1, bias=False)
        self.fc2 = nn.Conv2d(channels // reduction, channels, 1, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class BottleneckIRSE(nn.Module):
    """GPEN:training/loss/helpers.py, bottleneck_IR_SE."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        if inputs == outputs:
            self.shortcut_layer = nn.MaxPool2d(1, stride)
        else:
            self.shortcut_layer = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.PReLU(outputs),
            nn.Conv2d(outputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            SEModule(outputs),
        )

    def forward(self, x):
        return self.res_layer(x) + self.shortcut_layer(x)


class IRSE50(nn.Module):
    """GPEN:training/loss/model_irse.py (IR-SE50), on the middle of colour images (id_loss.py, extract_feats)."""

    def __init__(self, side=112, width=64, blocks=(3, 4, 14, 3), embedding=512):
        super().__init__()
        self.side = side
        self.input_layer = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.PReLU(width)
        )
        body, inputs = [], width
        for i, count in enumerate(blocks):
            outputs = width * 2**i
            body += [BottleneckIRSE(inputs if k == 0 else outputs, outputs, 2 if k == 0 else 1) for k in range(count)]
            inputs = outputs
        self.body = nn.Sequential(*body)
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.Dropout(),
            nn.Flatten(),
            nn.Linear(inputs * (side // 16) ** 2, embedding),
            nn.BatchNorm1d(embedding),
        )

    def forward(self, image):
        """Vectors of length 1 of faces in [-1, 1]: rows 35 to -33 and columns 32 to -36 of 256, in proportion where they are smaller."""
        side = image.shape[-1]
        top, bottom, left, right = (round(margin * side / 256) for margin in (35, 33, 32, 36))
        face = F.adaptive_avg_pool2d(image[:, :, top : side - bottom, left : side - right], self.side)
        return F.normalize(self.output_layer(self.body(self.input_layer(face))))


def mean_difference(network, x, y):
    """Mean absolute difference of the vectors of images in [0, 1] (GFP-GAN)."""
    return (network(2 * x - 1) - network(2 * y - 1)).abs().mean()


def cosine_distance(network, x, y):
    """1 - cosine of the vectors of images in [0, 1] (GPEN)."""
    return 1 - (network(2 * x - 1) * network(2 * y - 1)).sum(1).mean()


# The architectures with few and narrow layers.
TOYS = {
    "resnet18": lambda: (ResNetArcFace(side=32, width=4, blocks=(1, 1, 1, 1), embedding=8), mean_difference),
    "ir-se50": lambda: (IRSE50(side=16, width=16, blocks=(1, 1, 1, 1), embedding=8), cosine_distance),
}

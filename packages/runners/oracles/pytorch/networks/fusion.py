"""The paper's fusion network F (section 2.3), equation 1: x_hat = Conv(Res(Conv(x_R) + Conv(x_G)))."""

import torch.nn.functional as F
from torch import nn

NORMS = {"none": None, "batch": nn.BatchNorm2d, "instance": lambda width: nn.InstanceNorm2d(width, affine=True)}


class ResidualBlock(nn.Module):
    def __init__(self, width, normalization):
        super().__init__()
        norm = NORMS[normalization]
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        if norm:
            self.norm1, self.norm2 = norm(width), norm(width)
        else:
            self.norm1 = self.norm2 = nn.Identity()

    def forward(self, x):
        return x + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))


class Fusion(nn.Module):
    """Images in [0, 1]. The paper gives 8 residual blocks and no width."""

    def __init__(self, options):
        super().__init__()
        width, blocks = options.get("width", 64), options.get("blocks", 8)
        self.conv_regressed = nn.Conv2d(3, width, 3, padding=1)
        self.conv_inverted = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.Sequential(
            *[ResidualBlock(width, options.get("normalization", "none")) for _ in range(blocks)]
        )
        self.conv_out = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, regressed, inverted):
        return self.conv_out(self.blocks(self.conv_regressed(regressed) + self.conv_inverted(inverted)))

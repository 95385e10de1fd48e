"""Loads exported weights into spandrel's networks and restores an image: `FILE HEIGHT WIDTH [OPTIONS of GFPGAN, as JSON]`.

Prints the network's class and the numbers (NCHW) as JSON. Spandrel recognises a NAFNet itself; GFP-GAN it has in one size only, so that its
class is made with the options.
"""

import json
import sys

import torch

# Importing torchvision asks that these exist, which they do not beside a PyTorch that it was not built for. No network here uses them.
if not hasattr(torch.ops.torchvision, "nms"):
    library = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from spandrel import ModelLoader  # noqa: E402
from spandrel.architectures.GFPGAN import GFPGAN  # noqa: E402

file, height, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
image = torch.sin(torch.arange(3 * height * width, dtype=torch.float64) * 0.37).mul(0.5).add(0.5)
image = image.reshape(1, 3, height, width).float()

with torch.no_grad():
    if len(sys.argv) > 4:
        network = GFPGAN(**json.loads(sys.argv[4])).eval()
        network.load_state_dict(torch.load(file, weights_only=True), strict=True)
        result = network(image * 2 - 1, randomize_noise=False)[0] / 2 + 0.5
    else:
        network = ModelLoader(device="cpu").load_from_file(file).model.eval()
        result = network(image)
print(json.dumps([type(network).__name__, list(result.shape), result.flatten().tolist()]))

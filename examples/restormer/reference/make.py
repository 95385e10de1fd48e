"""Reference values of the official Restormer, in PyTorch:

    python make.py RESTORMER > restormer.json

RESTORMER is a copy of https://github.com/swz30/Restormer. Needs torch and einops. Weights and images follow from their names by a formula
(`restormer.test.ts` has it too), so the file holds results only.
"""

import hashlib
import importlib.util
import json
import math
import sys
from pathlib import Path

import torch

CASES = {
    "with_bias": {
        "config": {"dim": 8, "num_blocks": [1, 2, 1, 1], "num_refinement_blocks": 1, "heads": [1, 2, 4, 8]},
        "shape": [2, 3, 16, 24],
    },
    "bias_free": {
        "config": {
            "dim": 4,
            "num_blocks": [1, 1, 1, 1],
            "num_refinement_blocks": 0,
            "heads": [2, 2, 1, 4],
            "ffn_expansion_factor": 2,
            "bias": True,
            "LayerNorm_type": "BiasFree",
        },
        "shape": [1, 3, 16, 8],
    },
    "any_size": {"config": {"dim": 4, "num_blocks": [1, 1, 1, 1], "num_refinement_blocks": 1, "heads": [1, 1, 1, 1]}, "shape": [1, 3, 13, 9]},
}


def numbers(name, shape, centre, spread):
    """centre + spread * u, with u in [-1, 1) from the name and the place."""
    seed = sum(name.encode())
    count = math.prod(shape)
    values = [math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453 for i in range(count)]
    drawn = [centre + spread * (2 * (value - math.floor(value)) - 1) for value in values]
    return torch.tensor(drawn, dtype=torch.float32).reshape(shape)


def weight(name, shape):
    if name.endswith(("body.weight", "temperature")):
        return numbers(name, shape, 1, 0.5)
    if len(shape) == 4:
        return numbers(name, shape, 0, math.sqrt(3 / math.prod(shape[1:])))
    return numbers(name, shape, 0, 0.1)


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def restore(network, image):
    """As the official test scripts do, for images of any size."""
    height, width = image.shape[-2:]
    border = (0, -width % 8, 0, -height % 8)
    return network(torch.nn.functional.pad(image, border, "reflect"))[..., :height, :width]


def case(network_class, config, shape):
    network = network_class(**config)
    network.load_state_dict({name: weight(name, list(value.shape)) for name, value in network.state_dict().items()})
    image = numbers("image", shape, 0.5, 0.5)
    output = restore(network, image)
    (output * numbers("cotangent", shape, 0, 1)).sum().backward()
    gradients = {
        name: rounded(torch.stack([value.grad.norm(), (value.grad * numbers(name, list(value.shape), 0, 1)).sum()]))
        for name, value in network.named_parameters()
    }
    return {"config": config, "shape": shape, "output": rounded(output), "gradients": gradients}


def names(network):
    """The names and shapes of the official release, in short."""
    lines = sorted(f"{name} {list(value.shape)}".replace(" ", "") for name, value in network.state_dict().items())
    count = sum(value.numel() for value in network.parameters())
    return {"parameters": count, "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def rates(scheduler_class):
    """Learning rates of the official settings for deblurring, at some iterations."""
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=3e-4)
    scheduler = scheduler_class(optimizer, [92000, 208000], [1, 1], [0.0003, 0.000001])
    found = {}
    for iteration in [0, 1, 50000, 92000, 92001, 150000, 196000, 299999, 300000]:
        scheduler.last_epoch = iteration
        found[str(iteration)] = scheduler.get_lr()[0]
    return found


def main(folder):
    models = Path(folder) / "basicsr" / "models"
    official = load(models / "archs" / "restormer_arch.py", "restormer_arch").Restormer
    scheduler = load(models / "lr_scheduler.py", "lr_scheduler").CosineAnnealingRestartCyclicLR
    found = {
        "madeBy": f"swz30/Restormer, PyTorch {torch.__version__.split('+')[0]}",
        "cases": {name: case(official, **given) for name, given in CASES.items()},
        "official": names(official()),
        "rates": rates(scheduler),
    }
    json.dump(found, sys.stdout, separators=(",", ":"))
    print()


main(sys.argv[1])

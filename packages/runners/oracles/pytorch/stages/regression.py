"""A regression network trained on pairs, as NAFNet and HINet are by their authors.

NAFNet:basicsr/models/image_restoration_model.py, optimize_parameters: the loss is summed over the network's outputs, the norm of the
gradient is clipped, then the optimizer (AdamW, whose decay is decoupled) takes a step, and the average follows.
"""

from case import Objective, build
from training import Average, Player

OPTIMIZER = {"type": "adamw", "learningRate": 1e-3}


def train(case, record):
    stage = case.stage
    network = build(case, stage["network"])
    objective = Objective(case, stage.get("loss", {"type": "psnr"}))
    player = Player(stage["network"], network, stage.get("optimizer", OPTIMIZER), record, iterations=case.iterations)
    record.watch(stage["network"], network)
    ema = Average(network) if "ema" in stage else None
    if ema:
        record.watch(f"{stage['network']}.ema", ema.module)
    for iteration in range(case.iterations):
        record.begin()
        degraded, sharp = case.images(iteration)
        total, sums = 0, {}
        for image in network(degraded):
            loss, terms = objective(image, sharp)
            total = total + loss
            for name, value in terms.items():
                sums[name] = sums.get(name, 0) + value
        player.descend(total, iteration)
        if ema:
            ema.update(network, stage["ema"]["decay"])
        record.curve(loss=total, **sums, learning_rate=player.rate_at(iteration))
        case.snapshot(iteration, record)

"""Stage 2 of the paper (sections 2.3 and 2.4): trains F alone, by equation 3.

L_F = L_1 + lambda_per L_per + lambda_fc L_fc with lambda_per = 10, lambda_fc = 1;
L_fc = lambda_cxR L_cx(x_R, x_hat) + lambda_cxG L_cx(x_G, x_hat) with lambda_cxR = 0.01, lambda_cxG = 0.05.
Adam at 1e-3, a tenth of it from iteration 8,000.
"""

import torch

from case import Objective, build, frozen
from stages.gan_inversion import invert
from training import Player

OPTIMIZER = {
    "type": "adam",
    "learningRate": 1e-3,
    "betas": (0.9, 0.999),
    "schedule": {"type": "multistep", "milestones": [8000], "gamma": 0.1},
}


def train(case, record):
    stage = case.stage
    regressor, encoder, generator = (frozen(build(case, stage[role])) for role in ("regressor", "encoder", "generator"))
    fusion = build(case, stage["fusion"])
    objective = Objective(case, stage["loss"])
    player = Player(stage["fusion"], fusion, stage.get("optimizer", OPTIMIZER), record, iterations=case.iterations)
    for role, network in (("regressor", regressor), ("encoder", encoder), ("generator", generator), ("fusion", fusion)):
        record.watch(stage[role], network)
    for iteration in range(case.iterations):
        record.begin()
        degraded, sharp = case.images(iteration)
        with torch.no_grad():
            regressed = regressor(degraded)[-1]
            inverted = invert(encoder, generator, regressed)
        loss, terms = objective(fusion(regressed, inverted), sharp, regressed=regressed, inverted=inverted)
        player.descend(loss, iteration)
        record.curve(loss=loss, **terms, learning_rate=player.rate_at(iteration))
        case.snapshot(iteration, record)

"""Stage 1 of the paper (sections 2.2 and 2.4): E, G and D learn to invert what R makes of degraded images.

L_E = L_1 + lambda_per L_per + lambda_adv L_adv (equation 2), lambda_per = 10, lambda_adv = 0.3, for E and G together; then D by StyleGAN2's
logistic loss on the same x_G and the sharp images, with lazy R1. Adam, 1e-4 for E and G, 2.5e-5 for D; betas as StyleGAN2's.
"""

import torch

import losses
from augment import judge_of
from case import Objective, build, frozen, signed
from formula import Draws
from training import Player

BETAS = (0, 0.99)
OPTIMIZERS = {
    "encoder": {"learningRate": 1e-4, "betas": BETAS},
    "generator": {"learningRate": 1e-4, "betas": BETAS},
    "discriminator": {"learningRate": 2.5e-5, "betas": BETAS},
}
R1 = {"gamma": 10, "every": 16, "slows": False}


def invert(encoder, generator, regressed):
    """x_G in [0, 1] of x_R. E predicts f and the offset of w from the generator's mean latent; G's noise is the stored one."""
    feature, offsets = encoder(signed(regressed))
    unused = generator.latents - offsets.shape[1]
    w = torch.cat([generator.latent_avg.expand(offsets.shape[0], unused, -1), generator.latent_avg + offsets], 1)
    return (generator.synthesize(w, generator.stored_noise(), feature) + 1) / 2


def train(case, record):
    stage = case.stage
    regressor = frozen(build(case, stage["regressor"]))
    encoder, generator, discriminator = (build(case, stage[role]) for role in OPTIMIZERS)
    r1 = {**R1, **stage.get("r1", {})}
    objective = Objective(case, stage["loss"])

    def player(role, module, ratio=1.0):
        optimizer = stage.get("optimizers", {}).get(role, OPTIMIZERS[role])
        return Player(stage[role], module, optimizer, record, ratio, case.iterations)

    e, g = player("encoder", encoder), player("generator", generator)
    d = player("discriminator", discriminator, r1["every"] / (r1["every"] + 1) if r1["slows"] else 1.0)
    for role, network in (
        ("regressor", regressor),
        ("encoder", encoder),
        ("generator", generator),
        ("discriminator", discriminator),
    ):
        record.watch(stage[role], network)
    for iteration in range(case.iterations):
        record.begin()
        degraded, sharp = case.images(iteration)
        score = judge_of(stage, discriminator, Draws(iteration))
        with torch.no_grad():
            regressed = regressor(degraded)[-1]
        inverted = invert(encoder, generator, regressed)
        loss, terms = objective(inverted, sharp, logits=score(signed(inverted), "restorer/augment"))
        e.descend(loss, iteration, others=[g])

        fake = score(signed(inverted.detach()), "discriminator/augment_fake")
        real = score(signed(sharp), "discriminator/augment_real")
        loss_d = losses.LOGISTIC[0](real) + losses.LOGISTIC[1](fake)
        d.descend(loss_d, iteration)
        record.curve(loss=loss, **terms, loss_d=loss_d, sign_real=real.sign().mean(), sign_fake=fake.sign().mean())
        if iteration % r1["every"] == 0:
            penalty = losses.r1(lambda images, score=score: score(images, "r1/augment"), signed(sharp))
            d.descend(r1["gamma"] / 2 * r1["every"] * penalty, iteration)
            record.curve(r1=penalty)
        record.curve(
            **{f"learning_rate_{role[0]}": each.rate_at(iteration) for role, each in zip(OPTIMIZERS, (e, g, d))}
        )
        case.snapshot(iteration, record)

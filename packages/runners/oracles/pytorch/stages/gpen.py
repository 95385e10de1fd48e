"""GPEN (Yang et al. 2021) trained as GPEN:train_simple.py, after rosinality's StyleGAN2.

An iteration: D on images restored for it, R1; then the network on images restored again, by smooth L1 (in [-1, 1]), adversarial and
identity loss, judged by the D of that moment; path lengths from the w of the encoder; the average. Both optimizers are slowed for lazy
regularisation. The official code reckons with a smaller batch for path lengths but takes the whole one, so that is the default.
"""

import losses
import torch
from augment import judge_of
from case import Objective, build, identity, signed
from formula import Draws
from training import Average, Player

OPTIMIZER = {"learningRate": 2e-3, "betas": (0, 0.99)}
R1 = {"gamma": 10, "every": 16}
PATH_LENGTH = {"weight": 2, "every": 4, "decay": 0.01, "batchShrink": 1}
EMA_DECAY = 0.5 ** (32 / 10_000)
LOSS = {"type": "weighted-sum", "terms": [{"type": "smooth-l1"}, {"type": "gan-nonsaturating"}]}


def part_rates(network, rates):
    """What the rate of each parameter is multiplied by: one factor for the generator, one for the encoder before it."""
    return [rates.get("generator" if name.startswith("generator.") else "encoder", 1) for name, _ in network.named_parameters()]


def train(case, record):
    stage = case.stage
    network, discriminator = build(case, stage["network"]), build(case, stage["discriminator"])
    average = Average(network)
    r1, path = {**R1, **stage.get("r1", {})}, {**PATH_LENGTH, **stage.get("pathLength", {})}
    decay = stage.get("ema", {}).get("decay", EMA_DECAY)
    objective, identity_loss = Objective(case, stage.get("loss", LOSS)), identity(stage)

    def player(role, module, every):
        optimizer = stage.get("optimizers", {}).get(role, OPTIMIZER)
        return Player(stage[role], module, optimizer, record, every / (every + 1), case.iterations)

    g, d = player("network", network, path["every"]), player("discriminator", discriminator, r1["every"])
    g.factors = part_rates(network, stage.get("rates", {}))
    record.watch(stage["network"], network)
    record.watch(f"{stage['network']}.ema", average.module)
    record.watch(stage["discriminator"], discriminator)
    mean = torch.zeros(())
    for iteration in range(case.iterations):
        record.begin()
        degraded, sharp = case.images(iteration)
        score = judge_of(stage, discriminator, Draws(iteration))
        with torch.no_grad():
            image = network(signed(degraded))
        fake, real = score(image, "discriminator/augment_fake"), score(signed(sharp), "discriminator/augment_real")
        loss_d = losses.LOGISTIC[0](real) + losses.LOGISTIC[1](fake)
        d.descend(loss_d, iteration)
        record.curve(loss_d=loss_d, sign_real=real.sign().mean(), sign_fake=fake.sign().mean())
        if iteration % r1["every"] == 0:
            penalty = losses.r1(lambda images, score=score: score(images, "r1/augment"), signed(sharp))
            d.descend(r1["gamma"] / 2 * r1["every"] * penalty, iteration)
            record.curve(r1=penalty)

        image = network(signed(degraded))
        restored = (image + 1) / 2
        loss, terms = objective(restored, sharp, logits=score(image, "restorer/augment"))
        if identity_loss:
            terms["loss_identity"] = identity_loss(restored, sharp)
            loss = loss + terms["loss_identity"]
        g.descend(loss, iteration)
        record.curve(loss=loss, **terms)

        if iteration % path["every"] == 0:
            count = max(1, case.shape[0] // path["batchShrink"])
            w, features = network.encode(signed(degraded[:count]))
            y = Draws(iteration).normal("network", count, *case.shape[1:]).permute(0, 3, 1, 2)
            lengths = losses.path_lengths(lambda w, features=features: network.generator(w, features), w, y)
            moved = mean + path["decay"] * (lengths.mean() - mean)
            g.descend(path["weight"] * path["every"] * (lengths - moved).square().mean(), iteration)
            mean = moved.detach()
            record.curve(path_length=lengths.mean())

        average.update(network, decay)
        record.curve(learning_rate=g.rate_at(iteration), learning_rate_d=d.rate_at(iteration))
        case.snapshot(iteration, record)

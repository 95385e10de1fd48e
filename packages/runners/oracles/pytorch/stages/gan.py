"""A GAN trained as StyleGAN2 (Karras et al. 2020): stylegan2-ada-pytorch:training/loss.py and training_loop.py, spec "stylegan2".

The phases of an iteration, in this order: Gmain, Greg (path lengths), Dmain, Dreg (R1); each draws latents of its own, and the two
regularisers have their turn only every k-th iteration, k times as strong, with Adam slowed by k / (k + 1). Then the average of G, whose
half-life is given in images and, at the beginning, is at most a part of the images shown so far.
"""

import losses
from augment import diff_augment
from case import build, noise_count, signed, split_noise
from formula import Draws
from training import Average, Player

import torch

OPTIMIZER = {"learningRate": 2e-3, "betas": (0, 0.99)}
R1 = {"gamma": 10, "every": 16}
PATH_LENGTH = {"weight": 2, "every": 4, "decay": 0.01, "batchShrink": 2}
EMA = {"halfLife": 10_000, "rampUp": 0.05}
STYLE_MIXING = 0.9
LOSS = {"type": "gan-nonsaturating"}
DISCRIMINATOR_LOSS = {"type": "gan-logistic"}


class Phases:
    """What the phases compute, of draws by their names."""

    def __init__(self, case, generator, discriminator):
        self.generator, self.discriminator = generator, discriminator
        self.mixing = case.stage.get("styleMixing", STYLE_MIXING)
        self.augments = "diffAugment" in case.stage

    def latents(self, draws, phase, count):
        """W+ of random z. With some probability the latents from a random layer on are those of a second z (style mixing)."""
        g = self.generator
        if self.mixing == 0:
            return g.style(draws.normal(f"{phase}/z", count, g.style_width)).unsqueeze(1).repeat(1, g.latents, 1)
        first, second = g.style(draws.normal(f"{phase}/z", 2 * count, g.style_width)).chunk(2)
        mixes, where = draws.uniform(f"{phase}/mixing", 2, count)
        crossover = torch.where(mixes < self.mixing, 1 + (where * (g.latents - 1)).floor(), g.latents)
        is_first = torch.arange(g.latents).view(1, -1, 1) < crossover.view(-1, 1, 1)
        return torch.where(is_first, first.unsqueeze(1), second.unsqueeze(1))

    def synthesize(self, draws, phase, w):
        sizes, count = self.generator.noise_sizes, w.shape[0]
        drawn = draws.normal(f"{phase}/noise", noise_count(count, sizes))
        return self.generator.synthesize(w, split_noise(drawn, count, sizes))

    def images(self, draws, phase, count):
        return self.synthesize(draws, phase, self.latents(draws, phase, count))

    def score(self, draws, name, images):
        return self.discriminator(diff_augment(images, draws.uniform(name, 8, len(images))) if self.augments else images)


def ema_decay(ema, iteration, batch):
    """What is left of the average after an iteration (training_loop.py, "Update G_ema")."""
    half_life = ema["halfLife"]
    if ema["rampUp"] > 0:
        half_life = min(half_life, iteration * batch * ema["rampUp"])
    return 0.5 ** (batch / max(half_life, 1e-8))


def train(case, record):
    stage, batch = case.stage, case.shape[0]
    generator, discriminator = (build(case, stage[role]) for role in ("generator", "discriminator"))
    r1, path = {**R1, **stage.get("r1", {})}, {**PATH_LENGTH, **stage.get("pathLength", {})}
    average, ema = Average(generator), {**EMA, **stage.get("ema", {})}
    phases = Phases(case, generator, discriminator)
    generator_score = losses.GENERATOR[stage.get("loss", LOSS)["type"]]
    real_score, fake_score = losses.DISCRIMINATOR[stage.get("discriminatorLoss", DISCRIMINATOR_LOSS)["type"]]

    def player(role, module, every):
        optimizer = stage.get("optimizers", {}).get(role, OPTIMIZER)
        return Player(stage[role], module, optimizer, record, every / (every + 1) if every else 1.0, case.iterations)

    g = player("generator", generator, path["every"] if path["weight"] > 0 else None)
    d = player("discriminator", discriminator, r1["every"] if r1["gamma"] > 0 else None)
    record.watch(stage["generator"], generator)
    record.watch(f"{stage['generator']}.ema", average.module)
    record.watch(stage["discriminator"], discriminator)
    mean = torch.zeros(())
    for iteration in range(case.iterations):
        record.begin()
        draws = Draws(iteration)
        real = signed(case.images(iteration)[1])

        fake = phases.score(draws, "generator/augment", phases.images(draws, "generator", batch))
        loss_g = generator_score(fake)
        g.descend(loss_g, iteration)
        record.curve(loss_g=loss_g, sign_fake=fake.sign().mean())

        if path["weight"] > 0 and iteration % path["every"] == 0:
            count = batch // path["batchShrink"]
            w = phases.latents(draws, "path", count)
            y = draws.normal("path/y", count, generator.size, generator.size, 3).permute(0, 3, 1, 2)
            lengths = losses.path_lengths(lambda w: phases.synthesize(draws, "path", w), w, y)
            moved = mean + path["decay"] * (lengths.mean() - mean)
            penalty = (lengths - moved).square().mean()
            g.descend(path["weight"] * path["every"] * penalty, iteration)
            mean = moved.detach()
            record.curve(path_length=lengths.mean())

        with torch.no_grad():
            images = phases.images(draws, "discriminator", batch)
        fake = phases.score(draws, "discriminator/augment_fake", images)
        scores = phases.score(draws, "discriminator/augment_real", real)
        loss_d = real_score(scores) + fake_score(fake)
        d.descend(loss_d, iteration)
        record.curve(loss_d=loss_d, sign_real=scores.sign().mean())

        if r1["gamma"] > 0 and iteration % r1["every"] == 0:
            penalty = losses.r1(lambda images: phases.score(draws, "r1/augment", images), real)
            d.descend(r1["gamma"] / 2 * r1["every"] * penalty, iteration)
            record.curve(r1=penalty)

        average.update(generator, ema_decay(ema, iteration, batch))
        record.curve(
            learning_rate_g=g.rate_at(iteration), learning_rate_d=d.rate_at(iteration), images=(iteration + 1) * batch
        )
        case.snapshot(iteration, record)

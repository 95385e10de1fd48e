"""GFP-GAN (Wang et al. 2021) trained as GFPGAN:gfpgan/models/gfpgan_model.py, optimize_parameters, with options/train_gfpgan_v1.yml.

The restorer minimises reconstruction, perceptual and adversarial losses, an L1 loss of each image of the U-Net (until some iteration,
then 1e-12 times as much), an identity loss, and adversarial and style losses of eyes and mouth. Its average follows; then D, with R1 in
the same update when it has its turn, and the three discriminators of the parts, all on the images restored before.

One difference to the official code: there D's rate is not slowed by lazy regularisation, only its betas are, because the parameter group
brings the plain rate along and overrides the slowed one. Here both are slowed, as StyleGAN2 has it (appendix B).
"""

import json

import losses
import torch
import torch.nn.functional as F
from augment import judge_of
from case import Objective, build, identity, noise_count, signed, split_noise
from formula import Draws
from networks.facial_component_discriminator import PARTS, boxes, regions
from training import Average, Player

SCHEDULE = {"type": "multistep", "milestones": [600_000, 700_000], "gamma": 0.5}
OPTIMIZER = {"learningRate": 2e-3, "betas": (0, 0.99), "schedule": SCHEDULE}
COMPONENT_OPTIMIZER = {"learningRate": 2e-3, "betas": (0.9, 0.99), "schedule": SCHEDULE}
R1 = {"gamma": 10, "every": 16}
PYRAMID = {"weight": 1, "until": 50_000}
EMA_DECAY = 0.5 ** (32 / 10_000)
COMPONENTS = {"weight": 1, "style": 200}
OPTIONS = {"left_eye": "leftEye", "right_eye": "rightEye", "mouth": "mouth"}


class Components:
    """Discriminators of eyes and mouth. Every second face of a batch is mirrored."""

    def __init__(self, case, options, record):
        names = {part: options["discriminators"][OPTIONS[part]] for part in PARTS}
        self.discriminators = {part: build(case, name) for part, name in names.items()}
        self.factors = {name: options.get(name, default) for name, default in COMPONENTS.items()}
        optimizer = options.get("optimizer", COMPONENT_OPTIMIZER)
        self.players = {
            part: Player(names[part], module, optimizer, record, iterations=case.iterations)
            for part, module in self.discriminators.items()
        }
        for part, module in self.discriminators.items():
            record.watch(names[part], module)
        landmarks = list(json.loads((case.folder / options["landmarks"]).read_text()).values())
        size, of = case.shape[1], options.get("side", 512)
        self.boxes = [boxes(landmarks[i], i % 2 == 1, size, of) for i in range(case.shape[0])]

    def terms(self, restored, sharp):
        ours, theirs = regions(signed(restored), self.boxes), regions(signed(sharp), self.boxes)
        adversarial, style = 0, 0
        for part, discriminator in self.discriminators.items():
            logits, features = discriminator(ours[part])
            _, real = discriminator(theirs[part])
            adversarial = adversarial + losses.LOGISTIC[2](logits)
            shallow, deep = (losses.l1(losses.gram(a), losses.gram(b.detach())) for a, b in zip(features, real))
            style = style + 0.5 * shallow + deep
        return {
            "loss_components": self.factors["weight"] * adversarial,
            "loss_components_style": self.factors["style"] * style,
        }

    def descend(self, restored, sharp, iteration, record):
        ours, theirs = regions(signed(restored.detach()), self.boxes), regions(signed(sharp), self.boxes)
        for part, discriminator in self.discriminators.items():
            loss = losses.LOGISTIC[0](discriminator(theirs[part])[0]) + losses.LOGISTIC[1](discriminator(ours[part])[0])
            self.players[part].descend(loss, iteration)
            record.curve(**{f"loss_d_{part}": loss})


def pyramid_loss(pyramid, sharp):
    """Sum over the images of the U-Net (in [-1, 1]) of the L1 losses against the sharp one, halved again and again."""
    target, total = signed(sharp), 0
    for image in reversed(pyramid):
        total = total + losses.l1(image, target)
        target = F.interpolate(target, scale_factor=0.5, mode="bilinear", align_corners=False)
    return total


def train(case, record):
    stage = case.stage
    network, discriminator = build(case, stage["network"]), build(case, stage["discriminator"])
    average = Average(network)
    r1, pyramid = {**R1, **stage.get("r1", {})}, {**PYRAMID, **stage.get("pyramid", {})}
    decay = stage.get("ema", {}).get("decay", EMA_DECAY)
    objective, identity_loss = Objective(case, stage["loss"]), identity(stage)
    optimizers = stage.get("optimizers", {})
    g = Player(stage["network"], network, optimizers.get("network", OPTIMIZER), record, iterations=case.iterations)
    d = Player(
        stage["discriminator"],
        discriminator,
        optimizers.get("discriminator", OPTIMIZER),
        record,
        r1["every"] / (r1["every"] + 1),
        case.iterations,
    )
    record.watch(stage["network"], network)
    record.watch(f"{stage['network']}.ema", average.module)
    record.watch(stage["discriminator"], discriminator)
    components = Components(case, stage["components"], record) if "components" in stage else None
    sizes, count = network.stylegan_decoder.noise_sizes, case.shape[0]
    for iteration in range(case.iterations):
        record.begin()
        degraded, sharp = case.images(iteration)
        draws = Draws(iteration)
        score = judge_of(stage, discriminator, draws)
        noise = split_noise(draws.normal("network", noise_count(count, sizes)), count, sizes)
        image, rgbs = network(signed(degraded), noise)
        restored = (image + 1) / 2
        loss, terms = objective(restored, sharp, logits=score(image, "restorer/augment"))
        weight = pyramid["weight"] * (1 if iteration < pyramid["until"] else 1e-12)
        terms["loss_pyramid"] = weight * pyramid_loss(rgbs, sharp)
        loss = loss + terms["loss_pyramid"]
        if identity_loss:
            terms["loss_identity"] = identity_loss(restored, sharp)
            loss = loss + terms["loss_identity"]
        if components:
            of_components = components.terms(restored, sharp)
            loss = loss + sum(of_components.values())
            terms.update(of_components)
        g.descend(loss, iteration)
        average.update(network, decay)

        fake = score(image.detach(), "discriminator/augment_fake")
        real = score(signed(sharp), "discriminator/augment_real")
        loss_d = losses.LOGISTIC[0](real) + losses.LOGISTIC[1](fake)
        total = loss_d
        if iteration % r1["every"] == 0:
            penalty = losses.r1(lambda images, score=score: score(images, "r1/augment"), signed(sharp))
            total = total + r1["gamma"] / 2 * r1["every"] * penalty
            record.curve(r1=penalty)
        d.descend(total, iteration)
        record.curve(loss=loss, **terms, loss_d=loss_d, sign_real=real.sign().mean(), sign_fake=fake.sign().mean())
        if components:
            components.descend(restored, sharp, iteration, record)
        record.curve(learning_rate=g.rate_at(iteration), learning_rate_d=d.rate_at(iteration))
        case.snapshot(iteration, record)

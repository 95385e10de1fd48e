"""Losses by their formulas, those of BasicSR by its package."""

import re

import torch
import torch.nn.functional as F

from families import gfpgan as _prepares_basicsr  # noqa: F401
from basicsr.losses.basic_loss import CharbonnierLoss, WeightedTVLoss
from basicsr.losses.gan_loss import GANLoss

LUMA = (65.481, 128.553, 24.966)


def psnr(prediction, target, to_y):
    difference = prediction - target
    if to_y:
        weights = torch.tensor(LUMA, dtype=difference.dtype) / 255
        difference = (difference * weights.view(1, 3, 1, 1)).sum(1, keepdim=True)
    return 10 * torch.log10(difference.square().mean((1, 2, 3)) + 1e-8).mean()


def image_loss(name, prediction, target):
    """`KIND_SETTING_...` such as `charbonnier_eps1e-3`, `psnrloss_toY_w0.5`."""
    kind, *settings = name.split("_")
    numbers = {match[1]: float(match[2]) for s in settings if (match := re.fullmatch(r"(w|eps|beta)([\d.e-]+)", s))}
    weight = numbers.get("w", 1.0)
    if kind == "l1":
        return weight * F.l1_loss(prediction, target)
    if kind == "mse":
        return weight * F.mse_loss(prediction, target)
    if kind == "charbonnier":
        return CharbonnierLoss(weight, eps=numbers.get("eps", 1e-12))(prediction, target)
    if kind == "psnrloss":
        return weight * psnr(prediction, target, "toY" in settings)
    if kind == "tv":
        return WeightedTVLoss(weight)(prediction)
    if kind == "smoothl1":
        scale = 2 if "signed" in settings else 1
        return weight * F.smooth_l1_loss(scale * prediction, scale * target, beta=numbers.get("beta", 1.0))
    raise ValueError(name)


def logits_loss(case, name, logits):
    """Losses of logits, and the names of those that they take; None for a loss between images."""
    if name == "d_logistic":
        return lambda real, fake: F.softplus(-real).mean() + F.softplus(fake).mean(), ["real", "fake"]
    if name.startswith("g_nonsaturating"):
        return lambda fake: F.softplus(-fake).mean(), [name.removeprefix("g_nonsaturating").strip("_") or "fake"]
    match = re.fullmatch(r"ganloss_(\w+)\.(d_real|d_fake|g)", name)
    if not match:
        return None
    loss = GANLoss(match[1], loss_weight=case.config["ganloss_weight"])
    is_real = match[2] != "d_fake"
    return lambda x: loss(x, is_real, is_disc=match[2] != "g"), ["real" if match[2] == "d_real" else "fake"]


def compute(case):
    prediction, target = case.tensor("pred").requires_grad_(True), case.tensor("target")
    logits = {name[: -len("_logits")]: case.tensor(name) for name in case.tensors if name.endswith("_logits")}
    outputs = {}
    for name in case.config.get("losses") or [n for n, t in case.tensors.items() if t["role"] == "output" and not n.startswith("grad.")]:
        if name.endswith("_identical"):
            outputs[name] = image_loss(name.removesuffix("_identical"), prediction, prediction.detach())
            continue
        found = logits_loss(case, name, logits)
        if found is None:
            outputs[name] = image_loss(name, prediction, target)
            (outputs[f"grad.{name}.pred"],) = torch.autograd.grad(outputs[name], prediction)
            continue
        compute_loss, which = found
        at = [logits[side].clone().requires_grad_(True) for side in which]
        outputs[name] = compute_loss(*at)
        for side, gradient in zip(which, torch.autograd.grad(outputs[name], at)):
            outputs[f"grad.{name}.{side}"] = gradient
    return outputs

"""The terms of all objectives, as the papers and the official code have them. Images are (N, 3, H, W) in [0, 1]."""

import math

import torch
import torch.nn.functional as F


def l1(x, y):
    return (x - y).abs().mean()


def psnr(x, y):
    """Negative PSNR in decibels (NAFNet:basicsr/models/losses/losses.py, PSNRLoss)."""
    mse = (x - y).square().mean((1, 2, 3))
    return 10 / math.log(10) * torch.log(mse + 1e-8).mean()


def charbonnier(x, y, epsilon=1e-12):
    """BasicSR:basicsr/losses/basic_loss.py, CharbonnierLoss."""
    return torch.sqrt((x - y).square() + epsilon).mean()


def smooth_l1_signed(x, y):
    """torch.nn.SmoothL1Loss of images in [-1, 1] (GPEN:train_simple.py)."""
    return F.smooth_l1_loss(2 * x - 1, 2 * y - 1)


def lpips(trunk, heads, x, y):
    """PerceptualSimilarity:lpips/lpips.py: weighted squared differences of unit feature vectors, mean over positions, sum over layers."""
    a, b = trunk(x), trunk(y)
    total = 0
    for name, head in heads.items():
        difference = (unit(a[name]) - unit(b[name])).square()
        total = total + (difference * head.view(1, -1, 1, 1)).sum(1).mean((1, 2))
    return total.mean()


def unit(features):
    return features / (torch.linalg.vector_norm(features, dim=1, keepdim=True) + 1e-10)


def contextual(x, y, bandwidth=0.5):
    """Contextual loss of feature maps (Mechrez et al. 2018; contextual_loss_pytorch:functional.py)."""
    centre = y.mean((0, 2, 3), keepdim=True)
    x, y = (F.normalize(features - centre, dim=1).flatten(2) for features in (x, y))
    distance = 1 - x.transpose(1, 2) @ y
    relative = distance / (distance.amin(2, keepdim=True) + 1e-5)
    affinity = torch.softmax((1 - relative) / bandwidth, 2)
    return -torch.log(affinity.amax(1).mean(1) + 1e-5).mean()


def patchwise_contextual(trunk, layer, patch, x, y):
    """The mean of the contextual losses of the patches of x and y at each place, as equation 4 is applied "patch by patch"."""
    places = [(top, left) for top in range(0, x.shape[2], patch) for left in range(0, x.shape[3], patch)]

    def cut(image, top, left):
        return image[:, :, top : top + patch, left : left + patch]

    values = [contextual(trunk(cut(x, *place))[layer], trunk(cut(y, *place))[layer]) for place in places]
    return torch.stack(values).mean()


def contextual_of_cut_maps(trunk, layer, patch, x, y, direction):
    """The same of squares that are cut from the feature maps of whole images; `direction`: whose features look for the nearest ones."""
    a, b = trunk(x)[layer], trunk(y)[layer]
    side = round(patch * a.shape[2] / x.shape[2])
    values = []
    for top in range(0, a.shape[2], side):
        for left in range(0, a.shape[3], side):
            ours, theirs = (features[:, :, top : top + side, left : left + side] for features in (a, b))
            both = {"target": contextual(ours, theirs), "prediction": contextual(theirs, ours)}
            values.append(sum(both.values()) / 2 if direction == "both" else both[direction])
    return torch.stack(values).mean()


def gram(features):
    n, c, h, w = features.shape
    flat = features.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (c * h * w)


def perceptual(trunk, layer_weights, x, y, content=1.0, style=50.0):
    """BasicSR:basicsr/losses/basic_loss.py, PerceptualLoss with criterion l1."""
    a, b = trunk(x), trunk(y)
    total = 0
    for name, factor in layer_weights.items():
        total = total + factor * content * l1(a[name], b[name]) + factor * style * l1(gram(a[name]), gram(b[name]))
    return total


# Adversarial losses: of D for real and for fake logits, of G. BasicSR:basicsr/losses/gan_loss.py.
LOGISTIC = (
    lambda real: F.softplus(-real).mean(),
    lambda fake: F.softplus(fake).mean(),
    lambda fake: F.softplus(-fake).mean(),
)
HINGE = (lambda real: F.relu(1 - real).mean(), lambda fake: F.relu(1 + fake).mean(), lambda fake: -fake.mean())
# By the types of `loss` (of the generator) and `discriminatorLoss`.
GENERATOR = {"gan-nonsaturating": LOGISTIC[2], "gan-wasserstein": HINGE[2]}
DISCRIMINATOR = {"gan-logistic": LOGISTIC[:2], "gan-hinge-discriminator": HINGE[:2]}


def r1(discriminator, real):
    """|gradient of the logits with respect to real images|^2, mean over images (Mescheder et al. 2018); without gamma / 2."""
    real = real.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def path_lengths(synthesize, latents, noise):
    """|J' y| of each image, y random over the root of its pixels (Karras et al. 2020, section 3.2); latents are W+."""
    image = synthesize(latents)
    y = noise / math.sqrt(image.shape[2] * image.shape[3])
    (gradient,) = torch.autograd.grad((image * y).sum(), latents, create_graph=True)
    return gradient.square().sum(2).mean(1).sqrt()

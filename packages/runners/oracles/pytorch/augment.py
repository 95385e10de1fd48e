"""DiffAugment (Zhao et al. 2020; data-efficient-gans:DiffAugment_pytorch.py), policy color,translation,cutout."""

import torch

# Which row of the drawn numbers decides what.
ROWS = {"brightness": 7, "saturation": 6, "contrast": 5, "down": 4, "across": 3, "cut_down": 2, "cut_across": 1}


def diff_augment(x, unit, translation=1 / 8, cutout=1 / 2):
    """Images (N, C, H, W) in [-1, 1]; `unit` (8, N) numbers in [0, 1)."""
    n, _, height, width = x.shape
    drawn = {name: unit[row].view(n, 1, 1, 1) for name, row in ROWS.items()}
    x = x + drawn["brightness"] - 0.5
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * (2 * drawn["saturation"]) + grey
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * (drawn["contrast"] + 0.5) + mean
    images = []
    for i, image in enumerate(x):
        down, across = (
            offset(drawn[name][i], side, translation) for name, side in (("down", height), ("across", width))
        )
        row, column = (
            centre(drawn[name][i], side, cutout) for name, side in (("cut_down", height), ("cut_across", width))
        )
        images.append(cut(shifted(image, down, across), row, column, cutout))
    return torch.stack(images)


def judge_of(stage, discriminator, draws):
    """The discriminator as it looks at images (N, 3, H, W) in [-1, 1] in an iteration; each look is augmented in a way of its own."""

    def score(images, look):
        seen = diff_augment(images, draws.uniform(look, 8, len(images))) if "diffAugment" in stage else images
        return discriminator(seen)

    return score


def offset(unit, side, ratio):
    """A whole number of pixels in [-most, most]."""
    most = int(side * ratio + 0.5)
    return int(unit * (2 * most + 1)) - most


def centre(unit, side, ratio):
    return int(unit * (side + 1 - int(side * ratio + 0.5) % 2))


def shifted(image, down, across):
    """Moved; zeros move in."""
    result = torch.zeros_like(image)
    _, height, width = image.shape
    to_rows = slice(max(down, 0), height + min(down, 0))
    from_rows = slice(max(-down, 0), height + min(-down, 0))
    to_columns = slice(max(across, 0), width + min(across, 0))
    from_columns = slice(max(-across, 0), width + min(-across, 0))
    result[:, to_rows, to_columns] = image[:, from_rows, from_columns]
    return result


def cut(image, row, column, ratio):
    """A square of zeros around a pixel."""
    mask = torch.ones_like(image)
    _, height, width = image.shape
    tall, wide = int(height * ratio + 0.5), int(width * ratio + 0.5)
    top, left = row - tall // 2, column - wide // 2
    mask[:, max(top, 0) : max(top + tall, 0), max(left, 0) : max(left + wide, 0)] = 0
    return image * mask

"""NAFNet: the counterpart of the benchmarks, and the test-time local converter (Chu et al. 2022)."""

import torch
import torch.nn.functional as F
from torch import nn

from bench_peer import nafnet as peer
from case import gradients, projected, with_gradients

STEPS = (5, 4, 3, 2, 1)


class LocalMean(nn.Module):
    """The mean over a window around each pixel, 1.5 times the training size at this level."""

    def __init__(self, train_size, level_size, fast):
        super().__init__()
        windows = zip(train_size, level_size)
        self.window = [level * int(1.5 * train) // train for train, level in windows]
        self.coarsest = [max(1, STEPS[0] * level // train) for train, level in zip(train_size, level_size)]
        self.fast = fast

    def forward(self, x):
        size = x.shape[-2:]
        if all(window >= length for window, length in zip(self.window, size)):
            return x.mean((2, 3), keepdim=True)
        means = self.coarse(x, size) if self.fast else self.fine(x, size)
        missing = [whole - part for whole, part in zip(size, means.shape[-2:])]
        left, top = missing[1] // 2, missing[0] // 2
        return F.pad(means, (left, missing[1] - left, top, missing[0] - top), mode="replicate")

    def fine(self, x, size):
        return F.avg_pool2d(x, [min(window, length) for window, length in zip(self.window, size)], stride=1)

    def coarse(self, x, size):
        """Of every few pixels. The official code lacks the zero in front of its running sum, so the first sample is in no window."""
        steps = [min(most, next(r for r in STEPS if n % r == 0)) for most, n in zip(self.coarsest, size)]
        sampled = x[:, :, :: steps[0], :: steps[1]]
        window = [min(n - 1, w // r) for n, w, r in zip(sampled.shape[-2:], self.window, steps)]
        means = F.avg_pool2d(sampled[:, :, 1:, 1:], window, stride=1)
        return means.repeat_interleave(steps[0], 2).repeat_interleave(steps[1], 3)


def localise(network, train_size, fast):
    """Replaces each mean over the whole image by a local mean."""
    multiple = network.multiple
    padded = [-(-length // multiple) * multiple for length in train_size]
    levels = len(network.encoders)
    groups = [*enumerate(network.encoders), (levels, network.middle_blks)]
    groups += [(levels - 1 - i, decoder) for i, decoder in enumerate(network.decoders)]
    for level, blocks in groups:
        for block in blocks:
            block.sca[0] = LocalMean(train_size, [length // 2**level for length in padded], fast)


def build(config):
    network = peer.NAFNet(
        width=config["width"],
        encoderBlocks=config["enc_blk_nums"],
        middleBlocks=config["middle_blk_num"],
        decoderBlocks=config["dec_blk_nums"],
        imageChannels=config.get("img_channel", 3),
        depthwiseExpansion=config.get("DW_Expand", 2),
        ffnExpansion=config.get("FFN_Expand", 2),
    )
    if "train_size" in config:
        localise(network, config["train_size"][2:], config.get("fast_imp", False))
    return network


def compute(case):
    network = case.fill(build(case.config))
    outputs = {}
    for name in [name for name in case.tensors if name.startswith("input")]:
        suffix = name.removeprefix("input")
        image = case.tensor(name)
        at = with_gradients(network, {"input": image})
        (restored,) = network(image)
        outputs[f"output{suffix}"] = restored
        if not case.has(f"R{suffix}"):
            continue
        loss = projected(restored, case.tensor(f"R{suffix}"))
        outputs[f"loss{suffix}"] = loss
        outputs |= gradients(loss, at, f"grad{suffix}.")
    return outputs

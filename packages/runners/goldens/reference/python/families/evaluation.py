"""
A table of three methods on four images: PSNR and SSIM by scikit-image, LPIPS by `lpips`, the Frechet distance by `pytorch-fid`, KID by its
formula. Networks have the weights of the formula, methods are filters whose results are far from where 8 bits round.
"""

import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytorch_fid.inception
import torch
from pytorch_fid.fid_score import calculate_frechet_distance, get_activations
from pytorch_fid.inception import InceptionV3
from skimage.color import rgb2ycbcr
from skimage.io import imsave
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from families.metrics import kid
from families.perceptual import lpips_network

ALIGNED = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}


def degraded(sharp):
    """Every second row and column, twice."""
    return sharp[1::2, 1::2].repeat(2, 0).repeat(2, 1)


def filtered(image, kernel, bias):
    """x + convolution of [0, 1] with zeros around it: kernel (out, in, 3, 3), bias (out)."""
    x = torch.from_numpy(image).double().permute(2, 0, 1)[None] / 255
    y = x + torch.nn.functional.conv2d(x, torch.tensor(kernel).double(), torch.tensor(bias).double(), padding=1)
    levels = 255 * y.clip(0, 1)
    assert ((levels - levels.floor() - 0.5).abs() > 0.1).all(), "a result is near where it is rounded"
    return levels.round()[0].permute(1, 2, 0).numpy().astype(np.uint8)


def inception(case, dims):
    """pytorch-fid's network with the weights of the formula instead of the file that it downloads."""
    plain = pytorch_fid.inception.fid_inception_v3

    def made():
        with mock.patch("pytorch_fid.inception.load_state_dict_from_url", return_value={}):
            with mock.patch("torch.nn.Module.load_state_dict"):
                network = plain()
        return case.fill(network, "inception:", gain=2.5)

    with mock.patch("pytorch_fid.inception.fid_inception_v3", made):
        return InceptionV3([InceptionV3.BLOCK_INDEX_BY_DIM[dims]]).eval()


def vectors(case, images, dims):
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / f"{i}.png") for i in range(len(images))]
        for file, image in zip(files, images):
            imsave(file, image, check_contrast=False)
        network = inception(case, dims).float()
        return np.concatenate([get_activations([file], network, batch_size=1, dims=dims, device="cpu", num_workers=0) for file in files])


def frechet(x, y):
    of = [(v.astype(np.float64).mean(0), np.cov(v.astype(np.float64), rowvar=False)) for v in (x, y)]
    return calculate_frechet_distance(*of[0], *of[1])


def of_image(case, network, restored, sharp):
    """The metrics that have a value for each image."""
    pair = [torch.from_numpy(image).to(case.dtype).permute(2, 0, 1)[None] / 255 for image in (restored, sharp)]
    luma = [rgb2ycbcr(image)[..., 0] for image in (restored, sharp)]
    inner = tuple([slice(case.config["cropBorder"], -case.config["cropBorder"])] * 2)
    with torch.no_grad():
        distance = network(*pair, normalize=True).item()
    return {
        "lpips": distance,
        "psnr": peak_signal_noise_ratio(sharp, restored, data_range=255),
        "ssim": structural_similarity(restored, sharp, channel_axis=2, **ALIGNED),
        "psnr_y": peak_signal_noise_ratio(luma[1][inner], luma[0][inner], data_range=255),
    }


def compute(case):
    sharp = [case.array(name) for name in sorted(case.tensors) if name.startswith("image")]
    rows = {"input": [degraded(image) for image in sharp]}
    for method in case.config["methods"]:
        rows[method["name"]] = [filtered(image, method["kernel"], method["bias"]) for image in rows["input"]]
    network = lpips_network(case)
    each = [[of_image(case, network, *pair) for pair in zip(images, sharp)] for images in rows.values()]
    outputs = {}
    for column in each[0][0]:
        values = np.array([[found[column] for found in images] for images in each])
        outputs |= {f"images.{column}": values, f"table.{column}": values.mean(1)}
    for column, dims in (("fid", 2048), ("fid_192", 192)):
        known = vectors(case, sharp, dims)
        found = [vectors(case, images, dims) for images in rows.values()]
        outputs[f"table.{column}"] = np.array([frechet(x, known) for x in found])
        if dims == 2048:
            outputs["table.kid"] = np.array([kid(x.astype(np.float64), known.astype(np.float64), paired=True) for x in found])
    return outputs

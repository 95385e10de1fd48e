"""PSNR and SSIM by scikit-image and BasicSR, the Frechet distance by pytorch-fid, KID by its formula."""

import numpy as np
from pytorch_fid.fid_score import calculate_frechet_distance
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from families import gfpgan as _prepares_basicsr  # noqa: F401
from basicsr.metrics import calculate_psnr, calculate_ssim


def compute_psnr_ssim(case):
    """The stored channels are B, G, R."""
    outputs = {}
    for pair in sorted({name.split(".")[0] for name in case.tensors}):
        images = [case.array(f"{pair}.{name}") for name in ("img1", "img2")]

        def similarity(**options):
            return structural_similarity(*images, channel_axis=2, data_range=255, **options)

        gaussian = {"gaussian_weights": True, "sigma": 1.5}
        outputs |= {
            f"{pair}.psnr_rgb": calculate_psnr(*images, crop_border=0),
            f"{pair}.psnr_y": calculate_psnr(*images, crop_border=0, test_y_channel=True),
            f"{pair}.psnr_rgb_crop4": calculate_psnr(*images, crop_border=4),
            f"{pair}.ssim_rgb": calculate_ssim(*images, crop_border=0),
            f"{pair}.ssim_y": calculate_ssim(*images, crop_border=0, test_y_channel=True),
            f"{pair}.ssim_rgb_crop4": calculate_ssim(*images, crop_border=4),
            f"{pair}.skimage_psnr": peak_signal_noise_ratio(*images, data_range=255),
            f"{pair}.skimage_ssim_gauss": similarity(**gaussian, use_sample_covariance=False),
            f"{pair}.skimage_ssim_gauss_samplecov": similarity(**gaussian),
            f"{pair}.skimage_ssim_default": similarity(),
        }
    return {name: np.array([value]) for name, value in outputs.items()}


def compute_frechet(case):
    """`fid_eigh`: the same trace of the root by a symmetric eigen-decomposition, exact for fewer vectors than dimensions too."""
    outputs = {}
    for pair in sorted({name.split(".")[0] for name in case.tensors}):
        for i in "12":
            features = case.array(f"{pair}.features{i}").astype(np.float64)
            outputs |= {f"{pair}.mu{i}": features.mean(0), f"{pair}.sigma{i}": np.cov(features, rowvar=False)}
        mu1, mu2, sigma1, sigma2 = (outputs[f"{pair}.{name}"] for name in ("mu1", "mu2", "sigma1", "sigma2"))
        values, vectors = np.linalg.eigh(sigma1)
        root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
        trace = np.sqrt(np.linalg.eigvalsh(root @ sigma2 @ root).clip(0)).sum()
        exact = ((mu1 - mu2) ** 2).sum() + np.trace(sigma1) + np.trace(sigma2) - 2 * trace
        outputs |= {f"{pair}.fid_eigh": np.array([exact])}
        outputs |= {f"{pair}.fid": np.array([calculate_frechet_distance(mu1, sigma1, mu2, sigma2)])}
    return outputs


def kid(x, y, paired):
    """Binkowski et al. 2018, unbiased. `paired` (Gretton et al. 2012, lemma 6): without the kernel of x_i and y_i."""
    count, width = x.shape
    kernel = lambda a, b: (a @ b.T / width + 1) ** 3  # noqa: E731
    others = ~np.eye(count, dtype=bool)
    own = (kernel(x, x)[others].mean() + kernel(y, y)[others].mean()) if count > 1 else 0
    across = kernel(x, y)
    return own - 2 * (across[others].mean() if paired else across.mean())


def compute_kid(case):
    x, y = (case.array(name).astype(np.float64) for name in ("x", "y"))
    return {name: np.array([kid(x, y, paired)]) for name, paired in (("u-statistic", True), ("unbiased", False))}

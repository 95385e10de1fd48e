"""
Writes official.json: what the official code of BasicSR, GFPGAN and Real-ESRGAN makes of a picture.

    pip install torch==2.13.0 numpy scipy opencv-python-headless==5.0.0
    python official.py BASICSR GFPGAN REAL_ESRGAN > official.json

Arguments are checkouts of XPixelGroup/BasicSR, TencentARC/GFPGAN and xinntao/Real-ESRGAN. Their classes run as they are; what they import beside
(file clients, loggers, registries, CUDA) is replaced here by what does nothing.

`kernels`, `images`: exact numbers. `presets`: for each statistic of a degraded picture, the 5 %, 10 %, ... 95 % quantiles of 1,000 pictures.
"""

import importlib.util
import json
import math
import random
import sys
import types
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

BASICSR, GFPGAN, REAL_ESRGAN = (Path(each) for each in sys.argv[1:4])
SIDE = 80
COUNT = 1000


def picture(width, height):
    """RGB, 8 bits."""
    y, x, c = np.mgrid[:height, :width, :3].astype(np.float64)
    value = 128 + 60 * np.sin(x / 7 + c) * np.cos(y / 5 - c) + 40 * np.sign(np.sin(x / 9 + y / 11)) + 20 * np.sin(x * y / 15)
    return np.clip(np.floor(value), 0, 255).astype(np.uint8)


class Registry:
    def register(self):
        return lambda each: each


def module(name, **members):
    found = types.ModuleType(name)
    found.__dict__.update(members)
    sys.modules[name] = found
    return found


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


def to_tensors(images, bgr2rgb=True, float32=True):
    def one(image):
        turned = cv2.cvtColor(image, cv2.COLOR_BGR2RGB) if bgr2rgb else image
        return torch.from_numpy(np.ascontiguousarray(turned.transpose(2, 0, 1))).float()

    return [one(image) for image in images] if isinstance(images, list) else one(images)


def grey(image, num_output_channels=1):
    """torchvision's rgb_to_grayscale."""
    r, g, b = image.unbind(dim=-3)
    return (0.2989 * r + 0.587 * g + 0.114 * b).unsqueeze(-3).expand(*image.shape[:-3], num_output_channels, *image.shape[-2:])


def blend(first, second, ratio):
    return (ratio * first + (1 - ratio) * second).clamp(0, 1)


def hue(image, factor):
    """torchvision's adjust_hue, by OpenCV's hexcone model."""
    array = cv2.cvtColor(np.ascontiguousarray(image.numpy().transpose(1, 2, 0)), cv2.COLOR_RGB2HSV)
    array[:, :, 0] = (array[:, :, 0] + 360 * factor) % 360
    return torch.from_numpy(cv2.cvtColor(array, cv2.COLOR_HSV2RGB).transpose(2, 0, 1).copy())


COLOURS = dict(
    adjust_brightness=lambda image, by: blend(image, torch.zeros_like(image), by),
    adjust_contrast=lambda image, by: blend(image, grey(image).mean(), by),
    adjust_saturation=lambda image, by: blend(image, grey(image), by),
    adjust_hue=hue,
)

module("torchvision")
module("torchvision.transforms")
module("torchvision.transforms.functional", rgb_to_grayscale=grey, normalize=lambda *_, **__: None, **COLOURS)
module("basicsr")
module("basicsr.data")
module("basicsr.models")
module("basicsr.models.srgan_model", SRGANModel=object)
module("basicsr.utils.registry", DATASET_REGISTRY=Registry(), MODEL_REGISTRY=Registry())
diffjpeg = load("basicsr.utils.diffjpeg", BASICSR / "basicsr/utils/diffjpeg.py")
process = load("basicsr.utils.img_process_util", BASICSR / "basicsr/utils/img_process_util.py")
degradations = load("basicsr.data.degradations", BASICSR / "basicsr/data/degradations.py")
sys.modules["basicsr.data"].degradations = degradations
compress = degradations.add_jpg_compression
degradations.add_jpg_compression = lambda image, quality: compress(image, int(quality))  # as OpenCV 4 did itself


class Client:
    """Reads the picture, whatever is asked for."""

    def __init__(self, *_, **__):
        pass

    def get(self, *_):
        return None


def nothing(*_, **__):
    class Logger:
        def info(self, *_):
            pass

        warn = info

    return Logger()


def bgr(_bytes, float32=True):
    return picture(SIDE, SIDE)[:, :, ::-1].astype(np.float32) / 255


module(
    "basicsr.utils",
    FileClient=Client,
    get_root_logger=nothing,
    imfrombytes=bgr,
    img2tensor=to_tensors,
    DiffJPEG=diffjpeg.DiffJPEG,
    USMSharp=process.USMSharp,
)
module("basicsr.data.data_util", paths_from_folder=lambda *_: ["picture"])
module(
    "basicsr.data.transforms",
    augment=lambda image, *_, return_status=False, **__: (image, (False,)) if return_status else image,
    paired_random_crop=lambda gts, lq, *_: (gts, lq),
)
faces = load("gfpgan_dataset", GFPGAN / "gfpgan/data/ffhq_degradation_dataset.py")
real_data = load("realesrgan_dataset", REAL_ESRGAN / "realesrgan/data/realesrgan_dataset.py")
real_model = load("realesrgan_model", REAL_ESRGAN / "realesrgan/models/realesrgan_model.py")

GFPGAN_V1 = dict(
    io_backend=dict(type="disk"), dataroot_gt="", mean=[0.5] * 3, std=[0.5] * 3, out_size=SIDE, use_hflip=False,
    blur_kernel_size=41, kernel_list=["iso", "aniso"], kernel_prob=[0.5, 0.5], blur_sigma=[0.1, 10], downsample_range=[0.8, 8],
    noise_range=[0, 20], jpeg_range=[60, 100], color_jitter_prob=0.3, color_jitter_shift=20, color_jitter_pt_prob=0.3, gray_prob=0.01,
)  # fmt: skip

KERNELS = ["iso", "aniso", "generalized_iso", "generalized_aniso", "plateau_iso", "plateau_aniso"]
SHARES = [0.45, 0.25, 0.12, 0.03, 0.12, 0.03]
X4PLUS_DATA = dict(
    blur_kernel_size=21, kernel_list=KERNELS, kernel_prob=SHARES, sinc_prob=0.1, blur_sigma=[0.2, 3], betag_range=[0.5, 4], betap_range=[1, 2],
    blur_kernel_size2=21, kernel_list2=KERNELS, kernel_prob2=SHARES, sinc_prob2=0.1, blur_sigma2=[0.2, 1.5], betag_range2=[0.5, 4], betap_range2=[1, 2],
    final_sinc_prob=0.8, use_hflip=False, use_rot=False,
)  # fmt: skip
X4PLUS = dict(
    scale=1, gt_size=SIDE, high_order_degradation=True,
    resize_prob=[0.2, 0.7, 0.1], resize_range=[0.15, 1.5], gaussian_noise_prob=0.5, noise_range=[1, 30], poisson_scale_range=[0.05, 3],
    gray_noise_prob=0.4, jpeg_range=[30, 95],
    second_blur_prob=0.8, resize_prob2=[0.3, 0.4, 0.3], resize_range2=[0.3, 1.2], gaussian_noise_prob2=0.5, noise_range2=[1, 25],
    poisson_scale_range2=[0.05, 2.5], gray_noise_prob2=0.4, jpeg_range2=[30, 95],
)  # fmt: skip


def gfpgan():
    data = faces.FFHQDegradationDataset({**GFPGAN_V1, "io_backend": dict(GFPGAN_V1["io_backend"])})
    for _ in range(COUNT):
        yield data[0]["lq"].numpy()


def real_esrgan():
    options = {**X4PLUS_DATA, "io_backend": dict(type="disk"), "dataroot_gt": ""}
    data = real_data.RealESRGANDataset.__new__(real_data.RealESRGANDataset)
    data.opt, data.file_client, data.io_backend_opt, data.paths = options, Client(), {}, ["picture"]
    for key, value in X4PLUS_DATA.items():
        setattr(data, key, value)
    data.kernel_range = [2 * v + 1 for v in range(3, 11)]
    data.pulse_tensor = torch.zeros(21, 21).float()
    data.pulse_tensor[10, 10] = 1
    model = real_model.RealESRGANModel.__new__(real_model.RealESRGANModel)
    model.opt, model.is_train, model.device = X4PLUS, True, "cpu"
    model.jpeger, model.usm_sharpener = diffjpeg.DiffJPEG(differentiable=False), process.USMSharp()
    model._dequeue_and_enqueue = lambda: None
    for _ in range(COUNT):
        item = data[0]
        model.feed_data({key: value[None, :, :SIDE, :SIDE] if key == "gt" else value[None] for key, value in item.items() if key != "gt_path"})
        yield model.lq[0].numpy()


def statistics(degraded):
    """Of an RGB image in 0 .. 1, CHW."""
    sharp = picture(SIDE, SIDE).transpose(2, 0, 1) / 255.0
    image = degraded.astype(np.float64)
    luma = 0.299 * image[0] + 0.587 * image[1] + 0.114 * image[2]
    laplacian = 4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
    return dict(
        error=float(np.sqrt(((image - sharp) ** 2).mean())),
        mean=float(image.mean()),
        contrast=float(luma.std()),
        detail=float(np.sqrt((laplacian**2).mean())),
        across=float(np.abs(np.diff(luma, axis=1)).mean()),
        down=float(np.abs(np.diff(luma, axis=0)).mean()),
        colour=float(np.abs(image[0] - image[2]).mean()),
    )


def quantiles(images):
    found = [statistics(image) for image in images]
    shares = np.arange(0.05, 0.96, 0.05)
    return {key: [round(float(v), 6) for v in np.quantile([each[key] for each in found], shares)] for key in found[0]}


def kernels():
    cases = []
    for profile, make in (
        ("gaussian", lambda *a, **k: degradations.bivariate_Gaussian(*a[:4], **k)),
        ("generalized", degradations.bivariate_generalized_Gaussian),
        ("plateau", degradations.bivariate_plateau),
    ):
        for isotropic in (True, False):
            kernel = make(9, 1.7, 0.8, 0.6, 1.6, isotropic=isotropic)
            cases.append(dict(profile=profile, isotropic=isotropic, data=rounded(kernel)))
    sinc = [dict(size=size, cutoff=cutoff, data=rounded(degradations.circular_lowpass_kernel(cutoff, size))) for size, cutoff in ((7, 2.0), (21, 1.1))]
    return dict(size=9, sigma=[1.7, 0.8], rotation=0.6, beta=1.6, cases=cases, sinc=sinc)


def rounded(values, digits=8):
    return [round(float(v), digits) for v in np.asarray(values, dtype=np.float64).ravel()]


def images():
    small = torch.from_numpy(picture(13, 9).transpose(2, 0, 1).astype(np.float32))[None]
    hwc = lambda tensor: rounded(tensor[0].numpy().transpose(1, 2, 0), 3)
    sizes = []
    for mode in ("area", "bilinear", "bicubic"):
        for height, width in ((5, 6), (14, 20)):
            align = {} if mode == "area" else dict(align_corners=False)
            sizes.append(dict(mode=mode, width=width, height=height, data=hwc(F.interpolate(small, size=(height, width), mode=mode, **align))))
    cv = cv2.resize(picture(13, 9).astype(np.float32), (6, 5), interpolation=cv2.INTER_LINEAR)
    unit = torch.from_numpy(picture(30, 28).transpose(2, 0, 1).astype(np.float32) / 255)[None]
    usm = process.USMSharp(radius=21)
    jittered = [dict(name=name[7:], by=by, data=rounded(255 * change(unit[0], by).numpy().transpose(1, 2, 0), 3)) for (name, change), by in zip(COLOURS.items(), (0.7, 1.4, 0.3, 0.08))]
    return dict(sizes=sizes, opencv=rounded(cv, 3), sharpened=hwc(255 * usm(unit)), jittered=jittered)


def poisson():
    """Standard deviation of the noise at some grey levels, of the official formula with scale 1."""
    levels = [20, 90, 200]
    ramp = np.tile(np.array(levels, dtype=np.float32)[:, None, None] / 255, (1, 20000, 3))
    noise = degradations.generate_poisson_noise(ramp, 1.0, False)
    return dict(levels=levels, deviations=[round(float(each.std() * 255), 3) for each in noise])


random.seed(0)
np.random.seed(0)
torch.manual_seed(0)
torch.set_num_threads(1)
found = dict(kernels=kernels(), images=images(), poisson=poisson(), count=COUNT)
with torch.no_grad():
    found["presets"] = {"gfpgan": quantiles(gfpgan()), "real-esrgan": quantiles(real_esrgan())}
print(json.dumps(found))

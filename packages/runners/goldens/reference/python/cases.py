"""All cases: what each is computed from, and which outputs are kept (patterns; default: all)."""

import numpy as np

import formula
from case import PREFIX
from families import contextual, dists, evaluation, fusion, gfpgan, gpen, hinet, identity, inversion_encoder, losses, metrics, musiq, nafnet, perceptual, psp, stylegan2

FAMILIES = {
    "NAFNet": nafnet.compute,
    "NAFNetLocal (TLC)": nafnet.compute,
    "HINet": hinet.compute,
    "rosinality Generator": stylegan2.compute_generator,
    "rosinality Discriminator": stylegan2.compute_discriminator,
    "GPEN FullGenerator": gpen.compute,
    "GFPGANv1Clean": gfpgan.compute,
    "GFPGANv1": gfpgan.compute,
    "pSp GradualStyleBlock": psp.compute_blocks,
    "pSp GradualStyleEncoder": psp.compute_encoder,
    "inversion encoder": inversion_encoder.compute,
    "fusion": fusion.compute,
    "losses": losses.compute,
    "contextual_loss": contextual.compute,
    "LPIPS of 8-bit images": perceptual.compute_lpips,
    "losses of VGG-19": perceptual.compute_vgg19,
    "DISTS of 8-bit images": dists.compute,
    "MUSIQ": musiq.compute,
    "identity distance of 8-bit images": identity.compute,
    "BasicSR / skimage / NAFNet metrics": metrics.compute_psnr_ssim,
    "pytorch-fid calculate_frechet_distance": metrics.compute_frechet,
    "KID": metrics.compute_kid,
    "evaluation": evaluation.compute,
}


def family(config):
    """The function for a manifest's configuration. Folders of others name some after what computed them."""
    arch = config["arch"]
    return FAMILIES.get(arch) or FAMILIES["contextual_loss" if arch.startswith("contextual_loss") else arch]


def signed(*shape):
    """An input in [-1, 1)."""
    return {"shape": shape, "map": "v"}


def unit(*shape):
    """An input in [0, 1)."""
    return {"shape": shape, "map": "(v+1)/2"}


def picture(key, height, width):
    """An 8-bit image (H, W, 3), smooth with some noise."""
    y, x, c = np.mgrid[:height, :width, :3]
    smooth = np.sin(0.35 * y + 0.2 * x * (c + 1)) + np.cos(0.27 * x - 0.1 * y * c)
    noise = formula.values(PREFIX + key, (height, width, 3))
    return np.clip(128 + 45 * smooth + 20 * noise, 0, 255).round().astype(np.uint8)


def spoiled(image, key, by):
    """The same image with more noise and less contrast."""
    noise = formula.values(PREFIX + key, image.shape)
    return np.clip(0.9 * image.astype(np.float64) + 15 + by * noise, 0, 255).round().astype(np.uint8)


def pairs():
    shapes = {"pair0": (21, 26, 12), "pair1": (24, 20, 70)}
    sharp = {name: picture(name, height, width) for name, (height, width, _) in shapes.items()}
    return {f"{name}.img1": spoiled(sharp[name], f"{name}.noise", by) for name, (_, _, by) in shapes.items()} | {
        f"{name}.img2": image for name, image in sharp.items()
    }


def perceptual_images(height, width, **names):
    sharp = picture("perceptual", height, width)
    return {name: spoiled(sharp, name, by) if by else sharp for name, by in names.items()}


def test_images():
    """Four 8-bit images of two sizes."""
    sizes = {"image0": (40, 36), "image1": (36, 48), "image2": (36, 48), "image3": (40, 36)}
    return {name: picture(name, *size) for name, size in sizes.items()}


def taps(*entries):
    """A kernel (3, 3, 3, 3) that is zero but for `(out, in, row, column, value)`."""
    kernel = np.zeros((3, 3, 3, 3))
    for out, of, row, column, value in entries:
        kernel[out, of, row, column] = value
    return kernel.tolist()


def methods():
    """Filters whose results have fractions of a level between 1/8 and 3/8 or 5/8 and 7/8, so that no rounding error matters."""
    every = range(3)
    return [
        {"name": "Pale", "kernel": taps(*((c, c, 1, 1, -0.5) for c in every)), "bias": [63.75 / 255] * 3},
        {
            "name": "Soft",
            "kernel": taps(*((c, c, 1, x, v) for c in every for x, v in ((0, 0.25), (1, -0.5), (2, 0.25)))),
            "bias": [0.125 / 255] * 3,
        },
        {
            "name": "Mixed",
            "kernel": taps(*(e for c in every for e in ((c, c, 1, 1, -0.5), (c, (c + 1) % 3, 0, 1, 0.5)))),
            "bias": [0.25 / 255] * 3,
        },
    ]


def of_stylegan2(**config):
    return {"channels": {"4": 6, "8": 5, "16": 4}, "style_dim": 7, **config}


CASES = {
    "nafnet": {
        "config": {
            "arch": "NAFNet",
            "width": 4,
            "enc_blk_nums": [1, 0],
            "middle_blk_num": 1,
            "dec_blk_nums": [0, 1],
            "DW_Expand": 3,
            "FFN_Expand": 1,
        },
        "inputs": {"input": unit(2, 3, 12, 16), "R": signed(2, 3, 12, 16), "input_pad": unit(1, 3, 9, 14)},
    },
    "nafnet_grey": {
        "config": {
            "arch": "NAFNet",
            "width": 2,
            "enc_blk_nums": [2],
            "middle_blk_num": 0,
            "dec_blk_nums": [1],
            "img_channel": 1,
        },
        "inputs": {"input": unit(1, 1, 8, 10), "R": signed(1, 1, 8, 10)},
    },
    **{
        f"nafnet_local{suffix}": {
            "config": {
                "arch": "NAFNetLocal (TLC)",
                "train_size": [1, 3, 12, 16],
                "fast_imp": fast,
                "width": 2,
                "enc_blk_nums": [1],
                "middle_blk_num": 1,
                "dec_blk_nums": [1],
            },
            "inputs": {"input_a": unit(1, 3, 20, 34), "input_b": unit(1, 3, 25, 30), "input_small": unit(1, 3, 10, 14)},
        }
        for suffix, fast in (("", False), ("_fast", True))
    },
    "hinet": {
        "config": {
            "arch": "HINet",
            "wf": 4,
            "depth": 3,
            "relu_slope": 0.1,
            "hin_position_left": 1,
            "hin_position_right": 1,
        },
        "inputs": {"input": unit(2, 3, 8, 12), "R1": signed(2, 3, 8, 12), "R2": signed(2, 3, 8, 12)},
        "keep": ["output*", "loss", "grad.input", "grad.down_path_*", "grad.sam12.*", "grad.cat12.*", "grad.up_path_2.*.bias"],
    },
    "hinet_default": {
        "config": {"arch": "HINet", "wf": 2, "depth": 2},
        "inputs": {"input": unit(1, 3, 8, 8), "R1": signed(1, 3, 8, 8), "R2": signed(1, 3, 8, 8)},
        "keep": ["output*", "loss", "grad.input"],
    },
    "stylegan2_g": {
        "config": of_stylegan2(
            arch="rosinality Generator",
            size=16,
            n_mlp=2,
            lr_mlp=0.1,
            truncation=0.6,
            inject_index=2,
            mean_path_length=0.2,
            pl_decay=0.05,
        ),
        "inputs": {
            "z": signed(2, 7),
            "z2": signed(2, 7),
            **{f"noise_{i}": signed(1, 1, size, size) for i, size in enumerate((4, 8, 8, 16, 16))},
            "latents": signed(2, 6, 7),
            "truncation_latent": signed(1, 7),
            "R": signed(2, 3, 16, 16),
            "pl_noise": signed(2, 3, 16, 16),
        },
        "keep": [
            "w",
            "image_*",
            "loss*",
            "pl_*",
            "grad.latents",
            "grad_z.z",
            "grad_z.style.*",
            "grad.conv1.*",
            "grad_pl.conv1.*",
            "grad_pl.convs.2.*",
            "grad_pl.to_rgbs.*",
            "grad_pl.style.1.weight",
        ],
    },
    "stylegan2_d": {
        "config": of_stylegan2(arch="rosinality Discriminator", size=16, n_mlp=1, stddev_group=2),
        "inputs": {"input": signed(4, 3, 16, 16), "input_b8": signed(8, 3, 16, 16), "R": signed(4, 1)},
        "keep": ["logits*", "loss", "r1_penalty", "grad.*.bias", "grad.final_conv.*", "grad_r1.convs.*", "grad_r1.final_linear.1.*"],
    },
    **{
        f"gpen{suffix}": {
            "config": {
                "arch": "GPEN FullGenerator",
                "size": 16,
                "style_dim": 7,
                "n_mlp": 2,
                "channel_multiplier": 1,
                "narrow": 0.01,
                "isconcat": joined,
            },
            "inputs": {"input": signed(2, 3, 16, 16), "R": signed(2, 3, 16, 16)},
            "keep": ["output", "final_linear", "latent", "loss", "grad.input", "grad.*noise.weight", "grad.ecd2.*"],
        }
        for suffix, joined in (("", True), ("_add", False))
    },
    "gfpgan_clean": {
        "config": {
            "arch": "GFPGANv1Clean",
            "out_size": 16,
            "num_style_feat": 6,
            "channel_multiplier": 1,
            "num_mlp": 2,
            "input_is_latent": False,
            "different_w": False,
            "narrow": 0.015625,
            "sft_half": False,
        },
        "inputs": {"input": signed(2, 3, 16, 16)},
    },
    "gfpgan_clean_half": {
        "config": {
            "arch": "GFPGANv1Clean",
            "out_size": 16,
            "num_style_feat": 4,
            "channel_multiplier": 1,
            "num_mlp": 1,
            "input_is_latent": True,
            "different_w": True,
            "narrow": 0.0078125,
            "sft_half": True,
        },
        "inputs": {"input": signed(1, 3, 16, 16)},
    },
    "gfpgan_v1": {
        "config": {
            "arch": "GFPGANv1",
            "out_size": 16,
            "num_style_feat": 6,
            "channel_multiplier": 1,
            "num_mlp": 2,
            "lr_mlp": 0.02,
            "input_is_latent": False,
            "different_w": False,
            "narrow": 0.0078125,
            "sft_half": True,
        },
        "inputs": {"input": signed(2, 3, 16, 16)},
    },
    "psp_block": {
        "config": {
            "arch": "pSp GradualStyleBlock",
            "blocks": [{"in_c": 3, "out_c": 5, "spatial": 8}, {"in_c": 2, "out_c": 3, "spatial": 16}],
        },
        "inputs": {
            "block0.input": signed(2, 3, 8, 8),
            "block0.R": signed(2, 5),
            "block1.input": signed(1, 2, 4, 4),
            "block1.R": signed(1, 3),
        },
    },
    "psp_encoder": {
        "config": {
            "arch": "pSp GradualStyleEncoder",
            "mode": "ir_se",
            "n_styles": 9,
            "input_nc": 3,
            "style_dim": 6,
            "width": 4,
        },
        "inputs": {"input_32": signed(2, 3, 32, 32)},
    },
    "psp_encoder_ir": {
        "config": {
            "arch": "pSp GradualStyleEncoder",
            "mode": "ir",
            "n_styles": 4,
            "input_nc": 2,
            "style_dim": 4,
            "width": 2,
        },
        "inputs": {"input_48": signed(1, 2, 48, 48)},
    },
    "inversion_encoder": {
        "config": {
            "arch": "inversion encoder",
            "size": 32,
            "input_size": 16,
            "resolution": 4,
            "channels": 5,
            "latents": 3,
            "style_dim": 6,
            "filter_min": 3,
            "filter_max": 4,
        },
        "inputs": {"input": signed(2, 3, 32, 32), "R1": signed(2, 5, 4, 4), "R2": signed(2, 3, 6)},
        "keep": ["feature", "latents", "loss", "grad.styles.*.bias", "grad.trunk.model.*.bias", "grad.trunk.model.0.weight"],
    },
    **{
        f"fusion_{normalization}": {
            "config": {"arch": "fusion", "width": 4, "blocks": 2, "normalization": normalization},
            "inputs": {"regressed": unit(2, 3, 6, 8), "inverted": unit(2, 3, 6, 8), "R": signed(2, 3, 6, 8)},
        }
        for normalization in ("none", "batch", "instance")
    },
    "losses": {
        "config": {
            "arch": "losses",
            "ganloss_weight": 0.3,
            "losses": [
                "d_logistic",
                "g_nonsaturating",
                *(
                    f"ganloss_{kind}.{side}"
                    for kind in ("hinge", "vanilla", "lsgan", "wgan", "wgan_softplus")
                    for side in ("d_real", "d_fake", "g")
                ),
                "l1_w0.3",
                "mse_w0.3",
                "charbonnier",
                "charbonnier_eps1e-2_w0.3",
                "psnrloss",
                "psnrloss_toY_w0.3",
                "psnrloss_identical",
                "smoothl1",
                "smoothl1_beta0.3_w0.7",
                "smoothl1_signed",
                "tv",
                "tv_w0.3",
            ],
        },
        "inputs": {
            "real_logits": signed(5, 1),
            "fake_logits": signed(5, 1),
            "pred": unit(2, 3, 5, 6),
            "target": unit(2, 3, 5, 6),
        },
    },
    "contextual": {
        "config": {"arch": "contextual_loss", "band_width": [0.5, 0.2]},
        "inputs": {"a.x": signed(2, 5, 4, 6), "a.y": unit(2, 5, 4, 6), "b.x": signed(1, 3, 5, 5), "b.y": signed(1, 3, 5, 5)},
    },
    **{
        f"lpips_{net}": {
            "config": {"arch": "LPIPS of 8-bit images", "net": net, "loss_weight": 0.7},
            "arrays": perceptual_images(36, 40, restored=30, sharp=0),
        }
        for net in ("alex", "vgg", "squeeze")
    },
    "losses_vgg19": {
        "config": {"arch": "losses of VGG-19", "content": 0.8, "style": 30, "patch": 20, "bandwidth": 0.3},
        "arrays": perceptual_images(36, 40, fused=15, regressed=0, inverted=40),
        "keep": ["perceptual*", "contextual*", "fusion_contextual", "grad.perceptual", "grad.contextual", "grad.fusion_contextual"],
    },
    "dists": {
        "config": {"arch": "DISTS of 8-bit images"},
        "arrays": perceptual_images(37, 50, noisy=15, noisier=60, sharp=0),
    },
    "identity_distance": {
        "config": {"arch": "identity distance of 8-bit images", "architecture": "resnet18"},
        "arrays": perceptual_images(44, 44, restored=60, sharp=0),
    },
    **{
        f"musiq{suffix}": {
            "config": {"arch": "MUSIQ", "hidden_size": 12, "mlp_dim": 20, "num_heads": 3, "num_layers": 2, "num_class": classes},
            "arrays": {"image0": picture("musiq0", *sizes[0]), "image1": picture("musiq1", *sizes[1])},
        }
        for suffix, classes, sizes in (("", 1, ((45, 70), (64, 33))), ("_ava", 10, ((37, 64), (40, 40))))
    },
    "psnr_ssim": {"config": {"arch": "BasicSR / skimage / NAFNet metrics"}, "arrays": pairs(), "atol": {"*": 5e-6}},
    "frechet": {
        "config": {"arch": "pytorch-fid calculate_frechet_distance"},
        "inputs": {
            "d5.features1": signed(12, 5),
            "d5.features2": unit(9, 5),
            "d9_rank.features1": unit(7, 9),
            "d9_rank.features2": signed(6, 9),
        },
        "atol": {"*": 1e-6},
    },
    "kid": {"config": {"arch": "KID"}, "inputs": {"x": signed(7, 5), "y": unit(7, 5)}, "atol": {"*": 1e-9}},
    "evaluation": {
        "config": {"arch": "evaluation", "cropBorder": 3, "methods": methods()},
        "arrays": test_images(),
        # pytorch-fid takes the root of a matrix of 2,048 rows whose rank is 3.
        "atol": {"table.fid": 2e-4, "table.fid_192": 1e-5, "*lpips": 1e-7, "*": 1e-6},
    },
}

"""GFP-GAN (Wang et al. 2021) by its own package, on the CPU."""

import sys
import types

import torch
import torch.nn.functional as F
import torchvision.transforms.functional


def _prepare_basicsr():
    """BasicSR 1.4.2 imports a module that torchvision has since renamed, and has its activation for the GPU alone."""
    module = types.ModuleType("torchvision.transforms.functional_tensor")
    module.rgb_to_grayscale = torchvision.transforms.functional.rgb_to_grayscale
    sys.modules.setdefault(module.__name__, module)
    from basicsr.ops.fused_act import fused_act

    def fused_leaky_relu(x, bias, negative_slope, scale):
        return scale * F.leaky_relu(x + bias.view(1, -1, *[1] * (x.ndim - 2)), negative_slope)

    fused_act.FusedLeakyReLUFunction = types.SimpleNamespace(apply=fused_leaky_relu)


_prepare_basicsr()

from gfpgan.archs.gfpganv1_arch import GFPGANv1  # noqa: E402
from gfpgan.archs.gfpganv1_clean_arch import GFPGANv1Clean  # noqa: E402


def compute(case):
    config = {**case.config}
    is_clean = config.pop("arch") == "GFPGANv1Clean"
    make = GFPGANv1Clean if is_clean else GFPGANv1
    network = make(**config, decoder_load_path=None, fix_decoder=False)
    rate = config.get("lr_mlp", 1.0)
    case.fill(
        network,
        equalised=lambda name: not is_clean,
        rate=lambda name: rate if "style_mlp" in name else 1.0,
        keep=("kernel",),
    )
    codes = []
    network.final_linear.register_forward_hook(lambda _module, _inputs, output: codes.append(output))
    with torch.no_grad():
        image, pyramid = network(case.tensor("input"), return_rgb=True, randomize_noise=False)
    return {"output": image, "style_code": codes[0], **{f"rgb_{level.shape[2]}": level for level in pyramid}}

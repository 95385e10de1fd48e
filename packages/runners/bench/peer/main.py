"""One bench of plain PyTorch. Speaks the protocol of participant.ts: a line of JSON each way, times in milliseconds."""

import importlib
import json
import math
import sys
import time

import torch

from peak import peak_bytes


def psnr_loss(outputs, target):
    def one(image):
        mse = (image - target).square().mean(dim=(1, 2, 3))
        return 10 / math.log(10) * torch.log(mse + 1e-8).mean()

    return sum(one(image) for image in outputs)


def training_step(model, degraded, sharp, optimizer):
    """Forward, PSNR loss of all outputs, gradient, clipping, AdamW, as the stage `regression` does."""
    adamw = torch.optim.AdamW(
        model.parameters(),
        lr=optimizer["learningRate"],
        betas=tuple(optimizer["betas"]),
        eps=optimizer["epsilon"],
        weight_decay=optimizer["weightDecay"],
    )

    def step():
        adamw.zero_grad(set_to_none=True)
        loss = psnr_loss(model(degraded), sharp)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), optimizer["clipNorm"])
        adamw.step()
        return loss.item()

    return step


def inference(model, degraded):
    model.eval()

    def step():
        with torch.inference_mode():
            return model(degraded)[-1].cpu()

    return step


def device_peak_bytes(device):
    """Most that PyTorch had allocated for tensors on the GPU so far; None on the CPU."""
    return torch.cuda.max_memory_allocated() if device == "gpu" else None


def prepare(config):
    torch.manual_seed(1)
    device = "cuda" if config["device"] == "gpu" else "cpu"
    options = {name: value for name, value in config["network"].items() if name != "type"}
    model = importlib.import_module(config["network"]["type"]).build(options).to(device)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    batch, height, width, channels = config["shape"]
    memory_format = torch.channels_last if "channels_last" in config["form"] else torch.contiguous_format
    images = [
        torch.rand(batch, channels, height, width, device=device).to(memory_format=memory_format) for _ in range(2)
    ]
    model = model.to(memory_format=memory_format)
    if "compile" in config["form"]:
        model = torch.compile(model)
    if config["mode"] == "train":
        return training_step(model, *images, config["optimizer"]), parameters
    return inference(model, images[0]), parameters


def timed(step, count):
    start, before = time.perf_counter(), time.process_time()
    for _ in range(count):
        step()
    return {"ms": (time.perf_counter() - start) * 1000, "cpuMs": (time.process_time() - before) * 1000}


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no answer

    def answer(**values):
        print(json.dumps(values), file=answers, flush=True)

    config = json.loads(sys.stdin.readline())
    start = peak_bytes()
    step, parameters = prepare(config)
    first = timed(step, 1)["ms"]
    timed(step, 2)
    answer(
        parameters=parameters, firstMs=first, stepMs=timed(step, 1)["ms"], device=config["device"], startBytes=start
    )
    for line in sys.stdin:
        word, *count = line.split()
        if word == "go":
            answer(**timed(step, int(count[0])))
        elif word == "end":
            answer(peakBytes=peak_bytes(), devicePeakBytes=device_peak_bytes(config["device"]))
            return


main()

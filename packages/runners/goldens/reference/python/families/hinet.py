"""HINet: the counterpart of the benchmarks."""

from bench_peer import hinet as peer
from case import gradients, projected, with_gradients


def compute(case):
    config = case.config
    network = peer.HINet(
        width=config["wf"],
        depth=config["depth"],
        reluSlope=config.get("relu_slope", 0.2),
        hinPositionLeft=config.get("hin_position_left", 0),
        hinPositionRight=config.get("hin_position_right", 4),
        imageChannels=config.get("in_chn", 3),
    )
    case.fill(network)
    image = case.tensor("input")
    at = with_gradients(network, {"input": image})
    first, second = network(image)
    loss = projected(first, case.tensor("R1")) + projected(second, case.tensor("R2"))
    return {"output_stage1": first, "output_stage2": second, "loss": loss, **gradients(loss, at)}

"""What all trainings share: optimizers, schedules, averages, and what is recorded of an iteration."""

import copy
import math

import torch

from formula import v


def rate_at(schedule, initial, iteration, iterations):
    """The learning rate of an iteration, from 0."""
    kind = schedule.get("type", "constant")
    if kind == "constant":
        return initial
    if kind == "cosine":  # NAFNet's and HINet's TrueCosineAnnealingLR
        minimum = schedule.get("minimum", 1e-7)
        return minimum + (initial - minimum) * (1 + math.cos(math.pi * iteration / iterations)) / 2
    if kind == "multistep":
        return initial * schedule.get("gamma", 0.1) ** sum(
            iteration >= milestone for milestone in schedule["milestones"]
        )
    raise NotImplementedError(kind)


class Player:
    """A network with its optimizer.

    A parameter that a loss does not depend on has a gradient of zeros, not none: Adam's averages decay at each step, as in the official
    PyTorch code of its time, whose `zero_grad` filled gradients with zeros.
    """

    def __init__(self, name, module, optimizer, record, ratio=1.0, iterations=1):
        """`ratio` slows rate and betas for lazy regularisation, k / (k + 1) (StyleGAN2, appendix B)."""
        self.name, self.module, self.record, self.iterations = name, module, record, iterations
        self.rate = optimizer["learningRate"] * ratio
        self.schedule = optimizer.get("schedule", {})
        self.clip_norm = optimizer.get("clipNorm")
        betas = tuple(beta**ratio for beta in optimizer.get("betas", (0.9, 0.999)))
        self.parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
        if optimizer.get("type") == "adamw":
            make, decay = torch.optim.AdamW, 1e-2
        else:
            make, decay = torch.optim.Adam, 0
        self.factors = [1.0] * len(self.parameters)
        self.optimizer = make(
            [{"params": [parameter]} for parameter in self.parameters],
            lr=self.rate,
            betas=betas,
            eps=optimizer.get("epsilon", 1e-8),
            weight_decay=optimizer.get("weightDecay", decay),
        )

    def rate_at(self, iteration):
        return rate_at(self.schedule, self.rate, iteration, self.iterations)

    def descend(self, loss, iteration, others=()):
        """Differentiates the loss by this network's weights (and those of `others`, which share it) and gives each a step."""
        players = [self, *others]
        parameters = [parameter for player in players for parameter in player.parameters]
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = torch.zeros_like(parameter) if gradient is None else gradient
        for player in players:
            player.step(iteration)

    def step(self, iteration):
        self.record.gradient(self.name, self.parameters)
        self.record.gradients_of(self.name, self.module)
        if self.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        for group, factor in zip(self.optimizer.param_groups, self.factors):
            group["lr"] = factor * self.rate_at(iteration)
        self.optimizer.step()


class Average:
    """Exponential moving average of a network's parameters; buffers are the network's own."""

    def __init__(self, module):
        self.module = copy.deepcopy(module)

    def update(self, module, decay):
        with torch.no_grad():
            for average, now in zip(self.module.parameters(), module.parameters()):
                average.mul_(decay).add_(now, alpha=1 - decay)
            for average, now in zip(self.module.buffers(), module.buffers()):
                average.copy_(now)


class Record:
    """What an iteration leaves: the terms of its losses, the norms of its gradients in their order, and the changes of weights.

    Two numbers describe the change of a tensor: its norm, and its product with a vector of the formula, which sees every element.
    """

    def __init__(self):
        self.iterations, self.weights = [], {}
        self.initial, self.modules, self.largest = {}, {}, {}

    def watch(self, name, module):
        self.modules[name] = module
        self.initial[name] = {key: tensor.detach().clone() for key, tensor in module.state_dict().items()}

    def begin(self):
        self.iterations.append({"curves": {}, "gradients": []})

    def curve(self, **values):
        for name, value in values.items():
            self.iterations[-1]["curves"][name] = significant(float(value))

    def gradient(self, name, parameters):
        squares = [parameter.grad.square().sum() for parameter in parameters]
        self.iterations[-1]["gradients"].append([name, significant(math.sqrt(sum(squares).item()))])

    def gradients_of(self, name, module):
        """Remembers the greatest gradient of each tensor, relative to the whole network's."""
        norms = {key: p.grad.norm().item() for key, p in module.named_parameters() if p.requires_grad}
        whole = max(norms.values())
        for key, norm in norms.items():
            place = (name, key)
            self.largest[place] = max(self.largest.get(place, 0), norm / whole if whole else 0)

    def snapshot(self, iteration):
        """Changes of all watched networks since the beginning, of tensors that changed."""
        self.weights[str(iteration)] = {name: self.changes(name, module) for name, module in self.modules.items()}

    def changes(self, name, module):
        changes = {}
        for key, tensor in module.state_dict().items():
            change = (tensor - self.initial[name][key]).double()
            if torch.count_nonzero(change) == 0:
                continue
            # Adam makes steps of any gradient: where it is zero but for rounding, they mean nothing.
            if self.largest.get((name.removesuffix(".ema"), key), 1) < 1e-10:
                changes[key] = None
                continue
            projection = change.flatten() @ v(f"projection:{key}", change.numel())
            changes[key] = [significant(change.norm().item()), significant(projection.item())]
        return changes

    def result(self):
        return {"iterations": self.iterations, "weights": self.weights}


def significant(value):
    return float(f"{value:.7g}")

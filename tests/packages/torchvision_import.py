"""PyPI's torchvision is built for CUDA builds of torch: beside a CPU build its C++ operators do not load, and its Python
refuses to be imported without their schemas. Declaring these lets the rest of it work."""

import torch

_schemas = torch.library.Library("torchvision", "FRAGMENT")
for _name in ("nms", "qnms"):
    _schemas.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402, F401

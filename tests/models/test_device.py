"""Where a model runs: device, precision, threads."""

import pytest
import torch

from facebench.errors import UserError
from facebench.models import (
    load,
)


def test_a_device_that_isnt_there_is_refused():
    if torch.backends.mps.is_available():
        pytest.skip("this machine has MPS")
    with pytest.raises(UserError, match="embed.device is mps"):
        load({"family": "random", "arch": "ViT-B-32"}, device="mps")


@pytest.mark.parametrize(
    ("device", "precision", "dtype"),
    [
        ("cpu", "auto", "float32"),
        ("mps", "auto", "float32"),
        ("cuda", "auto", "bfloat16 (autocast)"),
        ("cuda", "float32", "float32"),
    ],
)
def test_precision_is_mixed_on_cuda_only(device, precision, dtype):
    from facebench.models import device as devices

    assert devices.dtype(torch.device(device), precision) == dtype


def test_float32_is_not_tensorfloat32():
    from facebench.models import device as devices

    torch.backends.cudnn.conv.fp32_precision = "tf32"
    devices.choose("cpu")
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"


def test_threads_go_to_the_model_on_a_cpu_and_to_the_pictures_beside_a_gpu():
    from facebench.models.device import use_threads

    before = torch.get_num_threads()
    try:
        assert use_threads(torch.device("cpu"), 3) == 1 and torch.get_num_threads() == 3
        assert use_threads(torch.device("cuda"), 3) == 3 and torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)

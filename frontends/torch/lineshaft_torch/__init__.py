"""Lineshaft's PyTorch device. `import torch` loads it by itself; afterwards `torch.device("lineshaft")` is there."""


def _autoload():
    """The entry point of the group `torch.backends`; importing this package does the work."""


# Last, as importing torch looks for the entry point above.
import torch  # noqa: E402

from . import _build, engine, versions  # noqa: E402

versions.check(torch.__version__, _build.TORCH_VERSION)
engine.load(_build.LIBRARY)
engine.load_extension()

from . import _C, compile, device, exit, graphs, interchange, libraries, optimizers, parallel, sharing  # noqa: E402
from .fallback import fallback_counts, reset_fallback_counts, set_fallback  # noqa: E402

__all__ = ["fallback_counts", "reset_fallback_counts", "set_fallback"]


def _register():
    torch.utils.rename_privateuse1_backend("lineshaft")
    torch._register_device_module("lineshaft", device)
    torch.utils.generate_methods_for_privateuse1_backend(for_storage=True)
    # Its fast path for padding masks goes through nested tensors, which the device has not.
    torch.backends.mha.set_fastpath_enabled(False)
    # Module.to() shall leave parameters the same objects; where PyTorch refuses that, it can swap what is in them.
    if not _C.allow_set_data_across_devices():
        torch.__future__.set_swap_module_params_on_conversion(True)
    exit.register()
    sharing.register()
    interchange.register()
    compile.register()
    libraries.register()
    parallel.register()
    optimizers.register()
    graphs.register()


_register()

from . import decompositions  # noqa: E402

decompositions.register()

"""Work that waits until a module is imported: what PyTorch and other libraries hold for devices in modules that few programs use, or
that take long to import."""

import importlib.abc
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType

_waiting: dict[str, Callable[[ModuleType], None]] = {}


class _Loader(importlib.abc.Loader):
    """Loads as the module's own loader does, which the module gets back, and then does what waited."""

    def __init__(self, own, action):
        self.own = own
        self.action = action

    def create_module(self, spec):
        return self.own.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self.own
        self.own.exec_module(module)
        self.action(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        action = _waiting.pop(name, None)
        if action is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            _waiting[name] = action
            return None
        spec.loader = _Loader(spec.loader, action)
        return spec


_finder = _Finder()


def after_import(name: str, action: Callable[[ModuleType], None]):
    """Calls `action` with the module `name`: now if it is imported, else once it is."""
    if name in sys.modules:
        action(sys.modules[name])
        return
    _waiting[name] = action
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)

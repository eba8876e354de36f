"""Plugins: systems from outside, in Python packages and in shared libraries.

A Python package announces its systems in its metadata, and they are there once it is installed:

    [project.entry-points."vaerans_ecs.plugins"]
    dct = "my_package.dct"            # a module that registers systems when it is imported, or
    more = "my_package:setup"         # a function that is called

Shared libraries (`vaerans/core/plugin.hpp`) are loaded by load_plugin(), and by VAERANS_PLUGINS, which lists paths
separated by colons. Both kinds are loaded when a name is first asked for that no system has, or when all are listed.
"""

import os
import types
import warnings
from importlib.metadata import EntryPoint, entry_points

from . import _vaerans
from ._vaerans import PluginInfo, loaded_plugins

GROUP = "vaerans_ecs.plugins"

__all__ = ["GROUP", "PluginInfo", "load_entry_points", "load_plugin", "loaded_plugins"]


def load_plugin(path: str | os.PathLike[str]) -> PluginInfo:
    """Loads a shared library that holds systems, for as long as the process lives.

    Nothing happens where it is loaded already. Raises VaeransError (io) where it is not there, BadParameter for what is
    no path, UnsupportedVersion where it was built for another version of vaerans, InvalidArgument where it is no
    plugin, lacks symbols, or brings a system whose name is taken.
    """
    return _vaerans._load_plugin(path)


def load_entry_points() -> None:
    """Loads the plugins of installed packages. One that cannot be loaded is left out, with a warning that names it."""
    for entry in entry_points(group=GROUP):
        try:
            _load(entry)
        except Exception as error:
            warnings.warn(
                f"the plugin '{entry.name}' ({entry.value}{_origin(entry)}) cannot be loaded and is left out: "
                f"{type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=2,
            )


def _load(entry: EntryPoint) -> None:
    found = entry.load()
    if not isinstance(found, types.ModuleType):
        found()


def _origin(entry: EntryPoint) -> str:
    return f", of {entry.dist.name} {entry.dist.version}" if entry.dist else ""

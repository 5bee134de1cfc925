"""The markers of hooks: `hookimpl` for functions of plugins, `hookspec` for the kernel's own."""

from __future__ import annotations

import pluggy

PROJECT = "tongban"
"""Name of the entry-point group and of the hooks' project."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

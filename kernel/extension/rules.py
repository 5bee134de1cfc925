"""The rules of a kernel and of its copies: read when they are first needed, and only once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.resources.abc import Traversable

from tongban.kernel.engine.program import Programs
from tongban.kernel.extension.departments import Gathered, gather
from tongban.kernel.extension.manager import Plugins
from tongban.kernel.ports.departments import DepartmentRules
from tongban.kernel.rulefile.loader import Base
from tongban.kernel.rulefile.rulebook import Rulebook
from tongban.kernel.rulefile.shared_files import read_base


class Rules:
    """Shared rules, departments and programs.

    Args:
        shared: the folder of vocabulary, sources, common rules and divisions, or what was
            read from it.
        plugins: bring departments.
        drafts: rule files that are being written.
    """

    def __init__(
        self, shared: Traversable | Base, plugins: Plugins, drafts: Sequence[DepartmentRules]
    ) -> None:
        self._shared = shared
        self._plugins = plugins
        self._drafts = drafts
        self.programs = Programs(lambda: self.rulebook)

    @cached_property
    def base(self) -> Base:
        """Vocabulary, sources and common rules.

        Raises:
            RulebookError: where they are wrong.
        """
        return self._shared if isinstance(self._shared, Base) else read_base(self._shared)

    @cached_property
    def gathered(self) -> Gathered:
        """Every department, and what is wrong in those that are left out."""
        return gather(self._plugins, self.base, self._drafts)

    @property
    def rulebook(self) -> Rulebook:
        """Every department's items and rules."""
        return self.gathered.rulebook

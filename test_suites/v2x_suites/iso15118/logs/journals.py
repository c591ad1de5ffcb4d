"""Reads journals of the V2GTP tap."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_harness.errors import JournalError
from v2x_harness.events import Event
from v2x_harness.journal import Journal

from v2x_suites.checking import LogError, Progress, silent
from v2x_suites.iso15118.logs.log import Log


class JournalLog(Log):
    """A journal of ours."""

    kind = "journal"

    def events(self, progress: Progress = silent) -> Iterator[Event]:
        """Give its events; a journal that is cut or was changed is read as far as it goes."""
        try:
            journal = Journal(self.path)
            yield from journal.events()
        except JournalError as error:
            raise LogError(str(error), error.hint) from error
        progress(self.path.stat().st_size)
        self.problem = journal.problem

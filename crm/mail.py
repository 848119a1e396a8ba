"""Where mail goes as long as there is no mail server."""

from __future__ import annotations

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends import filebased

log = structlog.get_logger("crm.mail")


class FileBackend(filebased.EmailBackend):
    """Writes mail to files below EMAIL_FILE_PATH, and says where, so that a newcomer finds the code or link."""

    def write_message(self, message: EmailMessage) -> None:
        super().write_message(message)
        # The subject stays out: it may carry what only the recipient shall read.
        file = self._get_filename()  # type: ignore[attr-defined]  # The stubs leave it out.
        log.info("mail written to a file, since no EMAIL_HOST is set", to=message.recipients(), file=file)

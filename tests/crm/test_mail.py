"""Without a mail server mail goes to files, and the log says where."""

from __future__ import annotations

from pathlib import Path

from django.core.mail import EmailMessage, get_connection
from structlog.testing import capture_logs


def test_a_newcomer_finds_the_mail_by_the_log(tmp_path: Path) -> None:
    connection = get_connection("crm.mail.FileBackend", file_path=str(tmp_path))
    letter = EmailMessage("X4F-9QT is your code", "X4F-9QT", to=["noa@harbour.example"], connection=connection)
    with capture_logs() as lines:
        letter.send()
    (line,) = lines
    assert line["to"] == ["noa@harbour.example"]
    assert "X4F-9QT" in Path(line["file"]).read_text(encoding="utf-8")


def test_the_log_does_not_say_what_is_in_it(tmp_path: Path) -> None:
    connection = get_connection("crm.mail.FileBackend", file_path=str(tmp_path))
    with capture_logs() as lines:
        EmailMessage("X4F-9QT is your code", "X4F-9QT", to=["noa@harbour.example"], connection=connection).send()
    assert "X4F-9QT" not in repr(lines)

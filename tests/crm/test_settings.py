"""Settings are loud: a bad value stops the start and names the remedy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from crm.lib import env

PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SITE_URL": "https://crm.northwind.example",
    "EMAIL_HOST": "mail.northwind.example",
}


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py with these variables in place of the tests' own."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_pass_djangos_deployment_check() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing, the demo's or shorter"),
        ({"SECRET_KEY": settings.DEMO_KEY}, "SECRET_KEY is missing, the demo's or shorter"),
        ({"SITE_URL": "http://crm.northwind.example"}, "production needs https://"),
        ({"EMAIL_HOST": ""}, "EMAIL_HOST is missing"),
        ({"DEBUG": "yes"}, "DEBUG shows secrets"),
    ],
)
def test_production_refuses_to_start_with(variables: dict[str, str], sentence: str) -> None:
    result = manage("check", **(PRODUCTION | variables))
    assert result.returncode != 0
    assert sentence in result.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "ture"}, "DEBUG is 'ture': write one of"),
        ({"PORT": "80a"}, "PORT is '80a': write a whole number"),
        ({"PORT": "70000"}, "write a number from 1 to 65535"),
        ({"SITE_URL": "crm.example.com"}, "write the address people type"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "Postroom needs PostgreSQL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be read"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml'"),
        ({"SECRET_KEY_FILE": "/no/such/file"}, "SECRET_KEY_FILE names /no/such/file, which cannot be read"),
    ],
)
def test_a_bad_value_stops_the_start_with_its_remedy(variables: dict[str, str], sentence: str) -> None:
    result = manage("check", **variables)
    assert result.returncode != 0
    assert sentence in result.stderr


def test_a_secret_can_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    assert env.text("SOME_KEY") == "from a file"


def test_a_setting_and_its_file_cannot_both_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "a")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(env.BadSetting, match="both set"):
        env.text("SOME_KEY")


def test_every_variable_that_settings_read_is_described() -> None:
    source = (settings.BASE_DIR / "crm" / "settings.py").read_text()
    described = (settings.BASE_DIR / ".env.example").read_text()
    read = set(re.findall(r'env\.(?:text|boolean|integer|words|choice)\(\s*"(\w+)"', source))
    assert len(read) > 20
    assert {name for name in read if f"#{name}=" not in described} == set()

"""How allauth's log-in and sign-up speak and keep secrets here."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from crm.lib import crypto

MFA_PURPOSE = "second factor"


class AccountAdapter(DefaultAccountAdapter):
    """allauth's errors in Postroom's words: what is wrong, and what to do."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This log-in is switched off. Ask the owner of your account.",
        "duplicate_email": "This is your address already: enter another one.",
        "email_password_mismatch": "Address and password do not match. Check both, or reset your password.",
        "email_taken": "Somebody logs in with this address already: enter another one.",
        "enter_current_password": "This is not your current password.",
        "incorrect_code": "This code is wrong. Enter the newest one that we sent.",
        "incorrect_password": "This is not your password.",
        "invalid_password_reset": "This link was used or is too old: ask for a new one.",
        "rate_limited": "Too many tries. Wait a few minutes, then try again.",
        "too_many_login_attempts": "Too many failed log-ins. Wait five minutes, or reset your password.",
    }


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted (S2)."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong or was used. Enter the one that your app shows now.",
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, purpose=MFA_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, purpose=MFA_PURPOSE)

"""What opens beside or instead of the reader, as pages of their own."""

from __future__ import annotations

from django.urls import reverse

from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.emails.factory import make_message
from tests.emails.with_files import WITH_FILES
from tests.functional import contact_pages, email_pages


def choosing(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        ines, plain, _ = email_pages.fill(cast)
        return f"{reverse('email_choose', args=[plain.pk])}?from={ines.pk}&q=a"


def making(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        plain = email_pages.fill(cast)[1]
        return f"{reverse('email_contact', args=[plain.pk])}?address=logistics@atelier-lyon.example"


def original(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        return reverse("email_original", args=[email_pages.fill(cast)[2].pk])


def with_files(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        return reverse("email_detail", args=[make_message(WITH_FILES, contact_pages.fill(cast)).pk])


def a_text(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        email = make_message(WITH_FILES, contact_pages.fill(cast))
        return reverse("email_attachment_view", args=[email.pk, 2])


def conversations(cast: Northwind) -> str:
    return f"{email_pages.timeline(cast)}?tab=emails&view=conversations"

"""Tasks are sent after commit, for their tenant, to their queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from contacts.models import Contact
from crm.lib.queue import enqueue, tenant_task
from crm.lib.tenancy import ScopeError, tenant_scope
from tests.conftest import Globex, Northwind


@tenant_task(name="tests.rename")
def rename(*, contact_id: int, name: str) -> None:
    Contact.objects.filter(pk=contact_id).update(first_name=name)


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    """What would go to the broker; the broker itself is Celery's business."""
    messages: list[dict[str, Any]] = []
    with patch.object(current_app, "send_task", lambda name, **options: messages.append({"name": name, **options})):
        yield messages


@pytest.mark.django_db(transaction=True)
class TestEnqueue:
    def test_sends_after_the_commit_for_the_tenant_in_scope(self, globex: Globex, sent: list[dict[str, Any]]) -> None:
        with tenant_scope(globex.tenant.pk):
            enqueue(rename, contact_id=1, name="Ines")
            assert sent == []
        assert sent == [
            {
                "name": "tests.rename",
                "kwargs": {"tenant_id": globex.tenant.pk, "contact_id": 1, "name": "Ines"},
            }
        ]

    def test_sends_nothing_when_the_transaction_fails(self, globex: Globex, sent: list[dict[str, Any]]) -> None:
        with pytest.raises(ZeroDivisionError), tenant_scope(globex.tenant.pk):
            enqueue(rename, contact_id=1, name="Ines")
            raise ZeroDivisionError
        assert sent == []

    def test_reaches_the_queue_that_settings_name(self, globex: Globex) -> None:
        with current_app.connection_for_read() as connection, connection.SimpleQueue("send") as queue:
            queue.clear()
            with tenant_scope(globex.tenant.pk):
                enqueue("accounts.tasks.send_invitation", invitation_id=7)
            message = queue.get(timeout=5)
            message.ack()
        assert message.headers["task"] == "accounts.tasks.send_invitation"
        assert message.payload[1] == {"tenant_id": globex.tenant.pk, "invitation_id": 7}

    def test_every_route_names_a_task_and_a_queue_that_exist(self) -> None:
        current_app.loader.import_default_modules()
        for name, route in settings.CELERY_TASK_ROUTES.items():
            assert name in current_app.tasks
            assert route["queue"] in settings.QUEUES

    def test_refuses_without_a_tenant(self, db: None) -> None:
        with pytest.raises(ScopeError), transaction.atomic():
            enqueue(rename, contact_id=1, name="Ines")


class TestATenantTask:
    def test_works_in_the_scope_of_its_tenant(self, globex: Globex) -> None:
        with tenant_scope(globex.tenant.pk):
            contact = Contact.objects.create(first_name="Inès")
        rename(tenant_id=globex.tenant.pk, contact_id=contact.pk, name="Ines")
        with tenant_scope(globex.tenant.pk):
            contact.refresh_from_db()
            assert contact.first_name == "Ines"

    def test_cannot_touch_another_tenants_row(self, northwind: Northwind, globex: Globex) -> None:
        with tenant_scope(northwind.tenant.pk):
            contact = Contact.objects.create(first_name="Inès")
        rename(tenant_id=globex.tenant.pk, contact_id=contact.pk, name="Mallory")
        with tenant_scope(northwind.tenant.pk):
            contact.refresh_from_db()
            assert contact.first_name == "Inès"

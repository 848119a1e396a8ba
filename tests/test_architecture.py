"""What import-linter cannot see of the house plan (DESIGN.md section 2)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Field

STACK = ["accounts", "contacts", "emails", "exclusions", "intake", "emailsync", "integrations", "console"]
INTERFACES = {"views", "api", "tasks", "server", "commands"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}


def upward_relations() -> Iterator[str]:
    """Foreign keys by which a lower app knows one above it."""
    rank = {label: number for number, label in enumerate(STACK)}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if not isinstance(field, Field) or not isinstance(target, type):
                continue
            if rank.get(target._meta.app_label, -1) > rank.get(model._meta.app_label, len(STACK)):
                yield f"{model._meta.label}.{field.name} -> {target._meta.label}"


def manager_uses(root: Path) -> Iterator[str]:
    """Places where an interface asks the ORM itself instead of queries or operations."""
    for app in ("crm", *STACK):
        for path in sorted((root / app).rglob("*.py")):
            if INTERFACES & {path.stem, *path.parent.parts}:
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
                        yield f"{path.relative_to(root)}:{node.lineno}"


def test_no_model_refers_to_an_app_above_its_own() -> None:
    assert list(upward_relations()) == []


def test_views_api_views_and_tasks_reach_data_through_queries_and_operations() -> None:
    assert list(manager_uses(settings.BASE_DIR)) == []

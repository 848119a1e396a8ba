"""The messages as they came, byte for byte, in Django's default storage, compressed and named by their content.

Files, or S3 where django-storages is configured. Nothing here touches the database, so that writing one needs no
transaction to be open (E1): an original that no email refers to, because its page was rolled back, is found again
by its name when the page comes again.
"""

from __future__ import annotations

import hashlib
import os
import threading

import zstandard
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from crm.lib.tenancy import current_tenant_id

#: Of zstd: where more would cost much and save little.
LEVEL = 3


class NoOriginal(LookupError):
    """The original is not there, or is not what it should be."""


def keep(raw: bytes, *, tenant_id: int | None = None) -> str:
    """Stores a message unless it is there, and answers its digest, by which `read` finds it.

    ``tenant_id`` is for callers outside of every scope; within one it is the scope's.
    """
    digest = hashlib.sha256(raw).hexdigest()
    name = _name(digest, tenant_id)
    if isinstance(default_storage, FileSystemStorage):
        _keep_here(default_storage.path(name), raw)
    else:
        _keep_elsewhere(name, raw)
    return digest


def _keep_here(path: str, raw: bytes) -> None:
    """Into a file of that name, by as few calls of the system as there can be: a page of mail has hundreds.

    Django's own storage takes several times as long, and gives a second writer of the same a second name.
    """
    packed = _packed(raw)
    try:
        try:
            _write(path, packed)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _write(path, packed)
    except FileExistsError:
        if os.path.getsize(path) != len(packed):
            # Somebody was killed in the middle of it, or is in the middle: what takes its place is whole.
            whole = f"{path}.{os.getpid()}-{threading.get_ident()}"
            _write(whole, packed)
            os.replace(whole, path)


def _write(path: str, content: bytes) -> None:
    """Makes a file. Raises ``FileExistsError``."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        written = 0
        while written < len(content):
            written += os.write(file, content[written:] if written else content)
    finally:
        os.close(file)


def _keep_elsewhere(name: str, raw: bytes) -> None:
    if not default_storage.exists(name):
        stored = default_storage.save(name, ContentFile(_packed(raw)))
        if stored != name:
            # Somebody else wrote the same at the same moment, and the storage chose a second name for ours.
            default_storage.delete(stored)


def _packed(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=LEVEL).compress(raw)


def read(digest: str, *, tenant_id: int | None = None) -> bytes:
    """The message with this digest. Raises `NoOriginal`."""
    try:
        with default_storage.open(_name(digest, tenant_id)) as file:
            raw = zstandard.ZstdDecompressor().decompress(file.read())
    except (FileNotFoundError, zstandard.ZstdError) as error:
        raise NoOriginal(f"The original {digest[:12]}… is not in the storage, or is damaged.") from error
    if hashlib.sha256(raw).hexdigest() != digest:
        raise NoOriginal(f"The original {digest[:12]}… is damaged.")
    return raw


def forget(digest: str, *, tenant_id: int | None = None) -> None:
    """Deletes an original, if it is there (S9). The caller knows that no email refers to it."""
    default_storage.delete(_name(digest, tenant_id))


def _name(digest: str, tenant_id: int | None) -> str:
    return f"mail/{current_tenant_id() if tenant_id is None else tenant_id}/{digest[:2]}/{digest}.eml.zst"

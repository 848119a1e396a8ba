"""The emulator's own signing key: for id_tokens of both log-ins and for Pub/Sub's bearer tokens."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


class Keys:
    """One RSA key a process, made when first needed."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def kid(self) -> str:
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return sha256(der).hexdigest()[:40]

    @cached_property
    def certificate(self) -> x509.Certificate:
        """Self-signed and long-lived, since the emulator's clock may stand anywhere."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulator.test")])
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
            .sign(self._key, hashes.SHA256())
        )

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT by RS256 (RFC 7519); the caller sets iss, aud, iat and exp."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.kid})

    def jwks(self) -> dict[str, Any]:
        """RFC 7517, with the certificate as x5c the way Entra gives it."""
        numbers = self._key.public_key().public_numbers()
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": _base64url(numbers.n),
            "e": _base64url(numbers.e),
            "x5c": [_standard_base64(der)],
        }
        return {"keys": [key]}

    def x509_map(self) -> dict[str, str]:
        """Key id to PEM certificate, as https://www.googleapis.com/oauth2/v1/certs answers."""
        return {self.kid: self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")}


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _standard_base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")

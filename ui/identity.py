"""Who is asking: the one place where a request becomes a user id.

Two ways to run. *Guarded*: `Settings.tokens` names people and their tokens; a bearer header or the cookie set
by the login page says who it is, and nobody else gets in. *Unguarded* (this machine only, unless the operator
says otherwise): every browser gets a random cookie of its own, and its history hangs on that.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

from pydantic import SecretStr
from starlette.requests import HTTPConnection

COOKIE = "fashionm3_session"
_VISITOR = re.compile(r"v\.[A-Za-z0-9_-]{22}")


class Identity:
    """Turns tokens and cookies into user ids."""

    def __init__(self, tokens: Mapping[str, SecretStr]) -> None:
        self._tokens = {name: token.get_secret_value() for name, token in tokens.items()}
        # Derived from the tokens, so a login outlives a restart and ends when the tokens change.
        material = "\n".join(f"{name}={token}" for name, token in sorted(self._tokens.items()))
        self._key = hashlib.sha256(b"fashionm3 session" + material.encode()).digest()

    @property
    def guarded(self) -> bool:
        """Whether a token is needed to get in."""
        return bool(self._tokens)

    def subject_of(self, token: str) -> str | None:
        """The name a token belongs to, or None; every token is compared, in constant time."""
        found = None
        for name, known in self._tokens.items():
            if hmac.compare_digest(known.encode(), token.encode()):
                found = name
        return found

    def user_of(self, connection: HTTPConnection) -> str | None:
        """The user id of a request, or None where it has no valid cookie and no valid bearer token."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if self.guarded and scheme.lower() == "bearer":
            return self.subject_of(token.strip())
        return self._user_of_cookie(connection.cookies.get(COOKIE, ""))

    def login_cookie(self, subject: str) -> str:
        """The cookie value that says `subject` has shown a token."""
        sealed = hmac.new(self._key, subject.encode(), hashlib.sha256).hexdigest()
        return f"{sealed}.{subject.encode().hex()}"

    @staticmethod
    def new_visitor_cookie() -> str:
        """A fresh, unguessable cookie value for a browser that has none."""
        return f"v.{secrets.token_urlsafe(16)}"

    def _user_of_cookie(self, cookie: str) -> str | None:
        if not self.guarded:
            if not _VISITOR.fullmatch(cookie):
                return None
            # The cookie is a secret and the user id is not: ids appear in records and exports.
            return f"visitor-{hashlib.sha256(cookie.encode()).hexdigest()[:16]}"
        sealed, _, named = cookie.partition(".")
        try:
            subject = bytes.fromhex(named).decode()
        except ValueError:
            return None
        expected = self.login_cookie(subject).partition(".")[0]
        return subject if subject in self._tokens and hmac.compare_digest(sealed, expected) else None

"""Who is asking: cookies and tokens become user ids, and nothing else does."""

from pydantic import SecretStr
from starlette.requests import HTTPConnection

from ui.identity import COOKIE, Identity

TOKENS = {"ana": SecretStr("anas-token"), "ben": SecretStr("bens-token")}


def asking(cookie: str | None = None, bearer: str | None = None) -> HTTPConnection:
    headers = []
    if cookie is not None:
        headers.append((b"cookie", f"{COOKIE}={cookie}".encode()))
    if bearer is not None:
        headers.append((b"authorization", f"Bearer {bearer}".encode()))
    return HTTPConnection({"type": "http", "headers": headers})


def test_two_browsers_are_two_users_and_one_browser_stays_one() -> None:
    identity = Identity({})
    first, second = identity.new_visitor_cookie(), identity.new_visitor_cookie()
    assert (
        identity.user_of(asking(first)) == identity.user_of(asking(first)) != identity.user_of(asking(second))
    )


def test_a_visitors_user_id_does_not_give_the_cookie_away() -> None:
    identity = Identity({})
    cookie = identity.new_visitor_cookie()
    assert cookie.removeprefix("v.") not in str(identity.user_of(asking(cookie)))


def test_a_cookie_that_is_not_ours_is_nobody() -> None:
    assert [Identity({}).user_of(asking(cookie)) for cookie in ("", "me", "v.short", "v." + "x" * 23)] == [
        None
    ] * 4


def test_with_tokens_a_bearer_token_names_its_user() -> None:
    identity = Identity(TOKENS)
    assert identity.user_of(asking(bearer="bens-token")) == "ben"
    assert identity.user_of(asking(bearer="wrong-token")) is None


def test_with_tokens_a_visitor_cookie_does_not_let_anyone_in() -> None:
    assert Identity(TOKENS).user_of(asking(Identity.new_visitor_cookie())) is None


def test_a_login_cookie_names_its_user_and_cannot_be_made_for_another() -> None:
    identity = Identity(TOKENS)
    cookie = identity.login_cookie("ana")
    seal = cookie.partition(".")[0]
    assert identity.user_of(asking(cookie)) == "ana"
    assert identity.user_of(asking(f"{seal}.{b'ben'.hex()}")) is None


def test_a_login_ends_when_the_tokens_change() -> None:
    cookie = Identity(TOKENS).login_cookie("ana")
    assert Identity(TOKENS | {"ana": SecretStr("anas-new-token")}).user_of(asking(cookie)) is None

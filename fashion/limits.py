"""Prices and sizes in a free sentence: "under 80", "around fifty euros", "size 38", "in M"."""

from __future__ import annotations

from dataclasses import dataclass

from fashion.amounts import amount_at, phrases, words
from fashion.lexicon import scan
from fashion.sizes import size_in

_TRAITS = ("color", "material", "pattern")
_LEAST_BARE = 15
"""A smaller number without a currency counts something else."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sentence limits; None where it does not.

    Attributes:
        min_price: Lowest price wanted, EUR.
        max_price: Highest price wanted, EUR.
        target_price: The price that "around fifty" names; the two ends then lie around it.
        size: ``"M"``, ``"38"``, ….
    """

    min_price: float | None = None
    max_price: float | None = None
    target_price: float | None = None
    size: str | None = None


def find_limits(tokens: list[str]) -> Limits:
    """Read price limits and size from tokens of `fashion.lexicon.tokenize`."""
    size = size_in(tokens)
    minimum: float | None = None
    maximum: float | None = None
    target: float | None = None
    at = 0
    while at < len(tokens):
        amount, end = amount_at(tokens, at)
        if amount is None:
            at += 1
            continue
        low, high, end = _price(tokens, at, end, amount, size)
        if low == round(amount * 0.7, 2) and high == round(amount * 1.2, 2):
            target = amount
        minimum = low if low is not None else minimum
        maximum = high if high is not None else maximum
        at = end
    if minimum is not None and maximum is not None and minimum > maximum:
        minimum, maximum = maximum, minimum
    return Limits(minimum, maximum, target, size)


def _price(
    tokens: list[str], start: int, end: int, amount: float, size: str | None
) -> tuple[float | None, float | None, int]:
    before = start - 1 if start and tokens[start - 1] in words("currency") else start
    money = before < start
    if end < len(tokens) and tokens[end] in words("currency"):
        money, end = True, end + 1
    elif tokens[end : end + 1] == ["plus"] and _is_currency(tokens, end + 1):
        # "50+ euros"
        return amount, None, end + 2
    if not money and end < len(tokens) and tokens[end] in words("not_money"):
        return None, None, end
    before = _without_points(tokens, before)
    second = _second_amount(tokens, before, end, amount)
    if second is not None:
        return amount, second[0], second[1]
    if not money and size is not None and size == f"{amount:g}":
        return None, None, end
    low, high = _limits_of(tokens, before, end, amount, money=money)
    return low, high, end


def _limits_of(
    tokens: list[str], before: int, end: int, amount: float, *, money: bool
) -> tuple[float | None, float | None]:
    """The lowest and highest price that the words around an amount make of it."""
    below = _length_before(tokens, before, "below")
    above = _length_before(tokens, before, "above")
    if below >= above and below:
        # "nothing cheaper than 30" sets the lower end; "no more than 30" is a phrase of its own.
        comparing = tokens[before - 1] in ("than", "then") or tokens[before - below] in ("under", "below")
        return (amount, None) if comparing and _denied(tokens, before - below) else (None, amount)
    if above and (money or _plainly_price(tokens, before, above, end, amount)):
        return (None, amount) if _denied(tokens, before - above) else (amount, None)
    if _starts_with(tokens, end, "after_is_below"):
        return None, amount
    plus = money and tokens[end : end + 1] == ["plus"] and _ends(tokens, end + 1)
    if plus or _starts_with(tokens, end, "after_is_above"):
        return amount, None
    article = before - 1 if before and tokens[before - 1] == "the" else before
    about = _length_before(tokens, article, "about") or _starts_with(tokens, end, "after_is_about")
    if about and (money or amount >= _LEAST_BARE):
        return round(amount * 0.7, 2), round(amount * 1.2, 2)
    bare = before and tokens[before - 1] == "for" and _ends(tokens, end) and amount >= _LEAST_BARE
    return (None, amount) if money or bare else (None, None)


def _plainly_price(tokens: list[str], before: int, above: int, end: int, amount: float) -> bool:
    """Whether "over 100" without a currency can only be a price: not an age, nothing counted behind it."""
    if tokens[before - 1] in ("than", "then", "least"):
        return True
    person = tokens[before - above - 1] if before > above else ""
    return amount >= _LEAST_BARE and _ends(tokens, end) and person not in words("aged")


def _ends(tokens: list[str], at: int) -> bool:
    """Whether what stands at a position can follow a price: nothing is counted by it."""
    return at >= len(tokens) or not tokens[at].isalpha() or tokens[at] in words("after_a_price")


def _is_currency(tokens: list[str], at: int) -> bool:
    return at < len(tokens) and tokens[at] in words("currency")


def _denied(tokens: list[str], at: int) -> bool:
    """Whether a denial stands a few words before a position, in the same wish: not in "no black and under 60".

    A denied color, material or pattern takes the denial ("no satin under 50"), unless the price is one more thing that
    is denied ("nothing pink or over 100").
    """
    listed = _list_before(tokens, at)
    if listed is not None:
        return listed
    near = max(0, at - 5)
    traits = {match.end - 1 for match in scan(tokens[:at]) if match.kind in _TRAITS and match.end > near}
    for place in range(at - 1, near - 1, -1):
        word = tokens[place]
        if place in traits or word in ".,;!?" or word in words("denial_ends"):
            return False
        if word in words("denials"):
            return True
    return False


def _list_before(tokens: list[str], at: int) -> bool | None:
    """Whether what stands before an "or" at a position is denied; None where no "or" stands there.

    Things told one after the other keep their denial over commas: "nothing pink, striped or over 100".
    """
    end = at
    while end and tokens[end - 1] in words("before_a_limit"):
        end -= 1
    if not end or tokens[end - 1] not in ("or", "nor"):
        return None
    things = {match.end for match in scan(tokens[:end])}
    for place in range(end - 1, -1, -1):
        word = tokens[place]
        if word in words("denials") or word in words("denial_verbs"):
            return True
        if word in ".;!?" or word in words("denial_ends") or (word == "," and place not in things):
            return False
    return False


def _without_points(tokens: list[str], end: int) -> int:
    """Steps back over the point of "max." and the colon of "budget:"."""
    return end - 1 if end > 1 and tokens[end - 1] in (".", ":") and tokens[end - 2].isalpha() else end


def _second_amount(tokens: list[str], before: int, end: int, first: float) -> tuple[float, int] | None:
    """The upper end of "between 50 and 80", "50 to 80 euros" or "from 50 up to 80", and the position behind it."""
    joint = next((some for some in phrases("joints") if tuple(tokens[end : end + len(some)]) == some), None)
    opens = tokens[before - 1] if before else ""
    if joint is None or (joint == ("and",) and opens != "between"):
        return None
    at = start = end + len(joint)
    if at < len(tokens) and tokens[at] in words("currency"):
        at += 1
    amount, stop = amount_at(tokens, at)
    if amount is None:
        return None
    behind = tokens[stop] if stop < len(tokens) else ""
    money = behind in words("currency")
    bare = min(amount, first) >= 10 and behind not in words("not_money") and opens not in words("not_a_range")
    if opens in ("between", "from") or money or at > start or bare:
        return amount, stop + money
    return None


def _length_before(tokens: list[str], end: int, key: str) -> int:
    """How many tokens the longest phrase of a list has that ends right before a position; 0 for none."""
    here = (len(some) for some in phrases(key) if tuple(tokens[max(0, end - len(some)) : end]) == some)
    return max(here, default=0)


def _starts_with(tokens: list[str], at: int, key: str) -> bool:
    return any(tuple(tokens[at : at + len(some)]) == some for some in phrases(key))

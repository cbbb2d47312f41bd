"""Garments in words: noun phrases, captions for reading, and prompts as people type them.

A caption always holds the category's noun (or its style's own noun), the color name and a pattern word, so
that `fashion.mentions.parse_caption` gets them back.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal

from fashion.garment import Garment
from fashion.tables import load_table
from fashion.vocabulary import category_of

PhraseStyle = Literal["noun", "plain", "definite", "bare"]


def is_pair(garment: Garment) -> bool:
    """Whether people say "a pair of …" for it."""
    singular, plural = category_of(garment).nouns(garment.style)
    return singular == plural


def agreeing(garment: Garment, clause: str) -> str:
    """A clause about "it" as it is said of a garment: "it is festive" of shoes is "they are festive"."""
    if not clause.startswith(("it ", "its ")) or not is_pair(garment):
        return clause
    verbs: dict[str, str] = load_table("wording")["verbs_of_pairs"]
    if clause.startswith("its "):
        # "Its color suits": what is said is of the color, which stays one.
        return f"{verbs.get('its', 'their')} {clause.removeprefix('its ')}"
    return " ".join(verbs.get(word, word) for word in clause.split(" "))


def article(words: str) -> str:
    """``"an"`` before a vowel letter, else ``"a"``."""
    return "an" if words[:1].lower() in "aeiou" else "a"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def phrase(garment: Garment, rng: random.Random | None = None, style: PhraseStyle = "noun") -> str:
    """Say a garment as a noun phrase.

    Args:
        garment: What to say.
        rng: Chooses how much detail is said; None says color, pattern, material and noun.
        style: ``noun`` "a navy striped cotton shirt with long sleeves"; ``plain`` the same without the part
            after "with"; ``definite`` "the navy striped cotton shirt"; ``bare`` no article at all.

    Returns:
        The phrase, lower case.
    """
    wording = load_table("wording")
    pattern = wording["patterns"][garment.pattern]["phrase"][0]
    detailed = rng is not None and style in ("noun", "plain")
    words = _noun_words(
        garment, pattern, fit=detailed and _chance(rng, 0.3), cut=detailed and _chance(rng, 0.7)
    )
    if style == "bare":
        return words
    if style == "definite":
        return f"the {words}"
    details = _details(garment) if detailed and style == "noun" and _chance(rng, 0.5) else ""
    return _with_article(garment, words) + details


def title(garment: Garment) -> str:
    """A shop title: ``"Navy Striped Cotton Button-Down Shirt"``."""
    pattern = load_table("wording")["patterns"][garment.pattern]["phrase"][0]
    return " ".join(
        "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
        for word in _noun_words(garment, pattern, fit=False, cut=True).split()
    )


def caption(garment: Garment, rng: random.Random) -> str:
    """One sentence that describes a picture of the garment fully.

    Returns:
        For example ``"This is a navy striped button-down shirt in cotton with long sleeves and a collar."``
    """
    wording = load_table("wording")
    pattern = rng.choice(wording["patterns"][garment.pattern]["caption"])
    material_after = _chance(rng, 0.35) and _material_word(garment) != ""
    words = _noun_words(garment, pattern, fit=_chance(rng, 0.5), cut=True, material=not material_after)
    noun_phrase = _with_article(garment, words)
    if material_after:
        noun_phrase += f" in {garment.material}"
    noun_phrase += _details(garment)
    return _fill(rng.choice(wording["captions"]), noun_phrase)


def drawing_prompt(garment: Garment, rng: random.Random) -> str:
    """What a person might type to have the garment drawn, with everyday synonyms.

    Returns:
        For example ``"draw me a red plaid scarf"``.
    """
    wording = load_table("wording")
    color = garment.color
    if _chance(rng, 0.2):
        color = rng.choice(wording["prompt_colors"].get(color, [color]))
    pattern = rng.choice(wording["patterns"][garment.pattern]["prompt"])
    material = _material_word(garment) if _chance(rng, 0.45) else ""
    noun, noun_is_pair = _prompt_noun(garment, rng, wording)
    cut = _style_word(garment) if _chance(rng, 0.25) else ""
    cut = "" if cut and set(cut.replace("-", " ").split()) & set(noun.replace("-", " ").split()) else cut
    if cut.split("-")[0] == material:
        material = ""
    if material and material in noun:
        material = ""
    if _chance(rng, 0.18):
        tail = f" in {color}"
        words = _spaced(pattern, material, cut, noun)
    else:
        tail = ""
        words = (
            _spaced(pattern, color, material, cut, noun)
            if pattern in ("plain", "solid")
            else _spaced(color, pattern, material, cut, noun)
        )
    if _chance(rng, 0.2):
        tail += _details(garment)
    template = rng.choice(wording["prompts"])
    # Without an article "what would suit …" asks something else.
    if "would" not in template and _chance(rng, 0.25):
        noun_phrase = words + tail
    elif noun_is_pair:
        noun_phrase = rng.choice((f"a pair of {words}", words)) + tail
    else:
        noun_phrase = f"{article(words)} {words}{tail}"
    text = _fill(template, noun_phrase)
    for ambiguous, plain in wording["two_meanings"].items():
        text = text.replace(ambiguous, plain)
    return text[0].upper() + text[1:] if _chance(rng, 0.3) else text


def _chance(rng: random.Random | None, share: float) -> bool:
    return rng is not None and rng.random() < share


def _spaced(*words: str) -> str:
    return " ".join(word for word in words if word)


def _fill(template: str, noun_phrase: str) -> str:
    return template.format(np=noun_phrase, Np=noun_phrase[0].upper() + noun_phrase[1:])


def _with_article(garment: Garment, words: str) -> str:
    return f"a pair of {words}" if is_pair(garment) else f"{article(words)} {words}"


def _style_word(garment: Garment) -> str:
    words: dict[str, str] = load_table("wording")["styles"].get(garment.category, {})
    return words.get(garment.style or "", "")


def _material_word(garment: Garment) -> str:
    """The material as an adjective; empty when noun or style already says it."""
    if garment.material is None:
        return ""
    said = f"{_style_word(garment)} {category_of(garment).nouns(garment.style)[0]}"
    return "" if garment.material in said.replace("-", " ").split() else garment.material


def _noun_words(garment: Garment, pattern: str, *, fit: bool, cut: bool, material: bool = True) -> str:
    wording = load_table("wording")
    noun = category_of(garment).nouns(garment.style)[0]
    length = wording["lengths"].get(garment.length or "", "") if cut else ""
    if length == "long" and garment.category not in wording["long_is_said_for"]:
        length = ""
    fit_word = wording["fits"].get(garment.fit or "", "") if fit else ""
    plain = pattern if pattern in ("plain", "solid") else ""
    return _spaced(
        fit_word,
        plain,
        garment.color,
        "" if plain else pattern,
        length,
        "sleeveless" if garment.sleeve == "sleeveless" and cut and garment.category == "Dresses" else "",
        _material_word(garment) if material else "",
        _style_word(garment) if cut else "",
        noun,
    )


def _details(garment: Garment) -> str:
    """`` with long sleeves and a collar``, or nothing."""
    wording = load_table("wording")
    parts = []
    if garment.sleeve in ("short", "long"):
        parts.append(wording["sleeves"][garment.sleeve])
    if garment.neckline and garment.neckline != (garment.style or ""):
        parts.append(wording["necklines"][garment.neckline])
    return f" with {join_words(parts)}" if parts else ""


def _prompt_noun(garment: Garment, rng: random.Random, wording: dict[str, Any]) -> tuple[str, bool]:
    singular, _ = category_of(garment).nouns(garment.style)
    pair = is_pair(garment)
    if not _chance(rng, 0.4):
        return singular, pair
    by_style: dict[str, list[str]] = wording["prompt_nouns"].get(garment.category, {})
    choices = by_style.get(garment.style or "", []) + by_style.get("any", [])
    if not choices:
        return singular, pair
    noun = rng.choice(choices)
    return noun, noun.endswith("s") and not noun.endswith("ss")

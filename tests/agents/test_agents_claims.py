"""No reply claims of an item what its record does not hold: shown on generated replies, and on planted claims."""

from __future__ import annotations

import random

import pytest

from agents.claims import Records, grounded_reply, unsupported
from agents.contracts import Slots
from agents.reply_contracts import Change, ReplyFacts
from agents.stylist import Stylist
from fashion.boutique import generate_products
from fashion.color import COLORS
from fashion.dress_codes import DRESS_CODES
from fashion.garment import Garment
from fashion.product import Product
from fashion.rules import goes_with_reason
from fashion.vocabulary import CATEGORIES, MATERIALS
from tools.contracts import ItemCard
from tools.describe_item import DescribeItemResult
from tools.nearest import differences
from tools.personalize import PersonalizeResult
from tools.recommend import RecommendResult
from tools.record_feedback import RecordFeedbackResult
from tools.search_catalog import SearchCatalogResult
from tools.sight import Seen
from tools.suggest_alternatives import SuggestAlternativesResult
from tools.wishes import Wishes

PRODUCTS = generate_products(20250425, 408)
LOAFERS = Product(
    id="a", title="Brown Suede Loafers", brand="Harrow", category="Loafers", color="brown", material="suede",
    price=79.5, sizes=("38", "39"), stock=3,
)  # fmt: skip
BOOTS = Product(
    id="b", title="Black Leather Boots", brand="Kestrel", category="Boots", color="black", material="leather",
    price=140, sizes=("40",), stock=0,
)  # fmt: skip
BOTH = Records(products=(LOAFERS, BOOTS), shown=(LOAFERS, BOOTS), at_hand=frozenset({("color", "blue")}))

REPLIES = 520


def generated(seed: int) -> tuple[str, Records, list[Product]]:
    """A reply of the stylist to random facts that are true of real records."""
    rng = random.Random(seed)
    kind = rng.choice(sorted(CATEGORIES))
    pool = [one for one in PRODUCTS if one.category == kind]
    picked = rng.sample(pool, min(len(pool), rng.randint(1, 5)))
    hand = rng.choice(PRODUCTS)
    seen = [Seen.item(hand)] if rng.random() < 0.6 else []
    others = [hand.garment] if seen else []
    wished = rng.sample(sorted(COLORS), 1) if rng.random() < 0.4 else []
    banned = rng.sample(MATERIALS, 1) if rng.random() < 0.3 else []
    slots = Slots(
        colors=wished,
        not_materials=banned,
        max_price=rng.choice([None, 80.0]),
        direction=rng.choice([None, "cheaper"]),
    )
    wishes = Wishes(colors=wished)
    differs = {one.id: [clause for _, clause in differences(one, wishes)] for one in picked}
    differs = {key: clauses for key, clauses in differs.items() if clauses}

    def card(one: Product) -> ItemCard:
        reasons = [
            *differs.get(one.id, []),
            goes_with_reason(one.garment, others, "dinner", rng.choice([None, "winter"])),
        ]
        return ItemCard.of(one, "; ".join(reasons))

    def found(one: Product) -> ItemCard:
        return ItemCard.of(one, "; ".join(differs.get(one.id, [])))

    cards = [card(one) for one in picked]
    exact = not differs
    liked = rng.choice(PRODUCTS)
    result = rng.choice([
        ("recommend", RecommendResult(items=cards, seen=seen, exact=exact, differs=differs, outfit=rng.random() < 0.3,
                                      bolder=cards[-1].id if len(cards) > 2 else None)),
        ("personalize", PersonalizeResult(items=cards, seen=seen, exact=exact, differs=differs, history_known=True,
                                          preferences=[Seen.item(liked).words()], respected=["wool", "yellow bags"],
                                          disliked=["pink"], held_rules=rng.choice([[], ["leather"]]))),
        ("search_catalog", SearchCatalogResult(items=[found(one) for one in picked if exact or one.id in differs],
                                               exact=exact)),
        ("suggest_alternatives", SuggestAlternativesResult(items=cards, exact=exact, differs=differs,
                                                           bound=rng.choice(["", "cheaper than every item shown"]))),
        ("describe_item", DescribeItemResult(items=cards[:1], text=picked[0].description)),
        ("recommend", RecommendResult(items=[], beyond=ItemCard.of(picked[0]), seen=seen)),
    ])  # fmt: skip
    routes = {"search_catalog": "search", "suggest_alternatives": "alternatives", "describe_item": "describe"}
    results = [result]
    if rng.random() < 0.2:
        results.insert(0, ("record_feedback", RecordFeedbackResult(text="Noted.", events=[])))
    facts = ReplyFacts(
        routes=[routes.get(result[0], result[0])],
        slots=slots.model_copy(update={"dress_code": rng.choice([None, *DRESS_CODES])}),
        text=f"message {seed} in {wished or 'any color'}",
        results=results,
        changes=rng.choice([[], [Change(kind="lifted", field="not_colors", old="black")],
                            [Change(kind="replaced", field="max_price", old="60", new="80")]]),
        new_code=rng.random() < 0.5,
        previous_items=[ItemCard.of(one) for one in rng.sample(PRODUCTS, 3)],
    )  # fmt: skip
    products = list(
        {
            one.id: one
            for one in [*picked, *(p for p in PRODUCTS if p.id in {c.id for c in facts.previous_items})]
        }.values()
    )
    return "".join(Stylist().compose(facts)), Records.of(products, facts), picked


def test_in_hundreds_of_generated_replies_no_claim_is_left_and_none_that_is_true_is_taken_out() -> None:
    removed = 0
    for seed in range(REPLIES):
        reply, records, _ = generated(seed)
        checked = grounded_reply(reply, records)
        assert unsupported(checked.text, records) == []
        removed += len(checked.removed)
        assert checked.removed == (), (seed, reply, checked.removed)
    assert removed == 0


def test_claims_planted_in_generated_replies_are_caught_and_taken_out() -> None:
    caught = 0
    for seed in range(REPLIES):
        rng = random.Random(seed)
        reply, records, picked = generated(seed)
        item = rng.choice(picked)
        material = rng.choice(
            [one for one in ("silk", "cashmere", "velvet", "linen") if one != item.material]
        )
        color = rng.choice([one for one in ("teal", "coral", "lavender", "mint") if one != item.color])
        lie = rng.choice([
            f"The {item.title} costs €{item.price + 7:.2f}.",
            f"The {item.title} is made of {material}.",
            f"The {item.title} comes in {color}.",
            f"The {item.title} comes in size 77.",
            f"The {item.title} is by Maison Nowhere.",
            f"Only {item.stock + 2} pieces left of the {item.title}."
            if item.stock < 3 else f"The {item.title} is sold out.",
        ])  # fmt: skip
        checked = grounded_reply(f"{reply} {lie}", records)
        assert lie not in checked.text, (seed, lie)
        assert len(checked.removed) == 1, (seed, lie, checked.removed)
        assert unsupported(checked.text, records) == []
        caught += 1
    assert caught == REPLIES


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("The Brown Suede Loafers cost €80.", "price"),
        ("The Brown Suede Loafers are 79.90 euros.", "price"),
        ("The Brown Suede Loafers come in size 40.", "size"),
        ("The Brown Suede Loafers are sold out.", "stock"),
        ("The Black Leather Boots are in stock.", "stock"),
        ("Only two pairs left of the Brown Suede Loafers.", "stock"),
        ("The Brown Suede Loafers are of soft calf leather.", "material"),
        ("The Brown Suede Loafers also come in navy.", "color"),
        ("The Brown Suede Loafers have a floral lining.", "pattern"),
        ("The Brown Suede Loafers are by Kestrel.", "brand"),
        ("I like the Brown Suede Loafers. They are made of silk.", "material"),
        ("Two of them are in cashmere.", "material"),
        ("The Brown Suede Loafers are not suede.", "material"),
        ("The Brown Suede Loafers cost eighty euros.", "price"),
        ("The Brown Suede Loafers cost a hundred and fifty euros.", "price"),
        ("The Brown Suede Loafers cost 39.", "price"),
        ("The Brown Suede Loafers cost only 39.", "price"),
        ("The Brown Suede Loafers are yours for 20 bucks.", "price"),
        ("The Brown Suede Loafers are 20 quid.", "price"),
        ("The Brown Suede Loafers are 20.00 eur.", "price"),
        ("The Brown Suede Loafers are 1,079.50 EUR.", "price"),
        ("The Brown Suede Loafers are ¥20.", "price"),
        ("The Brown Suede Loafers are 50% off.", "price"),
        ("The Brown Suede Loafers are fifty percent off.", "price"),
        ("The Brown Suede Loafers are reduced from 100.", "price"),
        ("The Brown Suede Loafers are on sale.", "price"),
        ("The Brown Suede Loafers come in 45.", "size"),
        ("The Brown Suede Loafers come in all sizes.", "size"),
        ("Six pairs left of the Brown Suede Loafers.", "stock"),
        ("There are 6 left of the Brown Suede Loafers.", "stock"),
        ("This is the last pair of the Brown Suede Loafers.", "stock"),
        ("The Brown Suede Loafers are made of crocodile.", "material"),
        ("The Brown Suede Loafers are lined with sheepskin.", "material"),
    ],
)
def test_each_kind_of_claim_is_caught(words: str, kind: str) -> None:
    assert [claim.kind for claim in unsupported(words, BOTH)] == [kind]


@pytest.mark.parametrize(
    "words",
    [
        "The Brown Suede Loafers cost €79.50 and are in stock in size 38.",
        "The Brown Suede Loafers, because brown and blue are easy together.",
        "The Black Leather Boots are out of stock.",
        "The Black Leather Boots by Kestrel are black, not brown.",
        "Only three pairs left of the Brown Suede Loafers.",
        "They cost from €79.50 to €140.",
        "The Brown Suede Loafers cost 79.50.",
        "The Brown Suede Loafers are 79,50 euros.",
        "The Black Leather Boots cost a hundred and forty euros.",
        "The Brown Suede Loafers come in 38 and 39.",
        "The Brown Suede Loafers are not on sale, and do not come in all sizes.",
        "The Brown Suede Loafers are no crocodile.",
        "Nothing in stock meets every wish, so these come nearest.",
        "Hello! Send me a photo.",
    ],
)
def test_what_a_record_holds_may_be_said(words: str) -> None:
    assert unsupported(words, BOTH) == []


def test_without_items_talk_of_materials_claims_nothing() -> None:
    assert unsupported("Silk is washed by hand; navy and camel are a classic pair.", Records()) == []


def test_a_reply_of_nothing_but_false_claims_is_not_left_empty() -> None:
    checked = grounded_reply("The Brown Suede Loafers cost €5.", BOTH)
    assert checked.removed and checked.text and unsupported(checked.text, BOTH) == []


def test_garments_at_hand_are_not_items() -> None:
    seen = Seen(category="Jeans", color="blue", material="denim", pattern="solid")
    facts = ReplyFacts(
        routes=["recommend"],
        results=[("recommend", RecommendResult(items=[ItemCard.of(LOAFERS)], seen=[seen]))],
    )
    records = Records.of([LOAFERS], facts)
    assert (
        unsupported("With the blue denim jeans, I would start with the Brown Suede Loafers.", records) == []
    )
    assert isinstance(seen.garment(), Garment)


def test_marks_that_come_with_a_reply_are_only_text() -> None:
    records = Records(products=tuple(generate_products(count=51)[:3]))
    assert unsupported("Hello \x009\x01 there.", records) == []

"""Items that are to be shown again and may not: a rule or limit that was set since forbids them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.reply_contracts import LeftOut, Standing
from fashion.product import Product
from graphs.constraints import Constraint, in_force
from graphs.wishes import arguments_of
from stores.catalog import Catalog, ProductNotFoundError
from tools.broken_rules import broken_rules
from tools.preferences import Known
from tools.wishes import Wishes


def left_out_of(
    item_ids: Sequence[str], constraints: Sequence[Constraint], known: Known, catalog: Catalog
) -> list[LeftOut]:
    """The items among some that break a rule of the person or a limit of the thread, with what they break; blocking."""
    found = []
    for item_id in item_ids:
        try:
            product = catalog.get(item_id)
        except ProductNotFoundError:
            # That it is sold no more is told by the look-up itself.
            continue
        rules, limits = broken_rules(known, product), _broken(constraints, product)
        if rules or limits:
            found.append(LeftOut(id=product.id, title=product.title, rules=rules, limits=limits))
    return found


def _broken(constraints: Sequence[Constraint], product: Product) -> list[Standing]:
    return [
        Standing(field=one.field, value=one.value, turn=one.turn, words=one.words, about=list(one.about))
        for one in constraints
        if Wishes(**arguments_of(in_force([one], (product.category,)))).breaks(product)
    ]

"""A router that follows a script: the words of a message decide, by a table."""

from __future__ import annotations

from typing import Any

from agents.contracts import RoutePlan, RouteRequest, Slots

SCRIPT: dict[str, tuple[list[str], dict[str, Any]]] = {
    "what shoes go with these?": (["recommend"], {"groups": ["footwear"]}),
    "something cheaper please": (["alternatives"], {"direction": "cheaper"}),
    "in white, please": (["alternatives"], {"colors": ["white"]}),
    "and not sneakers": (["alternatives"], {"not_categories": ["Sneakers"]}),
    "I love the first one": (["feedback"], {"feedback": "like", "item_ids": ["first"]}),
    "I hate the first one": (["feedback"], {"feedback": "dislike", "item_ids": ["first"]}),
    "I love navy": (["feedback"], {"feedback": "like", "colors": ["navy"]}),
    "I never wear leather": (["feedback"], {"feedback": "avoid", "not_materials": ["leather"]}),
    "shoes for me": (["personalize"], {"groups": ["footwear"]}),
    "I hate leather, show me shoes for me": (
        ["personalize", "feedback"],
        {"feedback": "avoid", "materials": ["leather"], "groups": ["footwear"]},
    ),
    "draw me a red plaid scarf": (
        ["generate_image"], {"categories": ["Scarves"], "colors": ["red"], "patterns": ["checked"]},
    ),
    "find boots and draw them": (["search", "generate_image"], {"categories": ["Boots"]}),
    "find bags and say what this is": (["search", "describe"], {"groups": ["bags"]}),
    "try it on": (["try_on"], {"item_ids": ["first"]}),
    "what do you know about me?": (["history"], {"history_action": "show"}),
    "forget everything you know about me": (["history"], {"history_action": "forget"}),
    "yes": (["history"], {"confirmed": True}),
    "no": (["chat"], {"confirmed": False}),
    "hello": (["chat"], {}),
    "hm": (["clarify"], {}),
}  # fmt: skip


class ScriptedRouter:
    """Routes by `SCRIPT`; "first" among item ids is the first item shown. Keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[RouteRequest] = []

    def route(self, request: RouteRequest) -> RoutePlan:
        self.requests.append(request)
        routes, slots = SCRIPT[request.text]
        if "item_ids" in slots:
            slots = slots | {
                "item_ids": [request.context.last_items[0].id] if request.context.last_items else []
            }
        question = "What are you looking for?" if routes == ["clarify"] else None
        return RoutePlan(routes=routes, slots=Slots(**slots), confidence=1.0, question=question)

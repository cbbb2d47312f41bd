"""`fashionm3 chat --jsonl` as a script uses it: a process, lines in, records out."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fashion.vocabulary import CATEGORIES
from tests.e2e.conftest import ROOT

FOOTWEAR = {name for name, category in CATEGORIES.items() if category.group == "footwear"}


@pytest.fixture(scope="module")
def home(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own, since each program has Chroma's files to itself."""
    folder = tmp_path_factory.mktemp("jsonl") / "home"
    shutil.copytree(small_home, folder)
    return folder


class Chat:
    """A running `fashionm3 chat --jsonl`: a line in, its record out, before the next line is written."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [*command, "chat", "--jsonl"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def say(self, text: str, *images: Path) -> dict[str, Any]:
        return self.send(
            json.dumps(
                {"user": "ana", "thread": "t1", "text": text, "images": [str(path) for path in images]}
            )
        )

    def end(self) -> str:
        """Close the input; what else there was on standard output."""
        rest, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return str(rest)


def test_the_lines_of_a_first_conversation(
    command: list[str], environment: dict[str, str], home: Path, photo: Path
) -> None:
    environment = environment | {"FASHIONM3_HOME": str(home)}
    chat = Chat(command, environment)
    shoes = chat.say("what shoes go with these?", photo)
    cheaper = chat.say("something cheaper please")
    assert shoes["items"]
    assert {item["category"] for item in shoes["items"] + cheaper["items"]} <= FOOTWEAR
    assert max(item["price"] for item in cheaper["items"]) < max(item["price"] for item in shoes["items"])
    loved = chat.say("I love the first one")
    assert loved["routes"] == ["feedback"]
    assert loved["tools"][0]["arguments"]["item_ids"] == [cheaper["items"][0]["id"]]
    drawn = chat.say("draw me a red plaid scarf")
    assert [Image.open(path).format for path in drawn["images"]] == ["PNG"]
    asked = chat.say("forget everything you know about me")
    assert asked["tools"][0]["arguments"] == {"confirm": False}
    bad = chat.send("this is not json")
    assert "not JSON" in bad["error"]
    forgotten = chat.say("yes")
    assert forgotten["error"] is None
    assert forgotten["tools"][0]["arguments"] == {"confirm": True}
    assert "Pictures that I drew from words stay (1)" in forgotten["reply"]
    assert [record["turn"] for record in (shoes, cheaper, loved, drawn, asked)] == [1, 2, 3, 4, 5]
    assert chat.end() == ""
    exported = subprocess.run(
        [*command, "history", "export", "--user", "ana"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    # A picture drawn from words shows nothing of the person and stays.
    left = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [(one["kind"], one["origin"]) for one in left] == [("picture", "generate_image")]

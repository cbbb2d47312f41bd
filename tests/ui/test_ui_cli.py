"""The command line: what it refuses, how it says so, and what it keeps off standard output."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from graphs.checkpoints import Checkpoints
from graphs.journal import TurnJournal
from graphs.turn import TurnRecord
from stores.artifacts import Artifacts
from ui.cli.app import app
from ui.cli.terminal import missing_pictures, split_pictures
from ui.settings import Settings

runner = CliRunner()
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FASHIONM3_{name.upper()}", raising=False)
    monkeypatch.setenv("FASHIONM3_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_every_command_of_the_contract_is_there() -> None:
    shown = runner.invoke(app, ["--help"]).output
    for command in (
        "chat",
        "serve",
        "mcp",
        "route",
        "describe",
        "draw",
        "doctor",
        "catalog",
        "history",
        "eval",
    ):
        assert command in shown


def test_the_help_does_not_wait_for_torch() -> None:
    heavy = "{'torch', 'gradio', 'chromadb', 'transformers', 'langgraph', 'mcp'}"
    script = f"import sys, ui.cli.app; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("setting", "value"), [("PORT", "many"), ("TOKENS", "ana"), ("LOG_LEVEL", "loud"), ("BOUTIQUE_SIZE", "3")]
)
def test_a_setting_that_cannot_be_used_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(f"FASHIONM3_{setting}", value)
    result = runner.invoke(app, ["route", "hello"])
    assert result.exit_code == 2
    assert f"FASHIONM3_{setting}" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_secret_that_is_wrong_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_TOKENS", "ana=hunter2")
    assert "hunter2" not in runner.invoke(app, ["route", "hello"]).output


def test_serving_a_network_without_tokens_is_refused_and_the_way_is_told() -> None:
    result = runner.invoke(app, ["serve", "--host", "0.0.0.0"])
    assert result.exit_code == 2
    assert "FASHIONM3_TOKENS" in result.stderr


def test_a_port_that_is_taken_is_told_before_anything_is_built(own_home: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = runner.invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert result.exit_code == 2
    assert "--port" in result.stderr
    assert not own_home.exists()


@pytest.mark.parametrize(
    "arguments", [["serve", "--port", "0"], ["chat"], ["chat", "--jsonl"], ["draw", "a scarf", "-o", "x.png"]]
)
def test_a_folder_without_a_model_is_refused_at_once_and_the_models_in_the_box_are_named(
    monkeypatch: pytest.MonkeyPatch, own_home: Path, arguments: list[str]
) -> None:
    monkeypatch.setenv("FASHIONM3_VLM_DIR", "nonsense")
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert "FASHIONM3_VLM_DIR to mini or small" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not own_home.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["draw", "a red scarf", "-o", "scarf.gif"], "must end in"),
        (["draw", "a red scarf", "-o", "no-such-folder/scarf.png"], "no folder"),
        (["draw", "  ", "-o", "scarf.png"], "what to draw"),
        (["catalog", "import", "no-such-file.csv"], "no file"),
        (["eval", "scenarios", "--json", "no-such-folder/x.json"], "no folder"),
        (["route"], "--jsonl"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_with_status_two(arguments: list[str], sentence: str) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_stack_trace_is_shown_to_those_who_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_DEBUG", "1")
    assert type(runner.invoke(app, ["route"]).exception).__name__ == "BadInputError"


def test_a_history_that_is_empty_is_exported_as_nothing(own_home: Path) -> None:
    result = runner.invoke(app, ["history", "export"])
    assert (result.exit_code, result.stdout) == (0, "")


def test_an_export_holds_notes_messages_and_pictures_of_one_person(own_home: Path) -> None:
    own_home.mkdir(exist_ok=True)

    async def keep() -> None:
        async with Checkpoints.from_conn_string(str(own_home / "conversations.sqlite")) as saver:
            journal = TurnJournal(saver)
            for user in ("local", "ben"):
                record = TurnRecord(user=user, thread="t", turn=1, routes=["chat"], reply=f"Hello {user}.")
                await journal.write(record, f"key of {user}", text=f"I am {user}", image_ids=["p"])

    asyncio.run(keep())
    artifacts = Artifacts(own_home / "pictures")
    kept = artifacts.put_picture(Image.new("RGB", (8, 8)), origin="upload", owner="local")
    artifacts.put_picture(Image.new("RGB", (8, 8), "red"), origin="upload", owner="ben")
    artifacts.close()
    result = runner.invoke(app, ["history", "export", "--user", "local"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert lines == [
        {"kind": "message", "thread": "t", "turn": 1, "text": "I am local", "image_ids": ["p"],
         "reply": "Hello local."},
        {"kind": "picture", "id": kept.id, "origin": "upload", "path": str(kept.path)},
    ]  # fmt: skip


def test_route_answers_each_line_with_its_plan_and_a_bad_line_with_its_error() -> None:
    lines = [
        '{"text": "what shoes go with these?", "images": 1}',
        "not json",
        '{"text": 7}',
        '{"text": "hello"}',
    ]
    result = runner.invoke(app, ["route", "--jsonl"], input="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [("error" in answer) for answer in answers] == [False, True, True, False]
    assert answers[0]["routes"] == ["recommend"]
    assert set(answers[0]) >= {"routes", "slots", "confidence"}


def test_photos_named_in_a_typed_line_are_sent_along(tmp_path: Path) -> None:
    photo = tmp_path / "my jeans.jpg"
    photo.touch()
    assert split_pictures(f"'{photo}' what goes with these?") == ("what goes with these?", [photo])
    assert split_pictures("what's in my absent.jpg?") == ("what's in my absent.jpg?", [])


PRINTING = """
import os, sys
from ui.cli.door import reserved_stdout
with reserved_stdout() as records:
    print("from python")
    os.write(1, b"from c\\n")
    records.write("a record\\n")
print("afterwards")
"""


def test_prints_of_python_and_of_c_code_stay_off_the_records() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PRINTING], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stdout == "a record\nafterwards\n"
    assert set(ran.stderr.splitlines()) == {"from python", "from c"}


def test_the_version_is_told() -> None:
    told = runner.invoke(app, ["--version"])
    assert told.exit_code == 0 and told.output.startswith("fashionm3 ")


def test_a_picture_that_is_missing_is_named_and_other_words_are_no_picture() -> None:
    assert missing_pictures("jeans.jpg what goes with 'my shoes.png' ?") == ["jeans.jpg", "my shoes.png"]
    assert missing_pictures("what's a .jpg? I like this") == []
    Path("jeans.jpg").write_bytes(b"x")
    assert missing_pictures("jeans.jpg what goes with these?") == []


def test_to_draw_what_is_nothing_to_wear_is_refused_with_what_can_be_drawn(tmp_path: Path) -> None:
    refused = runner.invoke(app, ["draw", "a dog on the moon", "-o", str(tmp_path / "dog.png")])
    assert refused.exit_code == 2 and "single pieces of clothing" in refused.output
    assert not (tmp_path / "dog.png").exists()


def test_describe_fails_where_no_picture_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    failed = runner.invoke(app, ["describe", "nowhere.jpg", "broken.jpg", "--json"])
    assert failed.exit_code == 1
    lines = [json.loads(line) for line in failed.output.splitlines() if line.startswith("{")]
    assert [set(line) for line in lines] == [{"path", "error"}] * 2

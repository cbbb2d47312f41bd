"""``fashionm3 draw``: the best of several candidates, and a plain word where even that is not what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import ui.assembly
from tests.standin import StandInFashionVLM
from tools.drawing_tries import CANDIDATES, TRIES
from ui.cli.app import app
from vlm.client import Drawing, Reading

runner = CliRunner()


class Drawn(StandInFashionVLM):
    """Draws one picture that is read as it is told."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self.own, self.candidates = reading, []

    async def draw(self, prompt: str, *, candidates: int = 1, **more: object) -> list[Drawing]:
        self.candidates.append(candidates)
        return [Drawing(Image.new("RGB", (64, 64), "red"), self.own, 0)]


@pytest.mark.parametrize(
    ("color", "doubt"), [("red", ""), ("coral", "you asked for red, and I read coral in it")]
)
def test_a_drawing_that_reads_otherwise_than_its_words_is_said_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, color: str, doubt: str
) -> None:
    model = Drawn(Reading("Scarves", color, "solid", ""))
    monkeypatch.setattr(ui.assembly, "start_model", lambda settings: model)
    monkeypatch.setenv("FASHIONM3_HOME", str(tmp_path))
    file = tmp_path / "scarf.png"
    done = runner.invoke(app, ["draw", "a red scarf", "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert file.is_file()
    assert model.candidates == [CANDIDATES, *([1] * (TRIES - 1) if doubt else [])]
    assert (doubt in done.stderr) if doubt else ("come out right" not in done.stderr)
    assert done.stdout.strip() == str(file)

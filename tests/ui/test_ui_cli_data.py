"""``fashionm3 data``: what it writes, and what it refuses."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fashion import fashionrec_writing
from fashion.fashionrec import read_samples
from ui.cli.app import app

runner = CliRunner()
TINY = ["--test-count", "1", "--people", "1", "--size", "32", "--workers", "1", "--no-item-pictures"]


def test_a_folder_is_written_and_going_on_with_it_changes_nothing(tmp_path: Path) -> None:
    arguments = ["data", "fashionrec", str(tmp_path / "out"), "--split", "test", *TINY]
    first = runner.invoke(app, arguments)
    assert (first.exit_code, first.stdout) == (0, f"3 samples are in {tmp_path / 'out'}.\n")
    tars = sorted((tmp_path / "out" / "data").rglob("*.tar"))
    assert [len(list(read_samples(tar))) for tar in tars] == [1, 1, 1]
    assert runner.invoke(app, arguments).exit_code == 0
    other = runner.invoke(app, [*arguments, "--seed", "1"])
    assert other.exit_code == 2
    assert "holds data of other settings" in other.stderr
    assert "Traceback" not in other.stderr


def test_an_odd_size_is_refused_in_a_sentence(tmp_path: Path) -> None:
    refused = runner.invoke(app, ["data", "fashionrec", str(tmp_path / "out"), "--size", "33"])
    assert (refused.exit_code, refused.stderr) == (2, "fashionm3: --size must be even, got 33.\n")
    assert not (tmp_path / "out").exists()


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fashionrec_writing, "make_sample", stopped)
    result = runner.invoke(app, ["data", "fashionrec", str(tmp_path / "out"), "--split", "test", *TINY])
    assert result.exit_code == 130
    assert "The same command goes on" in result.stderr

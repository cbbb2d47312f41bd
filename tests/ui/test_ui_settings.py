"""Settings: read from the environment, told clearly when wrong, documented as they are."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from ui.assembly import start_model
from ui.cli.doctor import _load_model, _tried
from ui.cli.vlm_serve import load_engine
from ui.settings import Settings
from ui.settings_table import settings_table
from vlm.client import FashionVLMUnavailableError
from vlm.model import FashionVLMModel, chosen_device
from vlm.shipped import shipped_directory

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FASHIONM3_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_documented_table_is_the_table_of_the_code() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_table()


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_come_from_the_environment_and_from_a_dot_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("FASHIONM3_PORT=9001\nFASHIONM3_USER=file\n")
    monkeypatch.setenv("FASHIONM3_USER", "environment")
    settings = Settings()
    assert (settings.port, settings.user) == (9001, "environment")


def test_tokens_are_read_as_names_and_secrets_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_TOKENS", "ana=first-token, ben=second-token")
    settings = Settings()
    assert settings.tokens["ben"].get_secret_value() == "second-token"
    assert "second-token" not in repr(settings)


@pytest.mark.parametrize(
    "tokens", ["ana", "ana=short", "ana=long-enough,ana=other-token", "a=same-token,b=same-token"]
)
def test_tokens_that_cannot_be_used_are_refused(monkeypatch: pytest.MonkeyPatch, tokens: str) -> None:
    monkeypatch.setenv("FASHIONM3_TOKENS", tokens)
    with pytest.raises(ValidationError):
        Settings()


def test_public_hosts_are_parted_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_PUBLIC_HOSTS", "shop.example, shop.example:8443")
    assert Settings().public_hosts == ("shop.example", "shop.example:8443")


def test_the_home_folder_may_start_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_HOME", "~/fashion")
    assert Settings().home == Path.home() / "fashion"


def test_a_model_in_the_box_is_chosen_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_VLM_DIR", "small")
    assert Settings().vlm_dir == shipped_directory("small")
    Path("small").mkdir()
    Path("small/config.json").write_text("{}")
    assert Settings().vlm_dir == Path.cwd() / "small"
    monkeypatch.setenv("FASHIONM3_VLM_DIR", "runs/full/model")
    assert Settings().vlm_dir == Path.cwd() / "runs" / "full" / "model"


def test_a_gpu_that_is_not_there_is_said_in_a_sentence_and_the_cpu_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert chosen_device(Settings().vlm_device) == chosen_device("cpu") == "cpu"
    monkeypatch.setenv("FASHIONM3_VLM_DEVICE", "cuda")
    _, works, told = _tried("FashionVLM loads", lambda: _load_model(Settings()))
    assert not works and "no GPU here that torch can use" in told and "FASHIONM3_VLM_DEVICE" in told
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert chosen_device() == chosen_device("cuda") == "cuda" and chosen_device("cpu") == "cpu"


@pytest.mark.parametrize(("named", "dtype"), [("bfloat16", torch.bfloat16), (None, None)])
async def test_the_precision_that_is_set_reaches_the_model_wherever_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, named: str | None, dtype: torch.dtype | None
) -> None:
    if named is not None:
        monkeypatch.setenv("FASHIONM3_VLM_DTYPE", named)
    heard = []

    def loading(directory: Path | None = None, **options: object) -> None:
        heard.append(options["dtype"])
        raise FileNotFoundError("enough was heard")

    monkeypatch.setattr(FashionVLMModel, "from_pretrained", loading)
    settings = Settings()
    model = start_model(settings)
    with pytest.raises(FashionVLMUnavailableError):
        await model.describe(Image.new("RGB", (8, 8)))
    assert "enough was heard" in str(model.failure)
    for load in (load_engine, _load_model):
        with pytest.raises(FileNotFoundError):
            load(settings)
    assert heard == [dtype] * 3


def test_doctor_tells_what_the_model_computes_in_and_that_this_cpu_is_slow_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _load_model(Settings(vlm_device="cpu")) == "mini, in the package, float32 on cpu"
    for native, advice in ((True, ""), (False, ": very slow on this CPU, unset FASHIONM3_VLM_DTYPE")):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda native=native: {"avx512_bf16": native})
        told = _load_model(Settings(vlm_device="cpu", vlm_dtype="bfloat16"))
        assert told == f"mini, in the package, bfloat16 on cpu{advice}"

"""Which files are asked of the hub where only a text tokenizer is wanted."""

from fnmatch import fnmatch

from huggingface_hub.errors import LocalEntryNotFoundError

from vlm.published import hub
from vlm.published.importing import ImportPlan, _words_folder


def test_a_text_tokenizer_is_fetched_without_the_weights_beside_it(monkeypatch, tmp_path):
    asked = []

    def snapshot(source, *, cache_dir, allow_patterns=(), local_files_only=False):
        if local_files_only:
            raise LocalEntryNotFoundError("not here")
        asked.append((source, allow_patterns))
        return str(tmp_path)

    monkeypatch.setattr(hub, "snapshot_download", snapshot)
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    for plan in (ImportPlan("x"), ImportPlan("x", words="some/words")):
        _words_folder(plan, tmp_path)
    assert [source for source, _ in asked] == ["microsoft/phi-1_5", "some/words"]
    for _, patterns in asked:
        names = (
            "tokenizer.json",
            "vocab.json",
            "merges.txt",
            "added_tokens.json",
            "model.safetensors",
            "m.bin",
        )
        taken = [name for name in names if any(fnmatch(name, pattern) for pattern in patterns)]
        assert taken == ["tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json"]

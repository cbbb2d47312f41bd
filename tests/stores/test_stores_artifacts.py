"""Artifacts: content-addressed, owned, and kept whole."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stores.artifacts import ArtifactNotFoundError, Artifacts, ImageRefusedError


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path)


def upload(color: str = "teal", size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera Maker"
    Image.new("RGB", size, color).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_an_upload_is_kept_as_a_fresh_jpeg_without_metadata(artifacts: Artifacts) -> None:
    artifact = artifacts.put_bytes(upload(), origin="upload", owner="ana")
    assert (artifact.width, artifact.height, artifact.media_type) == (40, 30, "image/jpeg")
    assert (artifact.origin, artifact.owner) == ("upload", "ana")
    assert b"Secret Camera" not in artifact.path.read_bytes()
    assert artifacts.get(artifact.id) == artifact


def test_our_own_picture_is_kept_without_loss(artifacts: Artifacts) -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8))
    picture.info["Comment"] = "do not keep"
    artifact = artifacts.put_picture(picture, origin="generate_image")
    assert artifact.media_type == "image/png"
    assert np.array_equal(np.asarray(artifacts.open(artifact.id)), np.asarray(picture))
    assert b"do not keep" not in artifacts.path(artifact.id).read_bytes()


def test_the_same_picture_twice_is_one_artifact(artifacts: Artifacts) -> None:
    first = artifacts.put_bytes(upload(), origin="upload", owner="ana")
    assert artifacts.put_bytes(upload(), origin="upload", owner="ana") == first
    assert artifacts.put_bytes(upload("red"), origin="upload", owner="ana").id != first.id


def test_the_same_picture_of_two_people_is_two_artifacts_and_neither_opens_the_others(
    artifacts: Artifacts,
) -> None:
    hers = artifacts.put_bytes(upload(), origin="upload", owner="ana")
    his = artifacts.put_bytes(upload(), origin="upload", owner="ben")
    assert hers.id != his.id
    assert artifacts.open_for("ana", hers.id).size == (40, 30)
    with pytest.raises(ArtifactNotFoundError):
        artifacts.open_for("ben", hers.id)


def test_a_picture_without_owner_opens_for_anybody(artifacts: Artifacts) -> None:
    artifact = artifacts.put_picture(Image.new("RGB", (8, 8)), origin="generate_image")
    assert artifacts.open_for("ben", artifact.id).mode == "RGB"


def test_a_refused_upload_leaves_nothing_behind(artifacts: Artifacts, tmp_path: Path) -> None:
    with pytest.raises(ImageRefusedError):
        artifacts.put_bytes(b"not a picture", origin="upload", owner="ana")
    assert not [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]


@pytest.mark.parametrize("id", ["", "nope", "../../etc/passwd", "%", "0" * 64, "a" * 11])
def test_an_unknown_id_is_not_found_whatever_it_holds(artifacts: Artifacts, id: str) -> None:
    artifacts.put_picture(Image.new("RGB", (8, 8)), origin="x")
    with pytest.raises(ArtifactNotFoundError, match="no picture"):
        artifacts.get(id)


def test_an_artifact_is_found_by_the_beginning_of_its_id(artifacts: Artifacts) -> None:
    artifact = artifacts.put_picture(Image.new("RGB", (8, 8)), origin="x")
    assert artifacts.get(artifact.id[:16]) == artifact


def test_an_artifact_whose_file_is_gone_is_not_found_and_can_be_put_again(artifacts: Artifacts) -> None:
    artifact = artifacts.put_bytes(upload(), origin="upload")
    artifact.path.unlink()
    with pytest.raises(ArtifactNotFoundError):
        artifacts.open(artifact.id)
    assert artifacts.put_bytes(upload(), origin="upload") == artifact


def test_artifacts_outlive_the_store_object(tmp_path: Path) -> None:
    first = Artifacts(tmp_path)
    artifact = first.put_bytes(upload(), origin="upload", owner="ana")
    first.close()
    assert Artifacts(tmp_path).open_for("ana", artifact.id).size == (40, 30)


def test_forgetting_a_person_deletes_their_pictures_and_nobody_elses(artifacts: Artifacts) -> None:
    hers = [artifacts.put_bytes(upload(c), origin="upload", owner="ana") for c in ("red", "blue")]
    his = artifacts.put_bytes(upload(), origin="upload", owner="ben")
    assert artifacts.forget("ana") == 2
    assert not any(artifact.path.exists() for artifact in hers)
    with pytest.raises(ArtifactNotFoundError):
        artifacts.get(hers[0].id)
    assert artifacts.get(his.id) == his


def test_many_threads_put_and_open_at_once(artifacts: Artifacts) -> None:
    ids: list[str] = []
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                artifact = artifacts.put_picture(Image.new("RGB", (9, 9), (step, 0, 0)), origin="x")
                assert artifacts.open(artifact.id).getpixel((0, 0)) == (step, 0, 0)
                ids.append(artifact.id)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(set(ids)) == 5

"""Names and paths: a text or a path-like object of Python, whichever function takes it; nothing else, and no NUL."""

from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import BadParameter, errors, latents, models

PICTURE = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)
HASH = "0" * 16
TAKING = {
    "find_model": ("name", models.find_model),
    "add_model": ("model", models.add_model),
    "remove_model": ("name", models.remove_model),
    "verify_model": ("model", models.verify_model),
    "diff_models": ("a", lambda path: models.diff_models(path, "photo-f8c4")),
    "diff_models, the other": ("b", lambda path: models.diff_models("photo-f8c4", path)),
    "write_model_list": ("folder", models.write_model_list),
    "add_model_path": ("folder", models.add_model_path),
    "set_runtime_library": ("path", models.set_runtime_library),
    "add_runtime_candidate": ("path", models.add_runtime_candidate),
    "fetch_model": ("source", lambda path: models.fetch_model(HASH, path)),
    "fetch_model, several": ("source", lambda path: models.fetch_model(HASH, [path])),
    "load_plugin": ("path", v.load_plugin),
}


class Wrong:
    """Says that it is a path, and is none."""

    def __fspath__(self):
        return b"a path of bytes"


@pytest.mark.parametrize("value", [None, 3, Wrong(), "\ud800"], ids=repr)
@pytest.mark.parametrize(("name", "call"), TAKING.values(), ids=TAKING)
def test_what_is_no_path_is_said_by_name(name, call, value):
    with pytest.raises(BadParameter, match=f"^{name} is a text or a path(, or a list of them)?, not "):
        call(value)


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize(("name", "call"), TAKING.values(), ids=TAKING)
def test_a_nul_does_not_cut_a_path_short(name, call, kind, tmp_path):
    with pytest.raises(BadParameter, match=f"^{name} is .*w.x00b'.*, but no path has the character NUL"):
        call(kind(f"{tmp_path}/w\0b"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "call",
    [
        v.RowReader,
        v.decompress,
        v.decompress_part,
        v.decompress_stream,
        v.preview,
        v.file_info,
        lambda path: v.save(path, PICTURE),
        lambda path: v.RowWriter(path, PICTURE.shape),
        lambda path: v.compress(PICTURE, model=path),
        lambda path: v.transcode(v.compress(PICTURE, lossless=True), path),
        latents.LatentStore,
        latents.LatentWriter,
    ],
)
def test_nor_one_of_a_file(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    v.save("o.vrs", PICTURE, lossless=True)
    with pytest.raises(BadParameter, match="but no path has the character NUL"):
        call("o.vrs\0x")
    assert [path.name for path in tmp_path.iterdir()] == ["o.vrs"]


def test_paths_are_taken_as_texts_are(model_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = model_folder / "sdxl-vae"
    assert models.find_model(folder).hash == models.find_model(str(folder)).hash
    assert models.diff_models(folder, folder) == []
    assert models.verify_model(folder).model.name == models.find_model(folder).name
    assert models.write_model_list(tmp_path) == 0 and (tmp_path / "models.json").is_file()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: models.model_name_of(None), "repository is a text such as 'org/name', not None"),
        (lambda: models.add_model("photo-f8c4", None), "name is a text, not None"),
        (lambda: models.fetch_model(3), "hash is a text, not 3"),
        (lambda: models.fetch_model(HASH, 3), "source is a text or a path, or a list of them, not 3"),
        (lambda: models.fetch_model(HASH, np.array(3)), "source is a text or a path, or a list of them, not array"),
        (lambda: v.step_of_quality("x", 1), "quality is a number, not 'x'"),
        (lambda: v.step_of_quality(50, None), "latent_std is a number, not None"),
        (lambda: v.World().spawn_latent(None), "an array is one of numbers, .*, not None"),
        (lambda: v.World().set(1, "mine", None, kind="image"), "an array is one of numbers, .*, not None"),
        (lambda: v.World("x"), "arena_bytes is a whole number, such as 512 << 20, not 'x'"),
        (lambda: v.World().pipe(None), "an entity is a whole number, .*, not None"),
        (lambda: v.World(None), "arena_bytes is a whole number, such as 512 << 20, not None"),
        (lambda: v.compress(PICTURE / 255, value_range=(0, 10**400)), r"value_range is \(black, white\), two numbers"),
    ],
)
def test_what_is_wanted_is_said(call, text):
    with pytest.raises(BadParameter, match=text):
        call()


def test_none_is_no_picture(tmp_path):
    with pytest.raises(errors.InvalidArgument, match=r"a latent is an array \(C, h, w\) of float32, not None"):
        v.compress_latent(None, "quantize | ans")
    with pytest.raises(errors.ImageUnsupported, match="pictures are a list of them, not NoneType"):
        v.World().spawn_batch_rgb(None)
    with pytest.raises(errors.InvalidArgument, match=r"rows are an array .*, not None"):
        v.RowWriter(tmp_path / "a.vrs", PICTURE.shape).write(None)

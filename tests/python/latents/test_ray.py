"""Ray Data on a cluster of this machine: every good picture once, every bad one named, whoever dies on the way."""

import io
import os
import signal

import numpy as np
import pytest
from vaerans_ecs import LatentStore, decompress, errors

ray = pytest.importorskip("ray", reason="needs ray")
pytestmark = pytest.mark.long

COUNT, BAD = 500, {7: "cut", 123: "grey", 250: "noise", 251: "empty", 499: "lost"}


def picture(number):
    shape = (48, 64, 3) if number % 3 else (64, 40, 3)
    return np.random.default_rng(number).integers(0, 256, shape, np.uint8)


def file_of(number):
    from PIL import Image

    kind, data = BAD.get(number), io.BytesIO()
    Image.fromarray(picture(number)).save(data, "png")
    if kind == "cut":
        return data.getvalue()[:60]
    if kind in ("noise", "empty"):
        return b"no picture" if kind == "noise" else b""
    if kind == "grey":
        return np.zeros((9, 9), np.uint8).tobytes()
    return data.getvalue()


class Load:
    """Kills its process once, in the middle of the work."""

    def __init__(self, flag):
        self.flag = flag

    def __call__(self, row):
        from PIL import Image

        number = int(row["number"])
        if number == 300 and not self.flag.exists():
            self.flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if BAD.get(number) == "lost":
            raise FileNotFoundError("lost.png")
        return np.asarray(Image.open(io.BytesIO(row["bytes"])))


@pytest.fixture(scope="module")
def cluster():
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # else it writes a token into the user's folder
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def dataset(cluster):
    rows = [{"key": f"{i:04}.png", "number": i, "bytes": file_of(i)} for i in range(COUNT)]
    return ray.data.from_items(rows, override_num_blocks=10).materialize()


def test_every_good_picture_once_and_every_bad_one_named(dataset, model_folder, tmp_path):
    from vaerans_ecs.ray import encode_dataset

    model, store, flag = str(model_folder / "sdxl-vae"), tmp_path / "store", tmp_path / "killed"
    done = encode_dataset(
        dataset, store, model=model, load=Load(flag), items_per_shard=50, concurrency=2, rmse=0.05
    ).take_all()
    assert flag.exists(), "nobody was killed"
    assert sorted(row["key"] for row in done) == [f"{i:04}.png" for i in range(COUNT)]
    failed = {int(row["key"][:4]): row["error"] for row in done if row["error"]}
    assert set(failed) == set(BAD) and "lost.png" in failed[499]
    found = LatentStore(store)
    assert len(found) == COUNT - len(BAD) and found.verify() == []
    assert sorted(path.name for path in store.iterdir()) == sorted({row["shard"] for row in done if row["shard"]})
    assert all(row["bytes"] > 0 for row in done if not row["error"])
    assert found.item("0001.png").facts.width == 64 and found.info("0001.png").rmse <= 0.05


def test_a_task_that_is_done_again_changes_nothing(model_folder, tmp_path):
    from vaerans_ecs import ray as ours

    batch = {"key": np.array(["a", "b"]), "image": np.stack([picture(1), picture(2)])}
    given = {"model": str(model_folder / "sdxl-vae"), "threads": 1, "device": "cpu", "resume": False, "target": {}}
    pictures = ours._Pictures("key", None, None)
    rows = [ours._Encode(str(tmp_path), sequence=1, pictures=pictures, **given)(batch) for _ in range(2)]
    assert rows[0] == rows[1] and [path.name for path in tmp_path.iterdir()] == [rows[0]["shard"][0]]


def test_resume_makes_what_is_new_or_changed(cluster, model_folder, tmp_path):
    from vaerans_ecs.ray import encode_dataset

    def run(rows):
        options = {"model": str(model_folder / "sdxl-vae"), "items_per_shard": 30, "resume": True}
        return encode_dataset(ray.data.from_items(rows), tmp_path, **options).take_all()

    rows = [{"key": f"{i}", "image": picture(3 * i)} for i in range(60)]
    run(rows)
    done = run([{"key": "0", "image": picture(1)}, *rows[1:], {"key": "new", "image": picture(4)}])
    store = LatentStore(tmp_path)
    assert len(done) == len(store) == 61 and sum(shard.dead for shard in store.shards) == 1
    assert sum(shard.items for shard in store.shards) == 62
    assert store.item("0").facts.width == 64, "the newer one counts"


def test_pictures_become_files(dataset):
    from vaerans_ecs.ray import compress_dataset

    done = compress_dataset(dataset.limit(130), lossless=True, batch_size=40, concurrency=2).take_all()
    assert {int(row["key"][:4]) for row in done if row["error"]} == {7, 123}
    row = next(row for row in done if row["key"] == "0100.png")
    np.testing.assert_array_equal(decompress(row["data"]), picture(100))


def test_what_cannot_start(dataset, tmp_path):
    from vaerans_ecs.ray import encode_dataset

    with pytest.raises(errors.ModelNotFound):
        encode_dataset(dataset, tmp_path, model="nobody/nothing")
    with pytest.raises(errors.BadParameter, match="one target"):
        encode_dataset(dataset, tmp_path, rmse=0.1, bits=2)

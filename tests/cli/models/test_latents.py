"""vaerans latents: what goes into a store comes out, and a bad input costs nothing but itself."""

import json
import os
import signal
import subprocess
import time

import numpy as np
import pytest
from PIL import Image
from vaerans_ecs import LatentStore


def array(seed, *shape, dtype=np.float16):
    return np.random.default_rng(seed).standard_normal(shape or (4, 16, 18)).astype(dtype)


@pytest.fixture
def arrays(cli):
    for i in range(3):
        np.save(cli.path(f"{i}.npy"), array(i))
    return [f"{i}.npy" for i in range(3)]


def test_arrays_in_and_out(cli, arrays):
    np.save(cli.path("text.npy"), array(9, 7, 40, dtype=np.float32))
    done = cli("latents", "pack", *arrays, "text.npy", "-o", "store", "--rmse", "0.05")
    assert "0.npy  " in done.out.decode() and " bits  " in done.out.decode()
    store = LatentStore(cli.path("store"), dtype="f32")
    assert store.keys() == [*arrays, "text.npy"]
    assert store.info("0.npy").rmse <= 0.05
    cli("latents", "unpack", "store", "-o", "out", "--dtype", "f32", "--quiet")
    for key in store:
        np.testing.assert_array_equal(np.load(cli.path(f"out/{key}.npy")), store[key])
    assert cli("latents", "unpack", "store", "-o", "out", code=5).err.count("exists") >= 4


def test_lossless_arrays_are_the_same_bits(cli, arrays):
    cli("latents", "pack", *arrays, "-o", "store", "--lossless")
    cli("latents", "unpack", "store", "-o", "out", "--key", "1.npy")
    np.testing.assert_array_equal(np.load(cli.path("out/1.npy.npy")), array(1))
    assert not cli.path("out/0.npy.npy").exists()


def test_pictures_go_through_the_model(cli):
    picture = np.random.default_rng(1).integers(0, 256, (40, 56, 3)).astype(np.uint8)
    Image.fromarray(picture).save(cli.path("a.png"))
    cli("latents", "pack", "a.png", "-o", "store", "-m", "blocks", "--max-error", "0.001")
    store = LatentStore(cli.path("store"), dtype="f32")
    (shard,) = store.shards
    assert shard.model.name == "blocks" and len(shard.model.hash) == 64
    assert (store.item("a.png").facts.width, store.item("a.png").facts.height) == (56, 40)
    assert store["a.png"].shape[1:] == (5, 7)
    assert store.info("a.png").largest_error <= 0.001


def test_bad_inputs_are_named_and_the_others_packed(cli, arrays):
    np.save(cli.path("nan.npy"), np.float32([1, np.nan]))
    np.save(cli.path("double.npy"), np.zeros(3))
    cli.path("cut.npy").write_bytes(cli.path("0.npy").read_bytes()[:-3])
    bad = ["nan.npy", "double.npy", "cut.npy", "missing.npy"]
    done = cli("latents", "pack", *bad, *arrays, "-o", "store", code=1)
    for name, code in zip(bad, ("non_finite", "dtype", "corrupt_stream", "io"), strict=True):
        assert f"error[{code}]: {name}" in done.err
    assert "its numbers are '<f8'; float16" in done.err
    assert LatentStore(cli.path("store")).keys() == arrays


def test_what_cannot_be_read_twice_is_refused(cli, arrays):
    os.mkfifo(cli.path("pipe.npy"))
    done = cli("latents", "pack", "pipe.npy", "/dev/zero", *arrays, "-o", "store", code=1)
    assert done.err.count("not a regular file") == 2
    assert LatentStore(cli.path("store")).keys() == arrays


def test_a_pipe_among_the_shards(cli, arrays):
    cli("latents", "pack", *arrays, "-o", "store")
    os.mkfifo(cli.path("store/000002-0.vls"))
    for command in ("info", "gc"):
        assert "not a regular file" in cli("latents", command, "store", code=5).err
    done = cli("latents", "verify", "store", code=3)
    assert done.err.count("000002-0.vls") == 1 and "3 items, 1 damaged" in done.out.decode()


def test_gc_on_a_full_disk_leaves_the_store_as_it_was(cli, arrays):
    cli("latents", "pack", *arrays, "-o", "store")
    before = {path.name: path.read_bytes() for path in cli.path("store").iterdir()}
    command = f"ulimit -f 1; {cli.program} latents gc store --drop 1.npy"
    done = subprocess.run(["bash", "-c", command], cwd=cli.folder, env=cli.env, capture_output=True, text=True)
    assert done.returncode == 5 and "cannot be written" in done.stderr
    assert {path.name: path.read_bytes() for path in cli.path("store").iterdir()} == before


def test_resume_and_replace(cli, arrays):
    cli("latents", "pack", *arrays[:2], "-o", "store")
    assert "exists" in cli("latents", "pack", *arrays, "-o", "store", code=1).err
    assert cli("latents", "pack", *arrays, "-o", "store", "--resume").out.decode().count("is there already") == 3
    np.save(cli.path("1.npy"), array(7))
    done = cli("latents", "pack", *arrays, "-o", "store", "--replace").out.decode()
    assert done.count("is there already") == 2
    assert json.loads(cli("latents", "info", "store", "--json").out)["items"] == 3
    assert "1 items removed" in cli("latents", "gc", "store").out.decode()
    assert "3 items, 0 damaged" in cli("latents", "verify", "store").out.decode()
    store = LatentStore(cli.path("store"))
    assert np.abs(store["1.npy"].astype(np.float32) - array(7)).mean() < 0.05


def test_killed_at_any_moment_pack_goes_on_where_it_was(cli):
    rng = np.random.default_rng(4)
    names = [f"{i}.npy" for i in range(300)]
    for i, name in enumerate(names):
        np.save(cli.path(name), array(i))
    words = [cli.program, "latents", "pack", *names, "-o", "store", "--resume"]
    begin = time.monotonic()
    cli(*words[1:-2], "whole", "--resume")
    usual = time.monotonic() - begin
    kills, made = 0, []
    for _ in range(50):
        run = subprocess.Popen(words, cwd=cli.folder, env=cli.env, stdout=subprocess.PIPE, text=True)
        time.sleep(rng.uniform(0, 0.8 * usual))
        run.send_signal(signal.SIGKILL)
        said = run.stdout.read().split("\n")[:-1]
        kills += run.wait() == -signal.SIGKILL
        made += [line.split()[0] for line in said if "is there already" not in line]
    assert kills >= 5 and len(made) == len(set(made)), "an item was made twice"
    last = cli(*words[1:]).out.decode()
    assert {line.split()[0] for line in last.split("\n") if "is there already" in line} >= set(made), "an item was lost"
    assert f"{len(names)} items, 0 damaged" in cli("latents", "verify", "store").out.decode()
    assert sorted(LatentStore(cli.path("store")).keys()) == sorted(names)
    assert not list(cli.path("store").glob("*.part"))


def test_verify_names_what_is_damaged(cli, arrays):
    cli("latents", "pack", *arrays, "-o", "store")
    (shard,) = cli.path("store").glob("*.vls")
    item = LatentStore(shard).blob("1.npy")
    data = bytearray(shard.read_bytes())
    data[data.find(item) + len(item) // 2] ^= 4
    shard.write_bytes(data)
    done = cli("latents", "verify", "store", code=3)
    assert "1.npy: " in done.err and "checksum" in done.err and "0.npy" not in done.err
    done = cli("latents", "unpack", "store", "-o", "out", code=1)
    assert cli.path("out/2.npy.npy").exists() and "error[corrupt_stream]: 1.npy" in done.err


def test_info_of_items(cli, arrays):
    cli("latents", "pack", *arrays, "-o", "store", "--bits", "5")
    lines = cli("latents", "info", "store", "--items", "--json").out.splitlines()
    item = json.loads(lines[2])
    assert item["key"] == "2.npy" and item["arrays"]["latent"]["shape"] == [4, 16, 18]
    assert 4.5 < item["arrays"]["latent"]["bits"] <= 5
    assert "2.npy" in cli("latents", "info", "store", "--key", "2.npy").out.decode()
    assert "3 items in 1 shards" in cli("latents", "info", "store").out.decode()


def test_keys_never_leave_the_folder(cli):
    with LatentStore.writer(cli.path("store")) as writer:
        writer.add("../../etc/x", array(1))
        writer.add(".hidden", array(2))
    cli("latents", "unpack", "store", "-o", "out")
    assert sorted(p.name for p in cli.path("out").iterdir()) == ["%2E.%2F..%2Fetc%2Fx.npy", "%2Ehidden.npy"]


def test_letters_of_all_languages_stay_in_names(cli):
    key = "鳥" * 80 + ".jpg"  # 244 bytes, and 724 if each were written as %XX
    with LatentStore.writer(cli.path("store")) as writer:
        writer.add(key, array(1))
    cli("latents", "unpack", "store", "-o", "out")
    assert [p.name for p in cli.path("out").iterdir()] == [key + ".npy"]


def test_two_arrays_of_one_name(cli):
    with LatentStore.writer(cli.path("store")) as writer:
        writer.add("a", {"b": array(1), "c": array(2)})
        writer.add("a.b", array(3))
    told = cli("latents", "unpack", "store", "-o", "out", "-f", code=1).err
    assert "error[exists]: a.b: out/a.b.npy: is another array" in told
    np.testing.assert_allclose(np.load(cli.path("out/a.b.npy")), array(1), atol=0.2)


def test_what_a_terminal_would_obey_is_not_printed(cli):
    with LatentStore.writer(cli.path("a\x1b[31mb")) as writer:
        writer.add("x", array(1))
    told = cli("latents", "info", "a\x1b[31mb").out.decode()
    assert "a\\x1b[31mb" in told and "\x1b" not in told


def test_one_target_at_a_time(cli, arrays):
    assert (
        "at most one of --rmse" in cli("latents", "pack", *arrays, "-o", "s", "--rmse", "1", "--bits", "2", code=2).err
    )
    assert "no such store" in cli("latents", "info", "nowhere", code=5).err

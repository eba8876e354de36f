"""Wrong arguments of vaerans_ecs.latents: each is answered in the package's words, and none in those of its inside."""

import inspect

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors, latents
from vaerans_ecs.latents import LatentWriter, cache_to_store, compact, decode_blob, encode_blob, salvage, store_to_cache

from .latent_samples import fill, latent

ODD = [None, 5, -1, 2**70, 3.5, "x", "\ud800", "a\0b", b"x", [], ["\ud800"], [[1], [1, 2]], {"a": 5}, float("nan"), ()]
INSIDE = ("incompatible function arguments", "Invoked with", "std::", "bad_cast")
CALLS = {
    "encode_blob": (encode_blob, [latent(0)]),
    "decode_blob": (decode_blob, [encode_blob(latent(0))]),
    "blob_info": (latents.blob_info, [b""]),
    "LatentStore": (LatentStore, ["store"]),
    "LatentWriter": (LatentWriter, ["new"]),
    "cache_to_store": (cache_to_store, [["none.npz"], "packed"]),
    "store_to_cache": (store_to_cache, ["store", "cache"]),
    "compact": (compact, ["store"]),
    "salvage": (salvage, ["store"]),
}
STORE_METHODS = {
    "get": ["item 1"],
    "get_batch": [["item 1"]],
    "numbers": ["item 1"],
    "sample": ["item 1", 1],
    "padded": ["item 1", "latent"],
    "info": ["item 1"],
    "item": ["item 1"],
    "blob": ["item 1"],
    "verify": [],
    "__getitem__": ["item 1"],
    "__contains__": ["item 1"],
}
WRITER_METHODS = {
    "add": ["new", latent(0)],
    "add_blobs": ["new", {"x": encode_blob(latent(0))}],
    "is_current": ["a", "s"],
}
TARGETS = ("rmse", "bits", "step", "max_error", "lossless")
OPTIONS = {"store_to_cache": (), "add": (), "cache_to_store": ("model_hash", "rank", "shard_bytes")}
OPTIONS |= {"add_blobs": ("source_hash", "width", "crop", "user", "no_fact")}


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The name of a small store in the current folder."""
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "store", 2)
    return "store"


def unlike_ours(call) -> str | None:
    """What is wrong with an answer, if anything is. A keyword that there is not is Python's to refuse."""
    try:
        call()
    except (errors.VaeransError, OSError) as error:  # a file that is not there is Python's FileNotFoundError, too
        return f"{type(error).__name__}: {error}" if any(word in str(error) for word in INSIDE) else None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def complaints(name, function, given):
    """What is wrong with the answers to one odd value in the place of each argument, and of each keyword."""
    found, names = [], list(inspect.signature(function).parameters.items())
    for place, (argument, about) in enumerate(names):
        keywords = [argument] if about.kind != about.VAR_KEYWORD else OPTIONS[name]
        for value, keyword in ((value, keyword) for value in ODD for keyword in keywords):
            words = [*given[:place], value, *given[place + 1 :]] if place < len(given) else given
            more = {} if place < len(given) else {keyword: value}
            problem = unlike_ours(lambda words=words, more=more: function(*words, **more))
            found += [f"{keyword}={value!r}: {problem}"] if problem else []
    return found


@pytest.mark.parametrize("name", CALLS)
def test_functions(store, name):
    assert complaints(name, *CALLS[name]) == []


@pytest.mark.parametrize("name", STORE_METHODS)
def test_methods_of_stores(store, name):
    assert complaints(name, getattr(LatentStore(store), name), STORE_METHODS[name]) == []


@pytest.mark.parametrize("name", WRITER_METHODS)
def test_methods_of_writers(store, name):
    with LatentWriter("new") as writer:
        assert complaints(name, getattr(writer, name), WRITER_METHODS[name]) == []


@pytest.mark.parametrize("options", [*({name: value} for name in (*TARGETS, "mask") for value in ODD), 5, "x", None])
def test_options_of_an_array(store, options):
    with LatentWriter("new") as writer:
        assert unlike_ours(lambda: writer.add("a", {"latent": (latent(0)[0], options)})) is None


def test_everything_public_is_asked():
    asked = {*CALLS, "LatentStore", "LatentWriter"}
    results = {"BlobInfo", "Conversion", "ShardInfo", "StoreDamage", "StoreItem"}
    assert set(latents.__all__) == asked | results
    public = {name for name, member in inspect.getmembers(LatentStore, inspect.isfunction) if name[0] != "_"}
    assert public - {"keys", "reopened", "writer"} == {name for name in STORE_METHODS if name[0] != "_"}
    assert set(OPTIONS) <= {*CALLS, *WRITER_METHODS}


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda store: store.get_batch(["item 1"], threads=-1), "^threads is 0 to 2147483647, not -1$"),
        (lambda store: store.get_batch(["item 1"], threads="x"), "^threads is a whole number, not 'x'$"),
        (lambda store: store.get_batch(5), "^keys are a list of texts, not 5$"),
        (lambda store: store.verify(2**70), "^threads is 0 to 2147483647, not 1180591620717411303424$"),
        (lambda store: store.sample("item 1", "\ud800"), r"^seed is a text, not '\\ud800'$"),
        (lambda store: LatentStore("\ud800"), r"^path is a text or a path, not '\\ud800'$"),
        (lambda store: LatentStore(5), "^path is a text or a path, not 5$"),
        (lambda store: LatentStore(store.path, model_hash=5), "^model_hash is a text, not 5$"),
        (lambda store: LatentStore(store.path, storage_options=5), "^storage_options are options by name, not 5$"),
        (lambda store: compact(store.path, drop=5), "^keys are a list of texts, not 5$"),
        (lambda store: compact(store.path, drop=["\ud800"]), r"^a key that is not UTF-8, .*: '\\ud800'$"),
        (lambda store: LatentWriter("new", scaling="x"), "^scaling is a number, not 'x'$"),
        (lambda store: LatentWriter("new", sequence=-1), "^sequence is 0 to 18446744073709551615, not -1$"),
        (lambda store: LatentWriter("new", model="\ud800"), r"^model is a text, not '\\ud800'$"),
        (lambda store: LatentWriter("new").add("a", latent(0), size="x"), r"^size is \(width, height\), .*, not 'x'$"),
        (lambda store: LatentWriter("new").add("a", latent(0), crop=(1, 2)), r"^crop is .*, not \(1, 2\)$"),
        (lambda store: LatentWriter("new").is_current("a", 5), "^source_hash is a text, not 5$"),
        (lambda store: encode_blob(latent(0), channel_axis="x"), "^channel_axis is a whole number, not 'x'$"),
        (lambda store: encode_blob(latent(0), rmse="x"), "^rmse is a number, not 'x'$"),
        (lambda store: store_to_cache(store, "cache", threads="x"), "^threads is a whole number, not 'x'$"),
        (lambda store: cache_to_store([], "new", targets={"a": 5}), "^targets are options of encode_blob"),
    ],
)
def test_answers_say_what_was_wanted(store, call, text):
    opened = LatentStore(store)
    with pytest.raises((errors.BadParameter, errors.InvalidArgument), match=text):
        call(opened)


def test_a_batch_is_not_put_into_what_cannot_be_written_to(store):
    room = np.zeros((1, 4, 8, 10), np.float16)
    room.flags.writeable = False
    with pytest.raises(errors.InvalidArgument, match="out: an array that can be written to"):
        LatentStore(store).get_batch(["item 1"], room)
    assert not room.any()

"""Which items go into which batch."""

import pickle
from collections import Counter

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors
from vaerans_ecs.latents.plan import BatchPlan, buckets_of

BUCKETS = {"a": [f"a{i}" for i in range(23)], "b": [f"b{i}" for i in range(5)], "c": ["c0"]}


def plans(ranks, **options):
    return [BatchPlan(BUCKETS, 4, rank=rank, ranks=ranks, **options) for rank in range(ranks)]


@pytest.mark.parametrize("ranks", [1, 2, 3, 8])
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_item_once_and_ranks_in_step(ranks, shuffle):
    found = [plan.batches(3) for plan in plans(ranks, shuffle=shuffle)]
    assert {len(batches) for batches in found} == {len(plan) for plan in plans(ranks)}
    counts = Counter(key for batches in found for batch in batches for key in batch)
    assert set(counts) == {key for keys in BUCKETS.values() for key in keys}
    assert sum(counts.values()) - len(counts) < 3 * ranks  # no more than fills up a bucket's last step
    for together in zip(*found, strict=True):
        assert len({len(batch) for batch in together}) == 1
        assert len({key[0] for batch in together for key in batch}) == 1


def test_drop_last_leaves_out_what_makes_no_whole_batch():
    (plan,) = plans(1, drop_last=True)
    assert len(plan) == len(plan.batches()) == 6 and {len(batch) for batch in plan.batches()} == {4}


def test_the_order_depends_on_seed_and_epoch_alone():
    (plan,) = plans(1)
    assert plan.batches(1) == pickle.loads(pickle.dumps(plan)).batches(1)
    assert plan.batches(1) != plan.batches(2) and plan.batches(1) != plans(1, seed=9)[0].batches(1)
    assert [batch[0] for batch in plans(1, shuffle=False)[0].batches()][:2] == ["a0", "a4"]


def test_plans_that_cannot_be():
    with pytest.raises(errors.BadParameter, match="rank 2 of 2"):
        BatchPlan(BUCKETS, 4, rank=2, ranks=2)
    with pytest.raises(errors.InvalidArgument, match="no items"):
        BatchPlan({}, 4)


def test_buckets_are_shapes(tmp_path):
    with LatentStore.writer(tmp_path) as writer:
        for i in range(4):
            writer.add(str(i), {"x": np.zeros((2, 4 + i % 2, 3), np.float16), "t5": np.zeros((i + 1, 8), np.float16)})
        writer.add("other", np.zeros((2, 4, 3), np.float16), bucket="mine")
    store = LatentStore(tmp_path)
    assert buckets_of(store) == {"2x4x3": ["0", "2"], "2x5x3": ["1", "3"], "mine": ["other"]}
    assert buckets_of(store, ["2", "0"]) == {"2x4x3": ["2", "0"]}


def test_numbers_of_numpy_are_those_of_python():
    """The fingerprint of a state is of how they are written."""
    given = {"batch_size": np.int64(4), "seed": np.int64(3), "ranks": np.uint8(2), "rank": np.int32(1)}
    plan = BatchPlan(BUCKETS, **given, shuffle=np.True_, drop_last=np.False_)
    same = BatchPlan(BUCKETS, 4, seed=3, ranks=2, rank=1)
    assert plan == same and plan.fingerprint == same.fingerprint and plan.batches(2) == same.batches(2)


@pytest.mark.parametrize(("name", "other"), [("batch_size", 2.5), ("seed", None), ("ranks", "2"), ("shuffle", 1)])
def test_arguments_of_other_types(name, other):
    with pytest.raises(errors.BadParameter, match=f"{name} is (a whole number|True or False), not"):
        BatchPlan(BUCKETS, **{"batch_size": 4, name: other})

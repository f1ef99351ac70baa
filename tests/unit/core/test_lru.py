"""A cache keeps what was used last, within its two bounds."""

from __future__ import annotations

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from conjure.core.lru import LruCache

OPS = st.lists(
    st.tuples(st.sampled_from(("put", "get", "drop")), st.integers(0, 6), st.integers(1, 9))
)


@given(ops=OPS, entries=st.integers(1, 5), weight=st.integers(1, 20))
def test_it_does_what_a_model_does(ops, entries, weight):
    cache: LruCache[int, tuple[int, int]] = LruCache(
        entries, max_weight=weight, weigh=lambda value: value[1]
    )
    model: OrderedDict[int, tuple[int, int]] = OrderedDict()
    for op, key, heavy in ops:
        if op == "put":
            gone = cache.put(key, (key, heavy))
            model.pop(key, None)
            if heavy <= weight:
                model[key] = (key, heavy)
            expected = []
            while len(model) > entries or sum(w for _, w in model.values()) > weight:
                expected.append(model.popitem(last=False)[0])
            assert gone == expected
        elif op == "get":
            if key in model:
                model.move_to_end(key)
            assert cache.get(key) == model.get(key)
        else:
            cache.drop(key)
            model.pop(key, None)
        assert [key for key in range(7) if key in cache] == sorted(model)
        assert cache.weight == sum(w for _, w in model.values())
        assert len(cache) == len(model)


def test_looking_is_no_use():
    cache: LruCache[str, int] = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.peek("a") == 1
    cache.put("c", 3)
    assert ("a" in cache, "b" in cache) == (False, True)
    cache.clear()
    assert len(cache) == cache.weight == 0

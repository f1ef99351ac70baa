"""What a process makes of the security epoch as it reads it, several times a second."""

from conjure.settings import StoreSettings
from conjure.store.client import Store
from conjure.store.epoch import SecurityEpoch


class Heard:
    """An epoch that is told what the store says, and how often it had caches forget."""

    def __init__(self):
        self.epoch = SecurityEpoch(Store(StoreSettings()), poll_s=0.2, limit_s=0.7)
        self.forgotten = 0
        self.epoch.on_change(self.forget)

    def forget(self):
        self.forgotten += 1

    def hear(self, value, asked):
        """Says until when caches are trusted, and how often they were emptied so far."""
        self.epoch._hear(value, asked)
        return round(self.epoch._trusted_until, 3), self.forgotten


def test_what_does_not_move_is_trusted_for_a_while():
    heard = Heard()
    assert heard.hear(None, 1.0) == (1.7, 0)
    assert heard.hear(b"a", 2.0) == (2.7, 1)
    assert heard.hear(b"a", 3.0) == (3.7, 1)


def test_nothing_is_trusted_while_it_changes_and_all_is_forgotten_after():
    heard = Heard()
    heard.hear(b"a", 1.0)
    assert heard.hear(b"changing:b", 2.0) == (0.0, 2)
    assert heard.hear(b"changing:b", 2.2) == (0.0, 2)
    assert heard.hear(b"b", 2.4) == (3.1, 3)


def test_a_change_that_nobody_saw_is_forgotten_too():
    heard = Heard()
    heard.hear(b"a", 1.0)
    assert heard.hear(b"b", 2.0) == (2.7, 2)


def test_a_change_that_nobody_ends_is_over_after_its_time():
    heard = Heard()
    heard.hear(b"a", 1.0)
    heard.hear(b"changing:b", 2.0)
    assert heard.hear(b"changing:b", 31.9) == (0.0, 2)
    assert heard.hear(b"changing:b", 32.1) == (32.8, 3), "what was cached meanwhile is forgotten"
    assert heard.hear(b"changing:b", 33.0) == (33.7, 3)
    assert heard.hear(b"changing:c", 34.0) == (0.0, 4), "another one"

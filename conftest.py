"""Fixtures of every test, and which tests are slow."""

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import people
import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key

from haochaping.analytics.queries import kept
from haochaping.config.settings import embedded
from haochaping.kernel.db import rows
from haochaping.site import upkeep

# how long an example takes says something of the machine, nothing of the rule
hypothesis.settings.register_profile("untimed", deadline=None)
# of `make test`: the same examples at every run, and so no more of them; nightly ones are new
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("untimed")

_WHOLE_PLATFORM = ("tests/journeys", "tests/faults")
# What is fast goes first, and what runs the whole platform last: a browser leaves connections that
# no test of the database may meet. Of that these files, which take a minute and more each, come
# first, so that no core is left with one of them at last; and while the first prepares the
# demonstration world for all, the second has one of its own to do.
_LONG = (
    "tests/journeys/test_every_page.py",
    "tests/faults/test_slow.py",
    "tests/journeys/test_story.py",
    "tests/journeys/test_canaries.py",
    "tests/journeys/test_proof.py",
    "tests/journeys/test_from_nothing.py",
    "tests/journeys/test_loop.py",
    "tests/journeys/test_management.py",
    "tests/journeys/test_attacks.py",
    "tests/faults/test_kill.py",
    "tests/journeys/test_channels.py",
    "tests/faults/test_bad_input.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let journeys be gone by keyboard alone."""
    parser.addoption("--keyboard", action="store_true", help="press keys where journeys click")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no file of which every test is slow when only the fast ones are wanted."""
    place = collection_path.relative_to(Path(__file__).parent).as_posix()
    wanted = config.getoption("markexpr") != "not slow" or not place.startswith(_WHOLE_PLATFORM)
    return None if wanted else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what runs the whole platform, and whatever is for the night.

    The tests of a file stay on one core: a file of journeys shares a platform.
    """
    root = Path(__file__).parent
    places = {item: item.path.relative_to(root).as_posix() for item in items}
    for item, place in places.items():
        if place.startswith(_WHOLE_PLATFORM) or item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.slow)
    slow = {places[item] for item in items if item.get_closest_marker("slow")}
    order = {place: at for at, place in enumerate(_LONG)}

    def turn(item: pytest.Item) -> tuple[bool, bool, int]:
        place = places[item]
        return place.startswith(_WHOLE_PLATFORM), place in slow, order.get(place, len(_LONG))

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What was read to get here stays to the end: no garbage collection looks through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A PostgreSQL of the tests, for whichever process of theirs asks a database."""
    embedded.start()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """The test database with what every site has, once, and the rights and row-level security that
    `hcp migrate` gives its roles; each test rolls back to it.
    """
    with django_db_blocker.unblock():
        upkeep.seed()
        upkeep.grant("hcp_app")
    yield
    with django_db_blocker.unblock():  # a browser's loop leaves a connection that nobody closes
        rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """After a test with transactions of its own: empty every table and seed again.

    Django's own flush leaves the partitioned tables full, for they are no models that it manages.
    After the last test there is no database any more.
    """
    done = yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        with django_db_blocker(item).unblock():
            people.renew()
    return done


def django_db_blocker(item: pytest.Item) -> DjangoDbBlocker:
    """Return what lets code outside a test reach the database."""
    return item.config.stash[blocking_manager_key]


@pytest.fixture(autouse=True)
def anew() -> None:
    """What was asked in another test, whose database was rolled back, is not told in this one."""
    kept.forget()


@pytest.fixture
def world(db: None) -> people.Place:
    """The shared small world, in a transaction of its own."""
    return people.build()


@pytest.fixture(scope="module")
def shared_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[people.Place]:
    """The shared small world, once for a module whose tests begin with much: what its own fixtures
    of the module add stays until its end, and each test rolls back to it.

    Not for a module in which a test commits.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield people.build()
        transaction.set_rollback(True)

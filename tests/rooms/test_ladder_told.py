"""What the ladder does is told to a city's own 12345 system, once."""

import json

import people
from django.conf import settings
from people import NOON

from haochaping.exchange import actions, models, tasks
from haochaping.orders import actions as moves
from haochaping.orders import models as orders
from haochaping.orders.tests.test_orders import opened


def test_a_rung_is_told_once_and_cities_without_a_system_cost_nothing(world: people.Place) -> None:
    order = opened()
    late = orders.Order.objects.get(pk=order).climb_at
    assert late is not None
    moves.climb(at=late)
    (step,) = orders.Step.objects.filter(order_id=order).exclude(move="open")
    tasks.tell_climbed([step.pk])
    assert not models.Outgoing.objects.exists()
    actions.connect_hotline(region=people.CITY, url="http://127.0.0.1:1/x", by=0, at=NOON)
    for _ in range(2):  # a job may run twice
        tasks.tell_climbed([step.pk])
    (out,) = models.Outgoing.objects.all()
    assert (
        json.loads(settings.KEYRING.open(out.body, "hotline.out", f"{out.hotline_id}/{out.seq}"))[
            "kind"
        ]
        == step.move
    )

"""Two desks at once, the website beside them, and answers that got lost."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from desktop import errors
from desktop.db.session import Database
from desktop.services import orders, registering
from tests.services.orders.conftest import PRICE

if TYPE_CHECKING:
    from collections.abc import Iterator

DESKS = 4
WEBHOOK = "UPDATE orders SET payment_status = 'paid' WHERE payment_id = %s AND payment_status = 'pending'"


@pytest.fixture
def desks(database_url) -> Iterator[list[Database]]:
    """Four computers on one database."""
    opened = [Database(database_url) for _ in range(DESKS)]
    yield opened
    for one in opened:
        one.close()


def _sorted_out(results, kind):
    """Those who did it, and the refusals of the others; anything else is a failure."""
    done = [result for result in results if isinstance(result, kind)]
    refused = [result for result in results if isinstance(result, errors.RuleViolation)]
    assert len(done) + len(refused) == len(results), results
    return done, refused


@pytest.mark.parametrize("opened_by", ["desk", "website", "nobody"])
def test_of_twelve_desks_taking_one_payment_one_wins_and_the_others_are_told_who(
    opened_by, desks, building, paid, register, online, taken, door, at_once
):
    registration = {
        "desk": lambda: register(paid).registration_id,
        "website": lambda: building.registration(paid, order_id=online(paid)),
        "nobody": lambda: building.registration(paid),
    }[opened_by]()
    results = at_once(*(partial(taken, registration, by=door, on=desks[n % DESKS]) for n in range(12)))
    done, refused = _sorted_out(results, orders.Paid)
    assert len(done) == 1
    assert {type(error) for error in refused} == {errors.AlreadyPaid}
    assert all("noor.door, in cash, Today" in str(error) for error in refused)
    assert building.value("SELECT count(*) FROM orders WHERE payment_status = 'paid'") == 1
    assert building.value("SELECT count(*) FROM greenroom.payments") == 1


def test_one_click_that_was_sent_twelve_times_is_one_payment(desks, building, paid, register, taken, at_once):
    made, operation = register(paid), uuid4()
    results = at_once(
        *(
            partial(taken, made.registration_id, on=desks[n % DESKS], operation_id=operation)
            for n in range(12)
        )
    )
    assert sorted(result.repeated for result in results) == [False] + [True] * 11
    assert {result.order_id for result in results} == {made.order_id}
    assert len(building.log(made.registration_id)) == 2


def test_of_twelve_desks_selling_one_person_a_subscription_one_wins(desks, building, gold, sold, at_once):
    """Ruling 18: one account for one address, however many make it at once."""
    spellings = ["Zoe@example.org", "zoe@EXAMPLE.org", "zoe@example.org"]
    results = at_once(*(partial(sold, gold, spellings[n % 3], on=desks[n % DESKS]) for n in range(12)))
    done, refused = _sorted_out(results, orders.Sold)
    assert len(done) == 1
    assert {type(error) for error in refused} == {errors.AlreadySubscribed}
    assert building.value("SELECT count(*) FROM users WHERE lower(email) = 'zoe@example.org'") == 1


def test_two_renewals_of_the_same_days_are_one(desks, building, gold, sold, at_once):
    end = sold(gold).access_expires_at
    results = at_once(*(partial(sold, gold, on=desks[n], renews=end) for n in range(DESKS)))
    done, _ = _sorted_out(results, orders.Sold)
    assert len(done) == 1
    assert building.value("SELECT max(access_expires_at) FROM orders") == done[0].access_expires_at


def test_the_last_ticket_is_sold_once(desks, building, sold, at_once):
    """Ruling 8: nobody oversells."""
    package = building.package(building.event(payment_required=True), capacity=1, price=PRICE)
    results = at_once(*(partial(sold, package, f"p{n}@example.org", on=desks[n % DESKS]) for n in range(12)))
    done, refused = _sorted_out(results, orders.Sold)
    assert len(done) == 1
    assert {type(error) for error in refused} == {errors.PackageFull}
    assert building.value("SELECT count(*) FROM orders") == 1


@pytest.mark.parametrize("cancel", [True, False])
def test_of_twelve_refunds_one_wins(cancel, desks, building, paid, sold, register, refunded, at_once):
    bought = sold(paid, "a@example.org")
    sold(paid, "b@example.org")
    register(paid, "c@example.org")
    register(paid, "d@example.org")
    results = at_once(
        *(partial(refunded, bought.order_id, cancel=cancel, on=desks[n % DESKS]) for n in range(12))
    )
    done, refused = _sorted_out(results, orders.Refunded)
    assert len(done) == 1
    assert {type(error) for error in refused} == {errors.AlreadyRefunded}
    assert building.held(paid) == 2
    assert len(building.queue(paid)) == (1 if cancel else 2)


def test_a_payment_beside_a_cancellation_is_taken_before_it_or_not_at_all(
    desks, building, paid, register, taken, organizer, at_once
):
    for n in range(6):
        made = register(paid, f"p{n}@example.org")
        money, gone = at_once(
            partial(taken, made.registration_id, on=desks[0]),
            partial(registering.cancel, desks[1], organizer, made.registration_id),
        )
        assert isinstance(gone, registering.Cancelled)
        status = building.value("SELECT payment_status FROM orders WHERE id = %s", made.order_id)
        if isinstance(money, orders.Paid):
            assert (status, gone.payment_status) == ("paid", "paid")
        else:
            assert isinstance(money, errors.NoPlaceToPayFor)
            assert status == "failed"


def test_the_websites_webhook_and_the_desk_lose_nothing(desks, building, paid, online, taken, at_once):
    """Whoever is first: what the gateway says of its order is written, and the desk's money is an order of its own."""
    for n in range(6):
        building.do("UPDATE packages SET capacity = NULL")
        theirs = online(paid, payment_id=f"order_{n}")
        registration = building.registration(paid, order_id=theirs)
        website = building.connect()
        told, money = at_once(
            lambda website=website, n=n: website.execute(WEBHOOK, [f"order_{n}"]).rowcount,
            partial(taken, registration, on=desks[0]),
        )
        website.close()
        assert told == 1
        assert building.value("SELECT payment_status FROM orders WHERE id = %s", theirs) == "paid"
        assert isinstance(money, orders.Paid | errors.AlreadyPaid)


def test_a_website_that_holds_the_order_delays_nobody_longer_than_patience(building, paid, register, taken):
    made = register(paid)
    with building.connect(autocommit=False) as website:
        website.execute("SELECT FROM orders WHERE id = %s FOR UPDATE", [made.order_id])
        with pytest.raises(errors.Busy):
            taken(made.registration_id)
    assert taken(made.registration_id).order_id == made.order_id


def test_an_account_the_website_is_just_making_is_waited_for(building, gold, sold):
    """Ruling 18: found, or made, never twice and never missing."""
    website = building.connect(autocommit=False)
    website.execute("INSERT INTO users (username, email) VALUES ('zoe', 'zoe@example.org')")
    ending = threading.Timer(0.15, website.commit)
    ending.start()
    done = sold(gold)
    ending.join()
    website.close()
    assert building.value("SELECT user_id FROM orders WHERE id = %s", done.order_id) == building.value(
        "SELECT id FROM users WHERE username = 'zoe'"
    )


class Forgetful(Database):
    """A link on which the answer to the first call is lost, after the server has committed; ``lost`` times."""

    def __init__(self, url: str, lost: int = 1) -> None:
        super().__init__(url)
        self.lost = lost

    def call(self, function, parameters):
        row = super().call(function, parameters)
        if self.lost:
            self.lost -= 1
            raise errors.DatabaseDown(self.name, "the connection broke", unknown_outcome=True)
        return row


@pytest.mark.parametrize("what", ["payment", "sale", "refund"])
def test_an_answer_that_is_lost_is_asked_for_again_and_the_money_counted_once(
    what, database_url, building, paid, register, sold, taken, refunded
):
    line = Forgetful(database_url)
    bought = None if what == "sale" else sold(paid, "a@example.org")
    rows = building.value("SELECT count(*) FROM greenroom.payments")
    if what == "payment":
        done = taken(register(paid, "b@example.org").registration_id, on=line)
    elif what == "sale":
        done = sold(paid, on=line)
    else:
        done = refunded(bought.order_id, on=line, cancel=True)
    assert done.repeated
    assert building.value("SELECT count(*) FROM greenroom.payments") == rows + 1
    line.close()


def test_a_link_that_stays_down_says_that_nothing_is_known_and_the_same_payment_can_be_sent_later(
    database_url, building, paid, register, taken, everything
):
    line = Forgetful(database_url, lost=2)
    made, operation = register(paid), uuid4()
    with pytest.raises(errors.DatabaseDown) as caught:
        taken(made.registration_id, on=line, operation_id=operation)
    assert caught.value.unknown_outcome
    before = everything()
    assert taken(made.registration_id, on=line, operation_id=operation).repeated
    assert everything() == before
    line.close()


def test_the_answer_is_really_lost_on_the_way(server_url, organizer, building, paid, register, taken):
    """The same through a line that is cut after the server committed and before its answer came through."""
    proxy = pytest.importorskip("tests.proving.proxy")
    made = register(paid)
    with proxy.Proxy(server_url) as line:
        far = Database(line.url(building.value("SELECT current_database()")))
        orders.due(far, organizer, registration_id=made.registration_id)
        line.strike(proxy.Fault.CUT_AFTER, "greenroom.take_payment_at_door")
        assert taken(made.registration_id, on=far).repeated
        far.close()
    assert building.value("SELECT count(*) FROM greenroom.payments") == 1
    assert building.value("SELECT payment_status FROM orders") == "paid"


def test_what_a_broken_wish_would_do_is_refused_by_the_ledger(building, paid, register, taken):
    taken(register(paid).registration_id)
    for statement in ("UPDATE greenroom.payments SET amount = 0", "DELETE FROM greenroom.payments"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            building.do(statement)

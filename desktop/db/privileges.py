"""What each group role may do in the database: one table, column by column (`greenroom db roles`).

A role reads the columns Greenroom shows and writes those its people change in plain SQL; everything that decides
about seats, accounts and check-ins is a function. Columns the website added are the website's to hand out, so
SELECT is never granted on a whole table. Nobody gets a secret (ruling 26), rewrites a ledger (ruling 23) or
deletes events and users (ruling 29).
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "greenroom_"
GROUPS = ("door", "editor", "organizer", "admin")


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One privilege on one thing: ``kind`` is “database”, “schema”, “function”, “table” or “column”; ``name`` is as
    `regclass` and `regprocedure` say it with an empty search path, "" for the database."""

    kind: str
    name: str
    privilege: str
    column: str = ""


def group(name: str) -> str:
    """The database role of one of `GROUPS`."""
    return PREFIX + name


def granted(name: str) -> frozenset[Grant]:
    """Everything the group of that name is granted."""
    grants = {
        Grant("database", "", "CONNECT"),
        Grant("schema", "public", "USAGE"),
        Grant("schema", "greenroom", "USAGE"),
    }
    for part in _PARTS[name]:
        grants |= {Grant("function", signature, "EXECUTE") for signature in _EXECUTES[part]}
        for table, privileges in _TABLES[part].items():
            for privilege, columns in privileges.items():
                if not columns:
                    grants.add(Grant("table", table, privilege))
                grants |= {Grant("column", table, privilege, column) for column in columns.split()}
    return frozenset(grants)


_PARTS = {
    "door": ("everybody", "door"),
    "editor": ("everybody", "editor"),
    "organizer": ("everybody", "door", "organizer"),
    "admin": ("everybody", "door", "organizer", "editor", "admin"),
}

_LOGGING = {"INSERT": "id admin_id action_type description subject_id logged_at"}
_EVENT = (
    "title slug description location start_time end_time registration_deadline payment_required time_zone"
)
_STATE = "status published_at cancelled_at deleted_at"
_PACKAGE = "name slug description price currency duration_days package_registration_deadline"
_SALE = "is_active capacity deactivated_at"
_POST = "title slug summary content media_cid status published_at deleted_at"
_MADE = "id created_at updated_at"

_TABLES: dict[str, dict[str, dict[str, str]]] = {
    "everybody": {
        "greenroom.schema_version": {"SELECT": "version_num"},
    },
    # Names and statuses, what is due, and what the door did: door.md. Neither accounts nor the log.
    "door": {
        "public.events": {
            "SELECT": "id title slug location start_time end_time registration_deadline payment_required status"
            " deleted_at time_zone"
        },
        "public.packages": {"SELECT": "id name slug price currency is_active package_type event_id capacity"},
        "public.package_seats": {"SELECT": "package_id capacity held"},
        "public.event_registrations": {
            "SELECT": "id event_id package_id attendee_name attendee_email phone_number order_id status"
            " registered_at waitlist_position name_key"
        },
        "public.orders": {"SELECT": "id package_id amount_paid currency payment_status purchased_at"},
        "public.check_ins": {
            "SELECT": "id registration_id event_id package_id action station sequence staff_id decided_at"
            " recorded_at decision verdict answer"
        },
    },
    # packages_ids is written by triggers only (ruling 22); what an event is, by functions, because closing it takes the
    # lock of its seats, and published_at stays what it first was (ruling 6). Capacity, retiring, moving and deleting a
    # package are functions too: what they decide leaves its reason in the log (ruling 9).
    "organizer": {
        "public.events": {
            "SELECT": f"{_MADE} created_by packages_ids {_EVENT} {_STATE}",
            "INSERT": f"{_MADE} created_by {_EVENT}",
            "UPDATE": _EVENT,
        },
        "public.packages": {
            "SELECT": f"{_MADE} package_type event_id {_PACKAGE} {_SALE}",
            "INSERT": f"{_MADE} package_type event_id {_PACKAGE} {_SALE}",
            "UPDATE": _PACKAGE,
        },
        "public.event_registrations": {
            "SELECT": f"{_MADE} user_id cancelled_at registration_meta",
        },
        "public.orders": {
            "SELECT": "user_id payment_gateway payment_id access_expires_at updated_at",
        },
        "public.users": {"SELECT": "id username email status created_at"},
        "public.roles": {"SELECT": "id name"},
        "public.user_roles": {"SELECT": "user_id role_id"},
        "public.admin_logs": {
            "SELECT": "id admin_id action_type description subject_id logged_at",
            **_LOGGING,
        },
    },
    # views_count is the website's.
    "editor": {
        "public.blogs": {
            "SELECT": f"{_MADE} author_id views_count {_POST}",
            "INSERT": f"{_MADE} author_id {_POST}",
            "UPDATE": _POST,
        },
        "public.users": {"SELECT": "id username"},
        "public.admin_logs": _LOGGING,
    },
    "admin": {
        "public.users": {"SELECT": "oauth_provider last_login_at updated_at"},
    },
}

_EXECUTES: dict[str, tuple[str, ...]] = {
    "everybody": (
        "greenroom.has_staff()",
        "greenroom.sign_in_salt(text)",
        "greenroom.sign_in_try(text,bytea)",
        "greenroom.sign_in(uuid)",
        "greenroom.acting(uuid,text[])",
        "greenroom.own_salt(uuid)",
        "greenroom.change_password(uuid,uuid,bytea,text)",
        "greenroom.reset_try(bytea)",
        "greenroom.reset_password(uuid,text)",
    ),
    "door": (
        "greenroom.admit_at_door(uuid,text,uuid,uuid,text,bigint,uuid,timestamp without time zone,text,text)",
        "greenroom.admit_batch_at_door(uuid,jsonb)",
        "greenroom.report_station(uuid,uuid,text,integer,bigint,boolean)",
        "greenroom.stations_of(uuid)",
        "greenroom.close_gaps(uuid,integer)",  # after a release; it changes nobody's order
        "greenroom.history_of(uuid,integer)",
        "greenroom.called(text,text)",
        "greenroom.currency_of(uuid)",
        "greenroom.due(uuid,uuid)",
        "greenroom.take_payment_at_door(uuid,uuid,uuid,uuid,text,numeric,text,text)",
        "greenroom.fail_order(uuid,uuid,text)",
    ),
    "organizer": (
        "greenroom.register(uuid,uuid,text,text,text,text,text,jsonb)",
        "greenroom.cancel(uuid,uuid,text)",
        "greenroom.promote(uuid,uuid,uuid,integer)",
        "greenroom.promote_seen(uuid,uuid,uuid,integer,jsonb)",
        "greenroom.preview_promotion(uuid,uuid,uuid,integer)",
        "greenroom.leave_waitlist(uuid,uuid,text)",
        "greenroom.move_in_waitlist(uuid,uuid,integer,text)",
        # No service calls it: by this right `greenroom.takes_back_others` tells an organizer's login from a door's.
        "greenroom.admit(uuid,text,uuid,uuid,text,bigint,uuid,timestamp without time zone,text,boolean,text)",
        "greenroom.take_in(uuid,uuid,text,uuid,timestamp without time zone,text)",
        "greenroom.record_no_shows(uuid,uuid,text,text[],text)",
        "greenroom.import_registrations(uuid,uuid,jsonb,text,boolean)",
        "greenroom.publish_event(uuid,uuid)",
        "greenroom.shut_event(uuid,uuid,text)",
        "greenroom.restore_event(uuid,uuid)",
        "greenroom.event_toll(uuid)",
        "greenroom.cancel_event(uuid,uuid,text)",
        "greenroom.change_zone(uuid,uuid,jsonb,jsonb,jsonb,text)",
        "greenroom.set_capacity(uuid,uuid,integer,integer,integer,text)",
        "greenroom.set_package_active(uuid,uuid,boolean,text)",
        "greenroom.delete_package(uuid,uuid)",
        "greenroom.move_package(uuid,uuid,uuid,uuid,text)",
        "greenroom.staff(uuid)",
        "greenroom.revive(uuid,uuid,text)",
        "greenroom.put_back(uuid,uuid,text,uuid[])",
        "greenroom.move(uuid,uuid,uuid,text,text)",
        "greenroom.edit_contact(uuid,uuid,jsonb,jsonb)",
        "greenroom.set_answers(uuid,uuid,jsonb,jsonb,text[])",
        "greenroom.in_bulk(uuid,text,jsonb,text,uuid[],jsonb)",
        "greenroom.make_way(uuid,integer[],integer)",
        "greenroom.take_payment(uuid,uuid,uuid,uuid,text,numeric,text,text)",
        "greenroom.sell(uuid,uuid,uuid,text,text,text,text,numeric,text,text,timestamp without time zone)",
        "greenroom.refund(uuid,uuid,uuid,boolean,text)",
        "greenroom.orders_of(uuid,text)",
    ),
    "editor": (),
    "admin": (
        "greenroom.add_staff(uuid,text,text,text,text,text,boolean)",
        "greenroom.set_role(uuid,uuid,text,boolean)",
        "greenroom.set_active(uuid,uuid,boolean,text)",
        "greenroom.set_password(uuid,uuid,text)",
        "greenroom.issue_reset(uuid,uuid)",
        "greenroom.package_title(uuid)",
        "greenroom.repair_seats(uuid,uuid)",
        "greenroom.repair_packages_ids(uuid,uuid)",
        "greenroom.repair_waitlist(uuid,uuid,integer)",
    ),
}

SECRETS = {
    "public.users": ("password_hash",),
    "public.event_registrations": ("registration_token",),
    "public.password_resets": ("reset_token",),
    "public.contacts": ("token",),
    "public.newsletter_subscriptions": ("unsubscribe_token",),
}
"""Columns nobody reads (ruling 26)."""

UNTOUCHABLE = {
    "public.admin_logs": ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.check_ins": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.package_seats": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.events": ("DELETE", "TRUNCATE", "TRIGGER"),
    "public.users": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.user_roles": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.password_resets": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.event_registrations": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "public.orders": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "greenroom.payments": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "greenroom.station_reports": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "greenroom.sign_in_attempts": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "greenroom.sign_in_tries": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
    "greenroom.sign_in_key": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"),
}
"""What nobody does to these tables, whoever else allows it: it would go around the functions and the guards."""


PUBLIC_FUNCTIONS = ("greenroom.fold(text)", "greenroom.holds_seat(text)")
"""What everybody may call: triggers need them as whoever writes, and they only compute from their arguments."""


def tables() -> frozenset[str]:
    """Every table that is named here."""
    granted_on = (table for part in _TABLES.values() for table in part)
    return frozenset((*granted_on, *SECRETS, *UNTOUCHABLE))

"""The rows the demo writes: one class per table, its fields named and ordered like the columns.

All datetimes are UTC without zone (ruling 5). Whatever the database's triggers keep (``name_key``,
``package_seats``) has no field here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

NAMESPACE = uuid.UUID("7e5f2b0e-60a1-5c3d-9d0c-677265656e72")


def identity(*parts: object) -> UUID:
    """The UUID of a thing of the demo, the same in every run."""
    return uuid.uuid5(NAMESPACE, "/".join(map(str, parts)))


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    username: str
    email: str
    password_hash: str | None
    oauth_provider: str
    oauth_provider_id: str | None
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    created_by: UUID
    title: str
    slug: str
    description: str | None
    location: str | None
    start_time: datetime | None
    end_time: datetime | None
    registration_deadline: datetime | None
    packages_ids: list[UUID]
    payment_required: bool
    status: str
    published_at: datetime | None
    cancelled_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Package:
    id: UUID
    name: str
    slug: str
    description: str | None
    price: Decimal
    duration_days: int
    is_active: bool
    package_type: str
    event_id: UUID | None
    capacity: int | None
    package_registration_deadline: datetime | None
    created_at: datetime
    updated_at: datetime
    deactivated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    id: UUID
    user_id: UUID
    package_id: UUID
    payment_gateway: str
    payment_id: str
    amount_paid: Decimal
    currency: str
    payment_status: str
    purchased_at: datetime
    access_expires_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    id: UUID
    event_id: UUID
    user_id: UUID | None
    attendee_name: str
    attendee_email: str
    phone_number: str | None
    package_id: UUID
    order_id: UUID | None
    status: str
    registered_at: datetime
    cancelled_at: datetime | None
    waitlist_position: int | None
    registration_token: UUID
    created_at: datetime
    updated_at: datetime
    registration_meta: str | None


@dataclass(frozen=True, slots=True)
class CheckIn:
    id: UUID
    registration_id: UUID
    event_id: UUID
    package_id: UUID
    action: str
    station: str
    sequence: int
    staff_id: UUID
    decided_at: datetime
    recorded_at: datetime
    decision: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Post:
    id: UUID
    author_id: UUID
    title: str | None
    slug: str | None
    summary: str | None
    content: str | None
    media_cid: str | None
    status: str
    views_count: int
    published_at: datetime | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    id: UUID
    user_id: UUID | None
    name: str
    email: str
    country_code: str
    phone_number: str
    subject: str | None
    message: str
    status: str
    token: UUID
    submitted_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Subscriber:
    id: UUID
    email: str
    subscribed_at: datetime
    is_verified: bool
    unsubscribe_token: UUID | None
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogEntry:
    id: UUID
    admin_id: UUID
    action_type: str
    description: str
    logged_at: datetime
    subject_id: UUID | None

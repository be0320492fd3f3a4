"""The blog of the house: what is known of each post here, its Markdown in ``resources/demo/posts``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from desktop.services.demo.rows import Post, identity
from desktop.services.demo.staff import EDITOR

if TYPE_CHECKING:
    from desktop.services.demo.plans import Calendar


@dataclass(frozen=True, slots=True)
class PostPlan:
    """A post; days are counted back from today. A draft has no ``published`` day, an archived one was."""

    slug: str
    title: str
    summary: str | None
    status: str
    created: int
    published: int | None = None
    archived: int | None = None
    views: int = 0
    media: str | None = None


POSTS = (
    PostPlan(
        "old-ticket-shop",
        "We are moving the ticket shop",
        "From Monday on, tickets are here.",
        "archived",
        349,
        348,
        290,
        1904,
    ),
    PostPlan(
        "open-data-day-in-numbers",
        "Open Data Day in numbers",
        "Chargers, coffee, and four bus stops in the sea.",
        "published",
        259,
        255,
        None,
        3871,
    ),
    PostPlan(
        "what-a-waitlist-owes-you",
        "What a waitlist owes you",
        "Three things that should be true when you are number three.",
        "published",
        221,
        219,
        None,
        6120,
    ),
    PostPlan(
        "wood-letters",
        "An evening with wood letters",
        "Zürich, a press, and a missing ß.",
        "published",
        168,
        165,
        None,
        1288,
        "bafybeidemo7wood7letters7zurich7not7a7real7cid",
    ),
    PostPlan(
        "feira-um-ano",
        "A feira, um ano depois",
        "Quarenta editoras, um violão, um cachorro.",
        "published",
        116,
        112,
        None,
        742,
    ),
    PostPlan(
        "how-the-summit-got-its-name",
        "How the summit got its name",
        "A canteen table, eleven people, one bucket.",
        "published",
        95,
        88,
        None,
        14_206,
        "bafybeidemo7monsoon7bucket7not7a7real7cid",
    ),
    PostPlan(
        "a-door-is-a-conversation",
        "A door is a conversation",
        "Eleven seconds, two gates, one chair.",
        "published",
        74,
        71,
        None,
        5033,
    ),
    PostPlan(
        "cancelling-is-kind",
        "Cancelling is kind",
        "One click, and somebody else gets your chair.",
        "published",
        50,
        49,
        None,
        2417,
    ),
    PostPlan(
        "harbour-film-days-programme",
        "Harbour Film Days: the programme",
        "Three days, nineteen films, one harbour.",
        "published",
        33,
        30,
        None,
        3350,
    ),
    PostPlan(
        "coffee-in-the-avenue",
        "مساء القهوة",
        "تذوق وموسيقى وحديث طويل في شارع السركال.",
        "published",
        40,
        39,
        None,
        968,
    ),
    PostPlan(
        "roof-repair",
        "The roof, and what happens to your jazz ticket",
        "The evening is cancelled; the money is on its way back.",
        "published",
        7,
        6,
        None,
        411,
    ),
    PostPlan(
        "forty-workshops",
        "What we learned running 40 workshops",
        "Lessons on capacity, waitlists and doors.",
        "draft",
        9,
        media="bafybeidemo7forty7workshops7not7a7real7cid",
    ),
    PostPlan("volunteers", "Would you hold a door?", None, "draft", 4),
    PostPlan("makers-fair-call", "Spring Makers’ Fair: call for stalls", None, "draft", 3),
)


def written(calendar: Calendar) -> list[Post]:
    """Every post, oldest first, and one draft that is no more than a title."""
    texts = resources.files("resources") / "demo" / "posts"
    posts = [_post(plan, (texts / f"{plan.slug}.md").read_text("utf-8"), calendar) for plan in POSTS]
    posts.append(_post(PostPlan("", "Chairs, a love story", None, "draft", 2), None, calendar))
    return posts


def _post(plan: PostPlan, content: str | None, calendar: Calendar) -> Post:
    created = calendar.ago(plan.created, "10:20")
    published = None if plan.published is None else calendar.ago(plan.published, "11:00")
    archived = None if plan.archived is None else calendar.ago(plan.archived, "16:30")
    return Post(
        id=identity("post", plan.slug or plan.title),
        author_id=EDITOR.id,
        title=plan.title,
        slug=plan.slug or None,
        summary=plan.summary,
        content=content,
        media_cid=plan.media,
        status=plan.status,
        views_count=plan.views,
        published_at=published,
        deleted_at=archived,
        created_at=created,
        updated_at=archived or published or created,
    )

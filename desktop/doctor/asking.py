"""Asking all subjects at once, each with its own patience."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.faults import scrubbing, tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Answer:
    """``troubles`` are wrong, ``notes`` worth knowing; both are sentences that end with the way out."""

    facts: tuple[tuple[str, str], ...] = ()
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at, under a key for machines and a title for people, and how long that may take."""

    key: str
    title: str
    look: Callable[[], Answer]
    seconds: float = 5.0


def answers(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Answer]]:
    """Each subject with its answer, in their order. One that is late or breaks is in trouble, and the others are not.
    Its thread is left behind: it ends with the program."""
    began = time.monotonic()
    asked = [(subject, *_ask(subject)) for subject in subjects]
    for subject, thread, got in asked:
        thread.join(max(0.0, began + subject.seconds - time.monotonic()))
        yield subject, _clean(got[0] if got else _late(subject))


def _ask(subject: Subject) -> tuple[threading.Thread, list[Answer]]:
    got: list[Answer] = []

    def look() -> None:
        try:
            got.append(subject.look())
        except errors.AppError as situation:
            got.append(Answer(troubles=(str(situation),)))
        except OSError as trouble:
            reason = trouble.strerror or type(trouble).__name__
            sentence = f"This cannot be looked at ({reason}). See to it that Greenroom's folders are yours."
            got.append(Answer(troubles=(sentence,)))
        except Exception as fault:  # noqa: BLE001 - the doctor is asked when things are broken
            where = tracing.way(fault)[-1].strip()
            sentence = f"Looking broke: {tracing.kind(fault)} at {where}. Please report this."
            got.append(Answer(troubles=(sentence,)))

    thread = threading.Thread(target=look, name=f"doctor-{subject.key}", daemon=True)
    thread.start()
    return thread, got


def _late(subject: Subject) -> Answer:
    return Answer(
        troubles=(
            f"There was no answer within {subject.seconds:.0f} seconds. Something it needs hangs: try again, and if it"
            " stays so, restart the computer.",
        )
    )


def _clean(answer: Answer) -> Answer:
    """Without anything that could be somebody's, should it have come so far."""
    return Answer(
        tuple((name, scrubbing.scrub(value)) for name, value in answer.facts),
        tuple(map(scrubbing.scrub, answer.troubles)),
        tuple(map(scrubbing.scrub, answer.notes)),
    )

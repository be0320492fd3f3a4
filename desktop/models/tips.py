"""Tooltips that say what people wrote."""

from html import escape


def as_it_is(text: str) -> str:
    """A tooltip that shows ``text`` letter by letter. Qt takes one with a tag in it for HTML and fetches its pictures,
    wherever they lie: whoever registers as <img src=…> would be told who looks at the list."""
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>" if "<" in text else text

"""What a proof found: its figures, and its faults. No fault means that it holds."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

REPORT = Path(os.environ.get("GREENROOM_PROOF", "build/proof.json"))
"""Where the whole proofs are written down; the small ones of the suite are not."""


@dataclass(slots=True)
class Findings:
    """``figures`` say how much was tried, ``told`` what those who tried were told (``website full`` → how often).
    ``faults`` count what must never happen, by kind; ``example`` keeps the first of each kind."""

    proof: str
    figures: dict[str, float] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, kind: str, example: str) -> None:
        """Something that must never happen, happened."""
        with self._turn:
            self.faults[kind] += 1
            self.example.setdefault(kind, example)

    def tell(self, who: str, what: str) -> None:
        """What somebody was told."""
        with self._turn:
            self.told[f"{who}: {what}"] += 1

    def count(self, figure: str, more: float = 1) -> None:
        """Add to a figure."""
        with self._turn:
            self.figures[figure] = self.figures.get(figure, 0) + more

    def most(self, figure: str, value: float) -> None:
        """Keep the largest."""
        with self._turn:
            self.figures[figure] = max(self.figures.get(figure, 0), value)

    def __str__(self) -> str:
        lines = [f"{self.proof}: {'does not hold' if self.faults else 'holds'}"]
        lines += [f"  {name:<44}{_shown(value):>12}" for name, value in self.figures.items()]
        lines += [f"  told {name:<39}{times:>12,}" for name, times in sorted(self.told.items())]
        lines += [
            f"  FAULT {kind} {times:,} times: {self.example[kind]}" for kind, times in self.faults.items()
        ]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "holds": not self.faults,
            "figures": self.figures,
            "told": dict(sorted(self.told.items())),
            "faults": dict(self.faults),
            "examples": self.example,
        }


def keep(found: Findings, file: Path = REPORT) -> None:
    """Print the findings, and put them into the report beside those of other proofs."""
    sys.stdout.write(f"\n{found}\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[found.proof] = {"when": datetime.now(UTC).isoformat(timespec="seconds"), **found.as_json()}
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"

# SPDX-License-Identifier: Apache-2.0
"""Random test data. `text()` has newlines and no single quotes, so that it can be interpolated in SQL."""

from __future__ import annotations

import random

WORDS = (
    "alpha",
    "NULL",
    "true",
    "-1.50",
    "naïve",
    '"quoted"',
    "a,b",
    "漢字",
    "Привет",
    "😀",
    "{json}",
    "[1,2]",
    "--",
    "%s",
)
GAPS = (" ", " ", "\n", "\t", ", ")


def generator(seed: int | None = None) -> random.Random:
    """Its seed is printed, which pytest shows when a test fails: give it again to see the same data."""
    chosen = random.randrange(2**32) if seed is None else seed
    print(f"random data of seed {chosen}")
    return random.Random(chosen)


def text(source: random.Random, words: int = 12) -> str:
    """At most so many words, in several scripts. May be empty."""
    parts: list[str] = []
    for _ in range(source.randint(0, words)):
        parts += [source.choice(WORDS), source.choice(GAPS)]
    return "".join(parts[:-1])

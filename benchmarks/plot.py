# SPDX-License-Identifier: Apache-2.0
"""Bar charts as SVG, the same bytes for the same numbers."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as pyplot

COLOURS = ["#27f795", "#3b4252", "#8a94a8", "#c3c9d5", "#e0a458"]


def bars(path: Path, title: str, groups: list[str], series: dict[str, list[float | None]]) -> None:
    """Groups side by side, one bar of each series in every group; a series may lack a value."""
    pyplot.rcParams.update({"svg.hashsalt": "tinybird-cdk", "font.family": "sans-serif", "svg.fonttype": "none"})
    figure, axes = pyplot.subplots(figsize=(7.5, 0.7 + 0.34 * len(series) * len(groups)))
    height = 0.8 / len(series)
    for index, (name, values) in enumerate(series.items()):
        for group, value in enumerate(values):
            if value is None:
                continue
            place = group + (index - (len(series) - 1) / 2) * height
            bar = axes.barh(place, value, height * 0.92, color=COLOURS[index % len(COLOURS)])
            axes.bar_label(
                bar, labels=[f" {name}: {value:.2f}" if value < 100 else f" {name}: {value:.0f}"], fontsize=9
            )
    axes.set_yticks(range(len(groups)), groups)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=11, loc="left")
    axes.margins(x=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)

# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks, prints what they measured, and writes it to docs/benchmarks. `bin/bench` calls this."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import plot

PROJECT = Path(__file__).resolve().parents[1]


class Report:
    """Markdown that is also shown as it grows."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, *lines: str) -> None:
        self.lines += lines
        print("\n".join(lines), flush=True)

    def table(self, head: list[str], rows: list[list[str]]) -> None:
        self.add(f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), "")


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def postgresql(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from postgresql.compare import measure

    result = measure(programs, arguments.rows, arguments.passes, progress)
    report.add(
        "## PostgreSQL → HTTP",
        "",
        f"{result.rows:,} rows of 12 mixed columns, {result.table_mb:.0f} MB in PostgreSQL, one connection, into a sink"
        " that discards. Beside it, `psql -c 'COPY …' | curl -T -` (`row_to_json` for NDJSON). The fastest of"
        f" {arguments.passes} passes, taken in turns. CPU is that of the clients.",
        "",
    )
    rows = []
    for name in result.kits:
        kit, pipe = result.kits[name].best, result.pipes[name].best
        rows.append(
            [
                name.upper(),
                f"{result.sent_mb[name]:.0f}",
                f"{pipe.wall:.2f}",
                f"{kit.wall:.2f}",
                f"**{result.ratio(name):.2f}**",
                f"{pipe.cpu:.2f}",
                f"{kit.cpu:.2f}",
                f"{max(one.peak_kb for one in result.kits[name].passes) / 1000:.1f}",
            ]
        )
    report.table(["format", "MB sent", "pipe s", "kit s", "ratio", "pipe CPU s", "kit CPU s", "kit peak MB"], rows)
    report.add(
        f"A load of three rows: {result.small.wall * 1000:.0f} ms, peak {result.small.peak_kb / 1000:.1f} MB.", ""
    )
    plot.bars(
        pictures / "postgresql.svg",
        f"PostgreSQL → HTTP, {result.rows:,} rows: seconds (less is better)",
        [name.upper() for name in result.kits],
        {
            "psql | curl": [result.pipes[name].best.wall for name in result.kits],
            "tb-cdk": [result.kits[name].best.wall for name in result.kits],
        },
    )
    report.add("![seconds by format](postgresql.svg)", "")


def mysql(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from mysql.compare import measure

    result = measure(programs, arguments.rows, arguments.passes, progress)
    about = "`mariadb --quick -BN | curl -T -`, which sends lines with tabs (`json_object()` for NDJSON)"
    database(report, pictures, "mysql", "MariaDB", about, result, arguments.passes)


def sqlite(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from sqlite.compare import measure

    result = measure(programs, arguments.rows, arguments.passes, progress)
    about = "`sqlite3 -csv | curl -T -` (`json_object()` for NDJSON)"
    database(report, pictures, "sqlite", "SQLite", about, result, arguments.passes)


def bigquery(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from bigquery.compare import measure

    result = measure(programs, arguments.rows, arguments.passes, progress)
    report.add(
        "## BigQuery → HTTP",
        "",
        f"{result.rows:,} rows of 8 mixed columns, {result.sent_mb:.0f} MB of CSV, from an emulator on the same cores"
        " into a sink that discards: by pages of the REST API, and by streams of the Storage Read API. The fastest of"
        f" {arguments.passes} passes, taken in turns. CPU is the kit's.",
        "",
    )
    streams, pages = result.streams.best, result.pages.best
    report.table(
        ["", "streams", "pages", "ratio"],
        [
            row_of("seconds", streams.wall, pages.wall),
            row_of("CPU seconds", streams.cpu, pages.cpu),
            row_of("peak MB", streams.peak_kb / 1000, pages.peak_kb / 1000),
        ],
    )
    large = result.large
    report.add(
        f"{result.large_rows:,} such rows ({result.large_mb:.0f} MB) by streams: {large.wall:.1f} s,"
        f" {large.cpu:.1f} s of CPU, peak {large.peak_kb / 1000:.0f} MB.",
        "",
    )


def database(report: Report, pictures: Path, name: str, title: str, about: str, result, passes: int) -> None:
    report.add(
        f"## {title} → HTTP",
        "",
        f"{result.rows:,} rows of 12 mixed columns, {result.table_mb:.0f} MB in {title}, into a sink that discards."
        f" Beside it, {about}. The fastest of {passes} passes, taken in turns. CPU is that of the clients.",
        "",
    )
    rows = []
    for form in result.kits:
        kit, pipe = result.kits[form].best, result.pipes[form].best
        peak = max(one.peak_kb for one in result.kits[form].passes) / 1000
        numbers = [
            f"{result.sent_mb[form]:.0f}",
            f"{pipe.wall:.2f}",
            f"{kit.wall:.2f}",
            f"**{result.ratio(form):.2f}**",
        ]
        rows.append([form.upper(), *numbers, f"{pipe.cpu:.2f}", f"{kit.cpu:.2f}", f"{peak:.1f}"])
    report.table(["format", "MB sent", "pipe s", "kit s", "ratio", "pipe CPU s", "kit CPU s", "kit peak MB"], rows)
    plot.bars(
        pictures / f"{name}.svg",
        f"{title} → HTTP, {result.rows:,} rows: seconds (less is better)",
        [form.upper() for form in result.kits],
        {
            "pipe": [result.pipes[form].best.wall for form in result.kits],
            "tb-cdk": [result.kits[form].best.wall for form in result.kits],
        },
    )
    report.add(f"![seconds by format]({name}.svg)", "")


def encoders(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from encoders.compare import measure

    speeds = measure(str(programs / "encoders_bench"), 100_000, max(arguments.passes, 5))
    own = speeds["row writers"]
    report.add(
        "## Row writers",
        "",
        "The same 100,000 mixed rows from memory to `/dev/null`, one core. The others start from their own columns,"
        " with UUIDs (and lists, in CSV) already made text, which favours them.",
        "",
    )
    rows = []
    for name, by_format in speeds.items():
        cells = [name]
        for form in ("csv", "ndjson"):
            speed = by_format.get(form)
            cells += [f"{speed:.0f}", f"{speed / own[form]:.2f}"] if speed else ["", ""]
        rows.append(cells)
    report.table(["writer", "CSV MB/s", "ratio", "NDJSON MB/s", "ratio"], rows)
    plot.bars(
        pictures / "encoders.svg",
        "Row writers: MB/s on one core (more is better)",
        ["CSV", "NDJSON"],
        {name: [by_format.get("csv"), by_format.get("ndjson")] for name, by_format in speeds.items()},
    )
    report.add("![MB/s by writer](encoders.svg)", "")


def client(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from client.compare import measure_events, measure_upload

    events = measure_events(programs, arguments.passes)
    upload = measure_upload(programs, arguments.passes)
    report.add(
        "## The Tinybird client",
        "",
        f"Events: batches of 1,000 (100 KB) on one connection, through the events writer, beside `wrk` with the same"
        f" bodies. Upload: {upload.megabytes} MB in one request, beside `curl -T` with a file in memory.",
        "",
    )
    ratio = events.kit / events.wrk
    report.table(
        ["", "kit", "other", "ratio"],
        [
            ["events, requests/s", f"{events.kit:.0f}", f"{events.wrk:.0f}", f"**{ratio:.2f}**"],
            row_of("upload, s", upload.kit.best.wall, upload.curl.best.wall),
            row_of("upload, CPU s", upload.kit.best.cpu, upload.curl.best.cpu),
            row_of("upload, peak MB", upload.kit.best.peak_kb / 1000, upload.curl.best.peak_kb / 1000),
        ],
    )


def local(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from local.measure import QUERIES, measure

    result = measure(programs, arguments.rows, arguments.passes)
    report.add(
        "## The local Tinybird",
        "",
        f"Uploads of {result.rows:,} rows (Int64, DateTime64, String, Float64, UUID) by `curl -T` of a file in memory,"
        f" on the same cores; the fastest of {arguments.passes} passes. `SELECT count()` is the median of {QUERIES} on"
        " one connection. Memory includes what is mapped of the engine's library.",
        "",
    )
    rows = [
        [f"{name.upper()} upload, MB/s ({one.megabytes:.0f} MB)", f"**{one.speed:.0f}**"]
        for name, one in result.uploads.items()
    ]
    rows += [
        ["SELECT count(), ms", f"{result.count_ms:.2f}"],
        ["start to ready, s", f"{min(result.starts):.2f}"],
        ["memory when idle, MB", f"{result.idle_mb:.0f}"],
        ["memory at its peak, MB", f"{result.peak_mb:.0f}"],
    ]
    report.table(["", ""], rows)


def object_store(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from object_store.compare import Median, measure

    objects = measure(programs, arguments.passes, progress)
    report.add(
        "## Object store → HTTP",
        "",
        "One object of MinIO, on the same cores, streamed (`--via stream`) into a sink that discards. Beside it,"
        " `curl` of a pre-signed URL `| curl -T -`, and such a `curl` that only downloads. The medians of"
        f" {arguments.passes} passes, taken in turns. CPU is that of the clients.",
        "",
    )
    rows = []
    for one in objects:
        kit, pipe = Median.of(one.kit.passes), Median.of(one.pipe.passes)
        peak = max(each.peak_kb for each in one.kit.passes) / 1000
        alone = Median.of(one.download.passes).wall
        numbers = [
            f"{one.megabytes:.0f}",
            f"{alone:.2f}",
            f"{pipe.wall:.2f}",
            f"{kit.wall:.2f}",
            f"**{one.ratio:.2f}**",
        ]
        rows.append([one.key, *numbers, f"{pipe.cpu:.2f}", f"{kit.cpu:.2f}", f"{peak:.1f}"])
    head = ["object", "MB", "download s", "pipe s", "kit s", "ratio", "pipe CPU s", "kit CPU s", "kit peak MB"]
    report.table(head, rows)
    plot.bars(
        pictures / "object-store.svg",
        "Object store → HTTP: seconds (less is better)",
        [one.key for one in objects],
        {
            "curl | curl": [Median.of(one.pipe.passes).wall for one in objects],
            "tb-cdk": [Median.of(one.kit.passes).wall for one in objects],
        },
    )
    report.add("![seconds by object](object-store.svg)", "")


def row_of(name: str, kit: float, other: float) -> list[str]:
    return [name, f"{kit:.2f}", f"{other:.2f}", f"**{kit / other:.2f}**"]


def local_events(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from local_events import measure

    report.add("## Events to the local Tinybird", "", "By `wrk` on the same cores.", "")
    report.table(["what", ""], measure(programs))


def scale(report: Report, programs: Path, arguments: argparse.Namespace, pictures: Path) -> None:
    from scale.simulate import report as simulated

    report.add("## A billion rows, simulated", "", simulated())


PARTS: dict[str, Callable[[Report, Path, argparse.Namespace, Path], None]] = {
    "postgresql": postgresql,
    "mysql": mysql,
    "sqlite": sqlite,
    "bigquery": bigquery,
    "object-store": object_store,
    "client": client,
    "encoders": encoders,
    "local": local,
    "local-events": local_events,
    "scale": scale,
}
# It measures nothing: docs/scale.md has it, and a test holds that page to it.
SIMULATED = ("scale",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures the kit beside others, in one run.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the database tables (%(default)s)")
    parser.add_argument("--passes", type=int, default=5, help="how often each side runs (%(default)s)")
    parser.add_argument(
        "--output", type=Path, help="folder for latest.md and plots (default: docs/benchmarks when all is measured)"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    programs = Path(os.environ["TINYBIRD_CDK_BUILD_DIR"]) / "bin"
    with tempfile.TemporaryDirectory() as nowhere:
        whole = PROJECT / "docs/benchmarks" if not arguments.parts else Path(nowhere)
        run(arguments, programs, arguments.output or whole)
    return 0


def run(arguments: argparse.Namespace, programs: Path, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    report = Report()
    report.add(
        "# Latest run of `bin/bench`",
        "",
        f"{datetime.date.today()}, {os.cpu_count()} cores, {platform.machine()}. Ratios matter, seconds don't: machines"
        " differ and are noisy.",
        "",
    )
    for name in arguments.parts or [name for name in PARTS if name not in SIMULATED]:
        PARTS[name](report, programs, arguments, output)
    (output / "latest.md").write_text("\n".join(report.lines).rstrip() + "\n")


if __name__ == "__main__":
    sys.exit(main())

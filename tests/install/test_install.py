# SPDX-License-Identifier: Apache-2.0
"""The installed package: what a stranger's build finds, compiles, links and runs."""

import contextlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TINYBIRD_CDK_BUILD_DIR", REPOSITORY / "build" / "default"))

CONSUMER = """
{includes}
#include <iostream>

int main() {{
    std::cout << tinybird_cdk::version() << '\\n';
    for (const auto* spec : tinybird_cdk::connectors()) {{
        std::cout << spec->name << '\\n';
    }}
    const auto connector = tinybird_cdk::sql_connector_for(
        "sqlite", tinybird_cdk::Environment::of({{{{"SQLITE_DATABASE", ":memory:"}}}}));
    std::cout << connector->query_db_scalar("SELECT 6 * 7").to_text() << '\\n';
    std::cout << tinybird_cdk::conformance::checks().size() << " checks\\n";
}}
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def headers_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.hpp"))


def cached(variable):
    """The value of a variable of the build."""
    cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    return re.search(rf"^{variable}:\w+=(.*)$", cache, re.MULTILINE).group(1)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    assert (BUILD / "CMakeCache.txt").is_file(), f"no build in {BUILD}: run through bin/test"
    # Installed in one place and moved to another: nothing in it may name the first.
    first = tmp_path_factory.mktemp("install") / "first"
    run("cmake", "--install", BUILD, "--prefix", first)
    moved = first.with_name("moved to here")
    shutil.move(first, moved)
    return moved


def test_files_are_where_they_are_looked_for(prefix):
    files = {path.name for path in prefix.rglob("*") if path.is_file()}
    assert {"libtinybird_cdk.a", "tb-cdk", "tinybird_cdk.pc", "tinybird_cdk-config.cmake", "LICENSE"} <= files
    assert {"libtinybird_cdk_conformance.a", "tinybird_cdk_conformance.pc"} <= files
    assert headers_below(prefix / "include") == headers_below(REPOSITORY / "include")


def test_nothing_names_the_source_tree(prefix):
    for path in prefix.rglob("*"):
        if path.suffix in {".cmake", ".pc", ".hpp"}:
            text = path.read_text(encoding="utf-8")
            assert str(REPOSITORY) not in text, path
            assert str(BUILD) not in text, path


def test_find_package_builds_the_outside_connector(prefix, tmp_path):
    # A copy, so that nothing can be found by where the example lies.
    source = shutil.copytree(REPOSITORY / "examples" / "outside_connector", tmp_path / "source")
    build = tmp_path / "build"
    run(
        "cmake",
        "-S",
        source,
        "-B",
        build,
        f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={cached('CMAKE_CXX_COMPILER')}",
    )
    run("cmake", "--build", build)
    program = build / "outside_connector"
    assert run(program, "2..3") == '{"number":2,"square":4,"even":true}\n{"number":3,"square":9,"even":false}\n'

    refused = subprocess.run([program, "many"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "is no range" in refused.stderr


def test_pkg_config_builds_a_program(prefix, tmp_path):
    (pkg_config_dir,) = {path.parent for path in prefix.rglob("tinybird_cdk.pc")}
    environment = dict(os.environ, PKG_CONFIG_PATH=str(pkg_config_dir))
    version = run("pkg-config", "--modversion", "tinybird_cdk", env=environment).strip()

    # pkg-config escapes the space in the path for a shell, so a shell it is.
    includes = "\n".join(f"#include <{header}>" for header in headers_below(REPOSITORY / "include"))
    (tmp_path / "consumer.cpp").write_text(CONSUMER.format(includes=includes), encoding="utf-8")
    compiler = cached("CMAKE_CXX_COMPILER")
    run(
        "sh",
        "-c",
        f"eval '{compiler}' -std=c++20 -Wall -Wextra -Werror consumer.cpp -o consumer "
        "$(pkg-config --cflags --libs tinybird_cdk_conformance)",
        cwd=tmp_path,
        env=environment,
    )
    lines = run(tmp_path / "consumer").splitlines()
    assert lines[0] == version
    assert "sqlite" in lines[1:-2]
    assert lines[-2] == "42"
    assert lines[-1].endswith(" checks")


def test_the_moved_program_writes_parquet_with_what_lies_beside_it(prefix, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "database")) as database:
        database.execute("CREATE TABLE numbers AS SELECT 42 AS n")
        database.commit()
    environment = dict(os.environ, SQLITE_DATABASE=str(tmp_path / "database"), LD_DEBUG="files")
    environment["LD_DEBUG_OUTPUT"] = str(tmp_path / "loaded")
    arguments = ["-c", "sqlite", "--parent", "table=numbers", "-d", "numbers", "--create", "-f", "parquet", "--local"]
    run(prefix / "bin" / "tb-cdk", "append", *arguments, env=environment)
    loaded = "".join(path.read_text(errors="replace") for path in tmp_path.glob("loaded.*"))
    for name in ("libtinybird_cdk_parquet.so", "libparquet.so", "libarrow.so"):
        places = set(re.findall(rf"calling init: (.*/{re.escape(name)}\S*)", loaded))
        assert places and all(place.startswith(f"{prefix}/") for place in places), places

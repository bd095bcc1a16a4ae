# SPDX-License-Identifier: Apache-2.0
"""Jobs: their shape, filters, and what a restart keeps."""

from __future__ import annotations

import json

import pytest
from helpers.local_tinybird import kept_tinybird


@pytest.fixture(scope="module")
def jobs(api):
    """An import and a delete."""
    name = api.create("id Int32")
    api.load(name, "1\n2\nx\n")
    imported = next(job for job in listed(api) if job["datasource"]["name"] == name)
    status, deleted = api.form("POST", f"/v0/datasources/{name}/delete", delete_condition="id = 1")
    assert status == 201
    return imported, deleted


def listed(api, **parameters):
    status, answer = api.call("GET", "/v0/jobs", parameters=parameters)
    assert status == 200, answer
    return answer["jobs"]


def test_shapes(api, jobs):
    imported, deleted = jobs
    for job in jobs:
        assert {
            "id",
            "job_id",
            "kind",
            "status",
            "created_at",
            "started_at",
            "updated_at",
            "job_url",
            "is_cancellable",
            "datasource",
            "statistics",
        } <= set(job)
        assert (job["status"], job["is_cancellable"]) == ("done", False)
        assert job["created_at"] <= job["updated_at"]
        assert job["job_url"] == f"http://{api.host}/v0/jobs/{job['id']}"
        assert api.call("GET", f"/v0/jobs/{job['id']}") == (200, job)
        assert api.call("GET", f"/v0/jobs/{job['id']}", parameters={"debug": "blocks,block_log"}) == (200, job)
    assert (imported["kind"], imported["mode"], imported["quarantine_rows"]) == ("import", "append", 1)
    assert imported["import_id"] == imported["id"]
    assert (deleted["kind"], deleted["rows_affected"]) == ("delete_data", 1)


def test_filters(api, jobs):
    imported, deleted = jobs
    ids = [job["id"] for job in listed(api)]
    assert ids.index(deleted["id"]) < ids.index(imported["id"])
    assert {job["kind"] for job in listed(api, kind="import")} == {"import"}
    assert {job["kind"] for job in listed(api, kind="delete_data")} == {"delete_data"}
    assert listed(api, kind="copy") == []
    assert listed(api, status="error") == []
    assert [job["id"] for job in listed(api, status="done")] == ids
    assert listed(api, pipe_name="p") == listed(api, pipe_id="t_1") == []
    at = imported["created_at"]
    assert imported["id"] in [job["id"] for job in listed(api, created_after=at)]
    assert imported["id"] not in [job["id"] for job in listed(api, created_before=at)]
    assert all(job["created_at"] < at for job in listed(api, created_before=at.replace(" ", "T") + "Z"))
    assert listed(api, created_after="2100-01-01") == []
    assert [
        job["id"] for job in listed(api, created_after="2001-01-01 00:00", created_before="2100-01-01T00:00:00Z")
    ] == ids
    for wrong in ({"status": "whatever"}, {"created_after": "yesterday"}, {"created_before": "2026-13"}):
        assert api.call("GET", "/v0/jobs", parameters=wrong)[0] == 400


def test_a_finished_job_is_not_cancelled(api, jobs):
    for action in ("cancel", "retry"):
        status, answer = api.call("POST", f"/v0/jobs/{jobs[0]['id']}/{action}", b"")
        assert status == 400
        assert "done" in answer["error"]
        assert api.call("POST", f"/v0/jobs/nothing/{action}", b"")[0] == 404
    assert "not in a cancellable status" in api.call("POST", f"/v0/jobs/{jobs[0]['id']}/cancel", b"")[1]["error"]
    assert api.call("GET", "/v0/jobs/nothing")[0] == 404


def test_the_last_hundred_are_kept_over_a_kill(tmp_path):
    with kept_tinybird(tmp_path) as tinybird:
        name = tinybird.api.create("id Int32")
        for i in range(103):
            tinybird.api.load(name, f"{i}\n")
        before = listed(tinybird.api)
        tinybird.process.kill()
    assert len(before) == 100
    file = tmp_path / "data" / "jobs.ndjson"
    # A crash may cut the last line.
    file.write_text(file.read_text() + '{"id": "cut')
    with kept_tinybird(tmp_path) as tinybird:
        after = listed(tinybird.api)
        assert [job["id"] for job in after] == [job["id"] for job in before]
        tinybird.api.load(name, "1\n")
        newest = listed(tinybird.api)[0]
    with kept_tinybird(tmp_path) as tinybird:
        assert listed(tinybird.api)[0]["id"] == newest["id"]
    assert all(json.loads(line)["id"] for line in file.read_text().splitlines())

# SPDX-License-Identifier: Apache-2.0
"""A client of Tinybird's API that is nothing but HTTP."""

from __future__ import annotations

import http.client
import json
import urllib.parse
import uuid


class Api:
    """Calls the server; answers (status, parsed JSON or text)."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.host = urllib.parse.urlsplit(variables["TB_CDK_ENDPOINT"]).netloc
        self.token = variables["TB_CDK_TOKEN"]

    def call(self, method, path, body=None, headers=None, parameters=None):
        connection = http.client.HTTPConnection(self.host, timeout=300)
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        merged = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        connection.request(method, path + query, body, {k: v for k, v in merged.items() if v is not None})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.getheader("Content-Type", "").startswith("application/json") and text:
            return answer.status, json.loads(text)
        return answer.status, text

    def form(self, method, path, parameters=None, **fields):
        """A urlencoded form. A list is sent as several fields of one name."""
        body = urllib.parse.urlencode(fields, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call(method, path, body, headers, parameters)

    def with_token(self, token):
        """The same server, called with another token."""
        return Api({"TB_CDK_ENDPOINT": f"http://{self.host}", "TB_CDK_TOKEN": token})

    def sql(self, query):
        status, answer = self.call("GET", "/v0/sql", parameters={"q": query + " FORMAT JSONCompact"})
        assert status == 200, answer
        return answer["data"]

    def create(self, schema: str) -> str:
        name = "t_" + uuid.uuid4().hex
        form = urllib.parse.urlencode({"name": name, "schema": schema})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self.call("POST", "/v0/datasources", form, headers)
        assert status == 200, answer
        return name

    def load(self, name, data, mode="append", format="csv", **parameters):
        """By v1. Answers the finished job."""
        parameters["format"] = format
        status, answer = self.call(
            "POST", f"/v1/datasources/{name}/{mode}", data, {"Content-Type": "text/csv"}, parameters
        )
        assert status == 202, answer
        status, job = self.call("GET", f"/v0/jobs/{answer['job_id']}")
        assert (status, job["status"]) == (200, "done")
        return job["blocks"][0]["process_return"][0]

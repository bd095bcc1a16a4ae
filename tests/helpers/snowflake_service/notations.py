# SPDX-License-Identifier: Apache-2.0
"""What the text of a date may look like (https://docs.snowflake.com/en/user-guide/date-time-input-output)."""

from __future__ import annotations

import re
from typing import Any

from .answers import Refusal

LITERAL = re.compile(r"'([^']*)'::(DATE|TIMESTAMP)(?:_NTZ)?\b", re.IGNORECASE)


def refuse_other_notations(sql: str, parameters: dict[str, Any]) -> None:
    """A text that is cast is read by the format of the session, and by no other."""
    for text, kind in LITERAL.findall(sql):
        form = str(parameters.get(f"{kind.upper()}_INPUT_FORMAT", "AUTO"))
        digits = re.sub(
            "YYYY|MM|DD|HH24|MI|SS", lambda found: "[0-9]{4}" if found[0] == "YYYY" else "[0-9]{2}", re.escape(form)
        )
        if form != "AUTO" and not re.fullmatch(digits, text):
            raise Refusal("100040", f"{kind.capitalize()} '{text}' is not recognized", "22007")

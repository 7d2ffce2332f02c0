"""What schemathesis has to know of us: bodies of parts are bytes."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/vnd.apache.arrow.stream")
def part(_context, value):
    """Send text and bytes as they are, anything else as one line of JSON."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return json.dumps(value).encode()

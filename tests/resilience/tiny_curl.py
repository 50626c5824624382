"""As much of curl as docs/api.md uses, for machines without it. A program: `tiny_curl.py …`."""

from __future__ import annotations

import argparse
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

FAILED = 22


def main(arguments):
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-sS", action="store_true", dest="quiet")
    parser.add_argument("--fail-with-body", action="store_true")
    parser.add_argument("-X", default="GET", dest="method")
    parser.add_argument("-H", action="append", default=[], dest="headers")
    parser.add_argument("--data")
    parser.add_argument("-o", dest="output")
    parser.add_argument("-w", default="", dest="write_out")
    parser.add_argument("-D", choices=["-"], dest="dump_headers")
    asked = parser.parse_args(arguments)
    answer = send(asked)
    body = answer.read()
    if asked.dump_headers:
        sys.stdout.write(f"HTTP/1.1 {answer.status}\r\n{answer.headers.as_string()}")
    if asked.output:
        Path(asked.output).write_bytes(body)
    else:
        sys.stdout.write(body.decode())
    sys.stdout.write(
        asked.write_out.replace("%{http_code}", str(answer.status)).replace("\\n", "\n")
    )
    return FAILED if asked.fail_with_body and answer.status >= 400 else 0


def send(asked):
    where = urlsplit(asked.url)
    connection = HTTPConnection(where.hostname, where.port, timeout=30)
    path = f"{where.path}?{where.query}" if where.query else where.path
    headers = dict(one.split(": ", 1) for one in asked.headers)
    body = None if asked.data is None else asked.data.encode()
    connection.request(asked.method, path, body=body, headers=headers)
    return connection.getresponse()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

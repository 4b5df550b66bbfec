"""Writes what the fuzzers start from: seeds.py FOLDER, a folder for each target.

Small files that get far into the parsers, which random bytes would not.
"""

import base64
import io
import json
import pathlib
import struct
import sys
import zipfile

ARM64, X86_64 = 183, 62


def elf(machine, segments, rest, sections=(0, 0, 0)):
    """A program: its segments as (type, offset, address, size), and what follows."""
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header += struct.pack("<HHIQQQI", 2, machine, 1, 0, 64, sections[0], 0)
    header += struct.pack("<HHHHHH", 64, 56, len(segments), 64, *sections[1:])
    for kind, offset, address, size in segments:
        header += struct.pack("<IIQQQQQQ", kind, 4, offset, address, address, size, size, 8)
    return header + rest


def dynamic_elf(machine, version):
    """With a loader, libraries, a run path, properties, and a symbol of a glibc."""
    names = [b"", b"libc.so.6", b"libssl.so.3", b"/nowhere", version, b"mkdirat"]
    strings = b"\0".join(names) + b"\0"
    at = {name: strings.index(name) for name in names}
    loader = b"/lib64/ld-linux-x86-64.so.2\0"
    # The instruction sets that are needed: x86-64-v3.
    note = struct.pack("<III4sIIII", 4, 16, 5, b"GNU\0", 0xC0008002, 4, 4, 0)
    need = struct.pack("<HHIII", 1, 1, at[b"libc.so.6"], 16, 0)
    need += struct.pack("<IHHII", 0, 0, 2, at[version], 0)
    symbols = bytes(24) + struct.pack("<IBBHQQ", at[b"mkdirat"], 0x12, 0, 0, 0, 0)
    versions = struct.pack("<HH", 0, 2)

    parts, places = b"", {}
    start = 64 + 4 * 56
    bodies = {
        "dynamic": bytes(6 * 16),
        "loader": loader,
        "note": note,
        "need": need,
        "symbols": symbols,
        "versions": versions,
        "strings": strings,
    }
    for name, body in bodies.items():
        parts += bytes(-len(parts) % 8)
        places[name] = start + len(parts)
        parts += body
    table = [
        (5, places["strings"]),
        (1, at[b"libc.so.6"]),
        (1, at[b"libssl.so.3"]),
        (29, at[b"/nowhere"]),
        (0x6FFFFFFE, places["need"]),
        (0, 0),
    ]
    dynamic = b"".join(struct.pack("<QQ", *entry) for entry in table)
    parts = dynamic + parts[len(dynamic) :]
    parts += bytes(-len(parts) % 8)
    sections = start + len(parts)
    for kind, name, link, info, size in [
        (0, None, 0, 0, 0),
        (11, "symbols", 2, 1, 24),
        (3, "strings", 0, 0, 0),
        (0x6FFFFFFE, "need", 2, 1, 0),
        (0x6FFFFFFF, "versions", 1, 0, 2),
    ]:
        place, length = (places[name], len(bodies[name])) if name else (0, 0)
        parts += struct.pack("<IIQQQQIIQQ", 0, kind, 2, place, place, length, link, info, 8, size)
    segments = [
        (1, 0, 0, start + len(parts)),
        (2, places["dynamic"], places["dynamic"], len(dynamic)),
        (3, places["loader"], places["loader"], len(loader)),
        (4, places["note"], places["note"], len(note)),
    ]
    return elf(machine, segments, parts, (sections, 5, 2))


def go_strings(modules):
    """What stands behind the header of Go's build information."""

    def string(text):
        length, size = b"", len(text)
        while size > 0x7F:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        return length + bytes([size]) + text

    return string(b"go1.26.8") + string(b"s" * 16 + modules + b"e" * 16)


def zipped(entries, compression):
    """A zip of (name, content)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = 0o100755 << 16
            info.compress_type = compression
            archive.writestr(info, content)
    return file.getvalue()


def templates(*endings):
    """What the tests of `migrate` start from, but for what is long."""
    cases = pathlib.Path(__file__).parent.parent / "tests/migrate/before"
    files = (file for file in cases.rglob("*") if file.suffix in endings)
    contents = {"-".join(file.relative_to(cases).parts): file.read_bytes() for file in files}
    return {name: content for name, content in contents.items() if len(content) < 4096}


def seeds():
    small = elf(ARM64, [(1, 0, 0, 120)], b"")
    old, new = (dynamic_elf(X86_64, v) for v in [b"GLIBC_2.17", b"GLIBC_2.39"])
    modules = (
        b"path\texample.com/f\nmod\texample.com/f\t(devel)\t\n"
        b"dep\tgithub.com/aws/aws-lambda-go\tv1.17.0\th1:x=\n"
        b"dep\texample.com/b\tv1.0.0\n=>\texample.com/c\tv2.0.0\th1:y=\n"
        b"build\tGOAMD64=v3\n"
    )
    go_header = b"\xff Go buildinf:\x08\x02".ljust(32, b"\0")
    stored = zipped([("bootstrap", b"hello\n")], zipfile.ZIP_STORED)
    report = (
        b"REPORT RequestId: 3f1d-4\tDuration: 2.72 ms\tBilled Duration: 3 ms\t"
        b"Memory Size: 2048 MB\tMax Memory Used: 64 MB\tInit Duration: 166.76 ms\t\n"
    )
    record = (
        b'{"time":"2023-05-01T10:11:12.123Z","type":"platform.report","record":{"requestId":"3f1d",'
        b'"status":"error","errorType":"x","metrics":{"durationMs":2.72,"billedDurationMs":3,'
        b'"memorySizeMB":2048,"maxMemoryUsedMB":64,"initDurationMs":166.76}}}'
    )
    insights = [
        {"field": field, "value": value}
        for field, value in [("@duration", "2.7"), ("@memorySize", "1.28E8"), ("@type", "REPORT")]
    ]
    response = (
        b'{"statusCode":201,"headers":{"x-a":"b","x-n":1.5,"x-l":["c",true],"te":"x"},'
        b'"cookies":["a=1; Path=/"],"body":"h\\u00e9llo","isBase64Encoded":false}'
    )
    return {
        "elf": {
            "static": small,
            "cut": small[:100],
            "32-bit": b"\x7fELF\x01\x01\x01" + bytes(45),
            "glibc-2.17": old,
            "glibc-2.39": new,
            "windows": b"MZ\x90\0",
            "macos": b"\xcf\xfa\xed\xfe\x07",
            "archive": b"!<arch>\n__.PKGDEF",
        },
        "go_build_info": {
            "modules": go_strings(modules),
            "header": go_header + go_strings(modules),
            "version": b"v1.18.0",
        },
        "zip_directory": {
            "empty": zipped([], zipfile.ZIP_STORED),
            "stored": stored,
            "deflated": zipped([("bootstrap", b"#!/bin/sh\n" * 9)], zipfile.ZIP_DEFLATED),
            "program": zipped([("bootstrap", new)], zipfile.ZIP_DEFLATED),
            "extension": zipped([("extensions/a", small), ("lib/", b"")], zipfile.ZIP_STORED),
            "shifted": b"before" + stored + b"behind",
            "zip64": stored[:-12] + b"\xff" * 10 + b"\0\0",
        },
        "script": {
            "sh": b"#!/bin/sh -e\necho\n",
            "crlf": b"#!/bin/sh\r\n",
            "marked": b"\xef\xbb\xbf#!/bin/sh\n",
            "env": b"#! /usr/bin/env -S bash\n",
            "own": b"#!/var/task/python3\n",
            "long": b"#!/opt/" + b"a" * 300,
        },
        "reportlog": {
            "line": report,
            "tail": b"2023-05-01T10:11:12.123000+00:00 2023/05/01/[$LATEST]0f1e " + report,
            "failed": b"INIT_REPORT Init Duration: 0.27 ms\tPhase: init\tStatus: timeout\n",
            "record": record,
            "lines": b"[\n" + record + b",\n" + record + b"\n]\n" + report,
            "events": json.dumps({"events": [{"message": report.decode(), "timestamp": 1}]}).encode(),
            "insights": json.dumps({"results": [insights]}, indent=1).encode(),
            "answer": json.dumps({"LogResult": base64.b64encode(report).decode()}).encode(),
            "table": b"Name;Memory;Init;Cold;Billed\na;128;50.1;1.2;52\n" * 2,
        },
        # The first byte is no part of the name or of the response.
        "front_doors": {
            "name": b"\x01my-function%3A%24LATEST?$LATEST",
            "partial": b"\x01123456789012:function:f:prod",
            "arn": b"\x01arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:1",
            "response": b"\x01" + response,
            "base64": b"\x01" + b'{"statusCode":"418","body":"aGVsbG8=","isBase64Encoded":true}',
            "bare": b'\x01["hello",3.1,true,null]',
            "prelude": b"\x03" + response + bytes(8) + b"body",
            "nuls": b"\x07{}" + bytes(17) + b"{}",
        },
        "migrate_yaml": templates(".yaml", ".yml"),
        "migrate_json": templates(".json"),
        "migrate_hcl": templates(".tf"),
    }


for target, files in seeds().items():
    folder = pathlib.Path(sys.argv[1], target)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)

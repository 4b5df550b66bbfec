//! A scene for each finding.

use cargo_lambdapack::internals::FindingCode;

use super::{Scene, scene as run};
use crate::support::Sandbox;
use crate::support::image::{Program, X86_64, auditable, header};
use crate::support::zip::{Entry, Zip};

/// Runs `check` on a file with this content, with additional arguments.
fn check(story: &'static str, file: &str, bytes: &[u8], more: &[&str]) -> Scene {
    let sandbox = Sandbox::new();
    sandbox.write_bytes(file, bytes);
    run(story, &sandbox, &[&["check", file], more].concat())
}

fn program(story: &'static str, program: &Program) -> Scene {
    check(story, "bootstrap", &program.bytes(), &[])
}

fn zip(story: &'static str, zip: &Zip) -> Scene {
    check(story, "orders.zip", &zip.bytes(), &[])
}

fn good() -> Zip {
    Zip::of([Entry::bootstrap(&Program::arm().bytes())])
}

/// A valid zip, except for its bootstrap.
fn with(story: &'static str, change: impl FnOnce(&mut Entry)) -> Scene {
    let mut one = good();
    change(&mut one.entries[0]);
    zip(story, &one)
}

/// A valid zip with additional files.
fn next_to(story: &'static str, entries: impl IntoIterator<Item = Entry>) -> Scene {
    let mut one = good();
    one.entries.extend(entries);
    zip(story, &one)
}

/// A program whose build information names Go and this version of the runtime library.
fn go(story: &'static str, version: &str) -> Scene {
    let mut bytes = Program::fixed(X86_64).bytes();
    bytes.resize(bytes.len().next_multiple_of(16), 0);
    let start = bytes.len();
    bytes.extend(b"\xff Go buildinf:\x08\x02");
    bytes.resize(start + 32, 0);
    let module = format!("dep\tgithub.com/aws/aws-lambda-go\t{version}\n");
    for text in ["go1.20", &format!("{0}{module}{0}", "0123456789abcdef")] {
        bytes.push(u8::try_from(text.len()).unwrap());
        bytes.extend(text.bytes());
    }
    // The first segment spans the whole file: its sizes in the file and in memory.
    let size = (bytes.len() as u64).to_le_bytes();
    bytes[96..104].copy_from_slice(&size);
    bytes[104..112].copy_from_slice(&size);
    check(story, "bootstrap", &bytes, &[])
}

/// A machine whose compiler embeds the project's folder in the program.
fn embedding() -> Scene {
    let sandbox = Sandbox::orders();
    sandbox.control("embeds-path", "orders");
    run("The program contains a path of this machine", &sandbox, &[])
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn scene(code: FindingCode) -> Scene {
    match code {
        FindingCode::Empty => check("An empty file", "bootstrap", b"", &[]),
        FindingCode::NotAProgram => check(
            "A program for Windows",
            "bootstrap",
            b"MZ\x90\0\x03\0\0\0",
            &[],
        ),
        FindingCode::CutOff => {
            let whole = Program::default().bytes();
            let half = &whole[..whole.len() - 20];
            check("An incomplete copy of a program", "bootstrap", half, &[])
        }
        FindingCode::WrongArchitecture => check(
            "A program for arm64 in a function for x86_64",
            "orders.zip",
            &good().bytes(),
            &["--arch", "x86_64"],
        ),
        FindingCode::WrongClass => check(
            "A program for the x32 ABI",
            "bootstrap",
            &header(1, false, X86_64, 2),
            &[],
        ),
        FindingCode::NotLinked => check(
            "An object file",
            "bootstrap",
            &header(2, false, X86_64, 1),
            &[],
        ),
        FindingCode::Loader => program(
            "A program that is dynamically linked with musl",
            &Program {
                loader: Some("/lib/ld-musl-x86_64.so.1"),
                ..Program::default()
            },
        ),
        FindingCode::Glibc => program(
            "A program that was linked on a newer system",
            &Program {
                versions: &["GLIBC_2.2.5", "GLIBC_2.38"],
                ..Program::default()
            },
        ),
        FindingCode::Library => program(
            "A program that needs the library of PostgreSQL",
            &Program {
                needed: &["libpq.so.5", "libc.so.6"],
                ..Program::default()
            },
        ),
        FindingCode::RunPath => program(
            "A program that was linked with a folder of the machine as its run path",
            &Program {
                run_path: Some("/home/ada/build/lib"),
                ..Program::default()
            },
        ),
        FindingCode::IncludedArchitecture => {
            let mut one = good();
            let library = Entry::stored("lib/libx.so", &Program::default().bytes());
            one.entries.push(library);
            check(
                "A library for x86_64 next to a program for arm64",
                "orders.zip",
                &one.bytes(),
                &["--arch", "arm64"],
            )
        }
        FindingCode::BuildPath => embedding(),
        FindingCode::Cpu => program(
            "A program that was built with `-C target-cpu=x86-64-v4`",
            &Program {
                isa: Some(8),
                ..Program::default()
            },
        ),
        FindingCode::Static => program("A static program", &Program::fixed(X86_64)),
        FindingCode::Auditable => {
            let list = r#"{"packages":[
                {"name":"orders","version":"0.1.0","source":"local","root":true},
                {"name":"serde","version":"1.0.228","source":"crates.io"}]}"#;
            let bytes = auditable(Program::default().bytes(), list);
            check(
                "A program built with `--auditable`",
                "bootstrap",
                &bytes,
                &[],
            )
        }
        FindingCode::GoRuntimeTooOld => go("A Go program from 2019", "v1.13.0"),
        FindingCode::GoRuntimeOld => go("A Go program from 2020", "v1.19.1"),
        FindingCode::RustRuntimeTooOld => {
            let mut bytes = Program::default().bytes();
            bytes.extend(
                b"/lambda_runtime_client-0.2.2/src/client.rs\0/net2-0.2.33/src/tcp.rs\0\
                  rustc version 1.95.0",
            );
            check(
                "A Rust program from 2019, built today",
                "bootstrap",
                &bytes,
                &[],
            )
        }
        FindingCode::NoExtensionClient => zip(
            "A layer with a command-line tool",
            &Zip::of([Entry {
                mode: 0o100_755,
                ..Entry::deflated("extensions/telemetry", &header(2, false, X86_64, 2))
            }]),
        ),
        FindingCode::NoRuntimeClient => check(
            "A command-line tool",
            "bootstrap",
            &header(2, false, X86_64, 2),
            &[],
        ),
        FindingCode::Shebang => check(
            "A script that was saved on Windows",
            "bootstrap",
            b"#!/bin/sh\r\necho hello\r\n",
            &[],
        ),
        FindingCode::NoFile => run(
            "A missing file",
            &Sandbox::new(),
            &["check", "target/lambdapack/arm64/orders.zip"],
        ),
        FindingCode::Damaged => {
            let whole = good().bytes();
            let half = &whole[..whole.len() - 30];
            check("A truncated download", "orders.zip", half, &[])
        }
        FindingCode::NoBootstrap => zip(
            "A zip for the runtime `go1.x`",
            &Zip::of([Entry {
                mode: 0o100_755,
                ..Entry::deflated("main", &Program::arm().bytes())
            }]),
        ),
        FindingCode::NotExecutable => with("A program that is not executable", |entry| {
            entry.mode = 0o100_644;
        }),
        FindingCode::MisplacedExtension => zip(
            "A layer with a folder around its extension",
            &Zip::of([Entry {
                mode: 0o100_755,
                ..Entry::deflated("agent/extensions/agent", &Program::arm().bytes())
            }]),
        ),
        FindingCode::NoExecuteBit => next_to(
            "A program that the function starts, but that is not executable",
            [Entry::deflated("bin/tool", &Program::arm().bytes())],
        ),
        FindingCode::NotUnix => with("A zip that was made on Windows", |entry| entry.made_by = 0),
        FindingCode::Link => zip(
            "A bootstrap that is a symlink to the program",
            &Zip::of([
                Entry::link("bootstrap", "orders"),
                Entry {
                    mode: 0o100_755,
                    ..Entry::deflated("orders", &Program::arm().bytes())
                },
            ]),
        ),
        FindingCode::Unreadable => next_to(
            "A file that only its owner can read",
            [Entry {
                mode: 0o100_600,
                ..Entry::stored("config.json", b"{}")
            }],
        ),
        FindingCode::Name => next_to(
            "A name that leads out of the folder",
            [Entry::stored("../evil", b"")],
        ),
        FindingCode::NameElsewhere => next_to(
            "Two names that differ only in case",
            ["a.txt", "A.txt"].map(|name| Entry::stored(name, b"")),
        ),
        FindingCode::Duplicate => {
            next_to("A name twice", [Entry::bootstrap(&Program::arm().bytes())])
        }
        FindingCode::Encrypted => with("A zip with a password", |entry| entry.flags = 1),
        FindingCode::Method => with("A zip that was compressed with LZMA", |entry| {
            entry.method = 14;
        }),
        FindingCode::Zip64 => {
            let mut one = good();
            one.zip64 = true;
            zip("A zip64 archive", &one)
        }
        FindingCode::Surrounded => {
            let mut one = good();
            one.prefix = b"#!/bin/sh\nexit\n".to_vec();
            zip("A zip behind a shell script", &one)
        }
        FindingCode::TooLarge => {
            let mut large = Entry::deflated("model.bin", b"little");
            large.size = 262_144_000;
            next_to("A zip with more data than Lambda unpacks", [large])
        }
        FindingCode::UseS3 => {
            let large = Entry::stored("model.bin", &vec![0; 52_428_800]);
            next_to("A zip that is too large for a direct upload", [large])
        }
        FindingCode::Extensions => zip(
            "A layer with eleven extensions",
            &Zip::of(
                (1..=11)
                    .map(|number| Entry {
                        mode: 0o100_755,
                        ..Entry::deflated(
                            format!("extensions/e{number}"),
                            &Program::default().bytes(),
                        )
                    })
                    .collect::<Vec<_>>(),
            ),
        ),
        FindingCode::Sbom => {
            let sandbox = Sandbox::new();
            sandbox.write_bytes("orders.zip", good().bytes());
            let hashes = r#"[{ "alg": "SHA-256", "content": "9f86d081884c7d65" }]"#;
            sandbox.write(
                "orders.zip.cdx.json",
                &format!(
                    r#"{{ "bomFormat": "CycloneDX", "metadata": {{ "component": {{ "hashes": {hashes} }} }} }}"#
                ),
            );
            let args = ["check", "orders.zip", "--sbom", "orders.zip.cdx.json"];
            run("The bill of materials of another zip", &sandbox, &args)
        }
        FindingCode::Sidecar => {
            let sandbox = Sandbox::new();
            sandbox.write_bytes("orders.zip", good().bytes());
            sandbox.write(
                "orders.zip.base64sha256",
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
            );
            let args = ["check", "orders.zip"];
            run("A hash file that another tool wrote", &sandbox, &args)
        }
    }
}

//! `check` on programs that Lambda may or may not be able to start.

use snapbox::str;

use crate::support::image::{AARCH64, Program, X86_64, header};
use crate::support::zip::{Entry, Zip};
use crate::support::{Ran, Sandbox, Transcript, checked};

/// The report about a program.
fn program(program: &Program) -> Ran {
    checked("bootstrap", program.bytes())
}

#[test]
fn ordinary_programs_of_both_architectures_are_ok() {
    let mut transcript = Transcript::default();
    for one in [Program::default(), Program::arm()] {
        let ran = program(&one).finds(0, &[]);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
ok        bootstrap  program x86_64  563 B

$ cargo lambdapack check bootstrap
ok        bootstrap  program arm64  562 B


"#]]);
}

/// Both values are reported.
#[test]
fn a_program_for_another_architecture_is_rejected() {
    let sandbox = Sandbox::new();
    let mut transcript = Transcript::default();
    for (one, own, other) in [
        (Program::default(), "x86_64", "arm64"),
        (Program::arm(), "arm64", "x86_64"),
    ] {
        sandbox.write_bytes("bootstrap", one.bytes());
        sandbox
            .check(&["bootstrap", "--arch", other])
            .finds(104, &["wrong-architecture"])
            .record(&mut transcript);
        sandbox.check(&["bootstrap", "--arch", own]).finds(0, &[]);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap --arch arm64
refused   bootstrap  program arm64  563 B
  refused[wrong-architecture]: it is built for x86_64, but the function uses arm64
    help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper

$ cargo lambdapack check bootstrap --arch x86_64
refused   bootstrap  program x86_64  562 B
  refused[wrong-architecture]: it is built for arm64, but the function uses x86_64
    help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper


"#]]);
}

/// The first is an x32 program: 32 bits wide, for the right machine.
#[test]
fn programs_with_32_bits_or_big_endian_are_rejected() {
    let mut transcript = Transcript::default();
    for bytes in [
        header(1, false, X86_64, 2),
        header(1, false, AARCH64, 2),
        header(2, true, AARCH64, 2),
    ] {
        checked("bootstrap", bytes)
            .finds(104, &["wrong-class"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  84 B
  refused[wrong-class]: it is a 32-bit program
    help: build it for the function's architecture; Lambda runs only 64-bit programs

$ cargo lambdapack check bootstrap
refused   bootstrap  program arm64  84 B
  refused[wrong-class]: it is a 32-bit program
    help: build it for the function's architecture; Lambda runs only 64-bit programs

$ cargo lambdapack check bootstrap
refused   bootstrap  program arm64  120 B
  refused[wrong-class]: it is a big-endian program
    help: build it for the function's architecture; Lambda runs only little-endian programs
  note[static]: it is statically linked and needs no libraries of the runtime


"#]]);
    // EM_386 and EM_ARM, which are also other machines.
    let mut transcript = Transcript::default();
    for machine in [3, 40] {
        checked("bootstrap", header(1, false, machine, 2))
            .finds(104, &["wrong-architecture", "wrong-class"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  84 B
  refused[wrong-architecture]: it is built for 32-bit x86, but the function uses x86_64
    help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper
  refused[wrong-class]: it is a 32-bit program
    help: build it for the function's architecture; Lambda runs only 64-bit programs

$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  84 B
  refused[wrong-architecture]: it is built for 32-bit ARM, but the function uses x86_64
    help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper
  refused[wrong-class]: it is a 32-bit program
    help: build it for the function's architecture; Lambda runs only 64-bit programs


"#]]);
}

#[test]
fn files_that_are_not_programs_are_identified() {
    let mut transcript = Transcript::default();
    for bytes in [
        &b"MZ\x90\0\x03\0\0\0"[..],
        b"\xcf\xfa\xed\xfe\x07\0\0\x01",
        b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07",
        b"!<arch>\n__.PKGDEF       0",
        b"echo hello\n",
        b"\x7f",
    ] {
        checked("bootstrap", bytes)
            .finds(104, &["not-a-program"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  8 B
  refused[not-a-program]: it is a Windows program, not a Linux executable
    help: build it for Linux; the target determines the system

$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  8 B
  refused[not-a-program]: it is a macOS program, not a Linux executable
    help: build it for Linux; the target determines the system

$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  12 B
  refused[not-a-program]: it is a macOS program, not a Linux executable
    help: build it for Linux; the target determines the system

$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  25 B
  refused[not-a-program]: it is a library archive, not a Linux executable
    help: build the package `main`; Go creates an archive from any other package

$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  11 B
  refused[not-a-program]: it is neither an ELF file nor a script, so Linux cannot start it
    help: use the program that the compiler created; a script must start with `#!`

$ cargo lambdapack check bootstrap
refused   bootstrap  program ?  1 B
  refused[not-a-program]: it is neither an ELF file nor a script, so Linux cannot start it
    help: use the program that the compiler created; a script must start with `#!`


"#]]);
    checked("bootstrap", b"")
        .finds(104, &["empty"])
        .stdout_eq(str![[r#"
refused   bootstrap  program ?  0 B
  refused[empty]: it is empty
    help: build again

"#]]);
}

/// A Java class starts with the same four bytes as a macOS universal binary. The version that
/// follows is larger than any number of architectures.
#[test]
fn a_java_class_is_not_called_a_macos_program() {
    checked("Main.class", b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x1d\x0a\0")
        .finds(104, &["not-a-program"])
        .prints_nothing_of("macOS");
}

/// Object files and core dumps.
#[test]
fn an_elf_file_that_was_not_linked_is_rejected() {
    let mut transcript = Transcript::default();
    for kind in [1, 4] {
        checked("bootstrap", header(2, false, X86_64, kind))
            .finds(104, &["not-linked"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  120 B
  refused[not-linked]: it is an object file that was not linked
    help: use the linked executable

$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  120 B
  refused[not-linked]: it is an ELF file of a type that cannot be started
    help: use the linked executable


"#]]);
}

/// All bytes are loaded, so every truncation is detected.
#[test]
fn an_elf_file_truncated_anywhere_is_rejected() {
    let sandbox = Sandbox::new();
    let whole = Program::default().bytes();
    let mut names = vec!["--message-format".to_owned(), "json".to_owned()];
    for length in (0..whole.len()).step_by(3).chain([whole.len() - 1]) {
        let name = length.to_string();
        sandbox.write_bytes(&name, &whole[..length]);
        names.push(name);
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let report = sandbox.check(&names).ends_with(104).json();
    let files = report["files"].as_array().unwrap();
    assert_eq!(files.len(), names.len() - 2);
    for file in files {
        let findings = file["findings"].as_array().unwrap();
        let refused = findings.iter().any(|one| one["level"] == "refused");
        assert!(refused, "{file}");
    }
}

#[test]
fn program_headers_beyond_the_end_mean_truncation() {
    let mut bytes = Program::default().bytes();
    bytes[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    checked("bootstrap", &bytes).finds(104, &["cut-off"]);
    bytes[32..40].copy_from_slice(&100_000u64.to_le_bytes());
    checked("bootstrap", &bytes).finds(104, &["cut-off"]);
}

/// The required and the available version.
#[test]
fn a_glibc_newer_than_the_runtimes_is_rejected() {
    let newer = Program {
        versions: &["GLIBC_2.2.5", "GLIBC_2.38", "GLIBC_2.4"],
        ..Program::default()
    };
    program(&newer)
        .finds(104, &["glibc"])
        .stdout_eq(str![[r#"
refused   bootstrap  program x86_64  587 B
  refused[glibc]: it needs glibc 2.38, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.38 not found`
    help: build it with an older glibc, using `cargo lambdapack --linker zig` or `zig cc`, or statically with musl

"#]])
        .prints_nothing_of("--runtime");
    // provided.al2023 has glibc 2.34, which is newer than that of provided.al2.
    let sandbox = Sandbox::new();
    sandbox.write_bytes("bootstrap", Program::default().bytes());
    sandbox.check(&["bootstrap"]).finds(0, &[]);
    sandbox
        .check(&["bootstrap", "--runtime", "provided.al2"])
        .finds(104, &["glibc"])
        .stdout_eq(str![[r#"
refused   bootstrap  program x86_64  563 B
  refused[glibc]: it needs glibc 2.34, but provided.al2 has 2.26, so it would fail with `GLIBC_2.34 not found`
    help: build it with an older glibc, using `cargo lambdapack --linker zig` or `zig cc`, or statically with musl; or deploy to provided.al2023: pass `--runtime provided.al2023`

"#]]);
}

#[test]
fn a_loader_missing_from_the_runtime_is_named() {
    let mut transcript = Transcript::default();
    for loader in [
        "/lib/ld-musl-x86_64.so.1",
        "/nix/store/abc-glibc-2.39/lib/ld-linux-x86-64.so.2",
        "/system/bin/linker64",
        "/lib/ld-linux-aarch64.so.1",
    ] {
        let other = Program {
            loader: Some(loader),
            ..Program::default()
        };
        program(&other)
            .finds(104, &["loader"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  560 B
  refused[loader]: it needs the loader /lib/ld-musl-x86_64.so.1, but provided.al2023 has /lib64/ld-linux-x86-64.so.2
    help: link musl statically (default of rustup's musl targets; gcc: `-static`), or build for glibc

$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  586 B
  refused[loader]: it needs the loader /nix/store/abc-glibc-2.39/lib/ld-linux-x86-64.so.2, but provided.al2023 has /lib64/ld-linux-x86-64.so.2
    help: build outside of Nix, or link statically

$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  556 B
  refused[loader]: it needs the loader /system/bin/linker64, but provided.al2023 has /lib64/ld-linux-x86-64.so.2
    help: build for glibc with the default loader, or link statically

$ cargo lambdapack check bootstrap
refused   bootstrap  program x86_64  562 B
  refused[loader]: it needs the loader /lib/ld-linux-aarch64.so.1, but provided.al2023 has /lib64/ld-linux-x86-64.so.2
    help: build for glibc with the default loader, or link statically


"#]]);
}

const PQ: Program = Program {
    machine: X86_64,
    loader: Some("/lib64/ld-linux-x86-64.so.2"),
    needed: &["libpq.so.5", "libm.so.6", "libgcc_s.so.1", "libc.so.6"],
    run_path: None,
    versions: &["GLIBC_2.34"],
    isa: None,
    align: 0x1000,
};

#[test]
fn only_missing_libraries_are_named() {
    let ran = program(&PQ).finds(104, &["library"]);
    ran.stdout_eq(str![[r#"
refused   bootstrap  program x86_64  619 B
  refused[library]: it needs libpq.so.5, which provided.al2023 does not contain
    help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it

"#]]);
}

#[test]
fn a_library_from_a_layer_or_the_zip_is_accepted() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("bootstrap", PQ.bytes());
    let args = ["bootstrap", "--layer-library", "libpq.so.5"];
    sandbox.check(&args).finds(0, &[]);
    let other = ["bootstrap", "--layer-library", "libpq.so"];
    sandbox.check(&other).finds(104, &["library"]);
    for (place, code, codes) in [
        ("lib/libpq.so.5", 0, &[][..]),
        ("libpq.so.5", 0, &[]),
        ("deep/libpq.so.5", 104, &["library"]),
    ] {
        let library = Entry::stored(place, b"a library");
        let zip = Zip::of([Entry::bootstrap(&PQ.bytes()), library]);
        sandbox
            .check_bytes("pq.zip", zip.bytes())
            .finds(code, codes);
    }
}

#[test]
fn a_local_folder_in_the_run_path_is_a_warning() {
    for (path, codes) in [
        ("/home/ada/build/lib:$ORIGIN", &["run-path"][..]),
        ("$ORIGIN/lib:/opt/lib:/var/task/lib", &[]),
    ] {
        let one = Program {
            run_path: Some(path),
            ..Program::default()
        };
        let ran = program(&one).finds(0, codes);
        if !codes.is_empty() {
            ran.stdout_eq(str![[r#"
warning   bootstrap  program x86_64  603 B
  warning[run-path]: it searches for libraries in /home/ada/build/lib, which Lambda does not have
    help: link without `-rpath`, or with `-rpath '$ORIGIN/lib'`

"#]]);
        }
    }
}

/// Static, and static as a position-independent executable.
#[test]
fn a_static_program_is_ok_and_noted() {
    let pie = Program {
        run_path: Some("$ORIGIN"),
        ..Program::fixed(X86_64)
    };
    let mut transcript = Transcript::default();
    for one in [Program::fixed(X86_64), Program::fixed(AARCH64), pie] {
        program(&one).finds(0, &[]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
ok        bootstrap  program x86_64  375 B
  note[static]: it is statically linked and needs no libraries of the runtime

$ cargo lambdapack check bootstrap
ok        bootstrap  program arm64  375 B
  note[static]: it is statically linked and needs no libraries of the runtime

$ cargo lambdapack check bootstrap
ok        bootstrap  program x86_64  439 B
  note[static]: it is statically linked and needs no libraries of the runtime


"#]]);
    program(&Program::default()).prints_nothing_of("static");
}

/// gcc -shared, `cdylib`, -buildmode=c-shared: e_entry is 0.
#[test]
fn a_shared_library_is_not_accepted_as_a_program() {
    let mut bytes = Program {
        run_path: Some("$ORIGIN"),
        ..Program::fixed(X86_64)
    }
    .bytes();
    bytes[24..32].fill(0);
    checked("bootstrap", bytes).finds(104, &["not-linked"]);
}

#[test]
fn instructions_that_some_hosts_lack_are_a_warning() {
    let mut transcript = Transcript::default();
    for (isa, codes) in [(1, &[][..]), (1 | 2, &[]), (4, &["cpu"]), (8, &["cpu"])] {
        let one = Program {
            isa: Some(isa),
            ..Program::default()
        };
        program(&one).finds(0, codes).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
ok        bootstrap  program x86_64  599 B

$ cargo lambdapack check bootstrap
ok        bootstrap  program x86_64  599 B

$ cargo lambdapack check bootstrap
warning   bootstrap  program x86_64  599 B
  warning[cpu]: it is marked as needing x86-64-v3, so it would end with SIGILL on a Lambda host without these instructions
    help: build it for x86-64-v2: pass `-C target-cpu=x86-64-v2` to rustc or `-march=x86-64-v2` to gcc

$ cargo lambdapack check bootstrap
warning   bootstrap  program x86_64  599 B
  warning[cpu]: it is marked as needing x86-64-v4, so it would end with SIGILL on a Lambda host without these instructions
    help: build it for x86-64-v2: pass `-C target-cpu=x86-64-v2` to rustc or `-march=x86-64-v2` to gcc


"#]]);
}

#[test]
fn any_alignment_of_segments_is_accepted() {
    for align in [0, 1, 0x1000, 0x1_0000, 0x20_0000] {
        let mut one = Program::arm();
        one.align = align;
        program(&one).finds(0, &[]);
    }
}

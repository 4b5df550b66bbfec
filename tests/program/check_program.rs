//! `check` looks at programs: would Lambda start them?

use snapbox::str;

use crate::support::image::{AARCH64, Program, X86_64, header};
use crate::support::zip::{Entry, Zip};
use crate::support::{Ran, Sandbox, checked};

/// What is said of a program.
fn program(program: &Program) -> Ran {
    checked("bootstrap", program.bytes())
}

#[test]
fn ordinary_programs_of_both_architectures_are_ok() {
    for (one, arch) in [(Program::default(), "x86_64"), (Program::arm(), "arm64")] {
        let ran = program(&one).finds(0, &[]);
        ran.prints("ok ").prints(&format!("program {arch} "));
    }
}

/// Row 36: both values are told.
#[test]
fn a_program_for_another_architecture_is_refused() {
    let sandbox = Sandbox::new();
    for (one, own, other) in [
        (Program::default(), "x86_64", "arm64"),
        (Program::arm(), "arm64", "x86_64"),
    ] {
        sandbox.write_bytes("bootstrap", one.bytes());
        sandbox
            .check(&["bootstrap", "--arch", other])
            .finds(104, &["wrong-architecture"])
            .prints(&format!("is for {own}, and the function is for {other}"));
        sandbox.check(&["bootstrap", "--arch", own]).finds(0, &[]);
    }
}

/// Row 36. The first is of the x32 kind: 32 bits wide on the right machine.
#[test]
fn programs_of_32_bits_and_big_endian_ones_are_refused() {
    for (bytes, word) in [
        (header(1, false, X86_64, 2), "32-bit"),
        (header(1, false, AARCH64, 2), "32-bit"),
        (header(2, true, AARCH64, 2), "big-endian"),
    ] {
        checked("bootstrap", bytes)
            .finds(104, &["wrong-class"])
            .prints(word);
    }
    // EM_386 and EM_ARM, which are other machines as well.
    for (machine, word) in [(3, "32-bit x86"), (40, "32-bit ARM")] {
        checked("bootstrap", header(1, false, machine, 2))
            .finds(104, &["wrong-architecture", "wrong-class"])
            .prints(word);
    }
}

/// Row 37.
#[test]
fn what_is_no_program_is_named() {
    for (bytes, word) in [
        (&b"MZ\x90\0\x03\0\0\0"[..], "a Windows program"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "a macOS program"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07", "a macOS program"),
        (b"!<arch>\n__.PKGDEF       0", "a library archive"),
        (b"echo hello\n", "neither ELF nor a script"),
        (b"\x7f", "neither ELF nor a script"),
    ] {
        checked("bootstrap", bytes)
            .finds(104, &["not-a-program"])
            .prints(word);
    }
    checked("bootstrap", b"")
        .finds(104, &["empty"])
        .stdout_eq(str![[r#"
refused   bootstrap  program ?  0 B
  refused[empty]: it is empty
    help: build again

"#]]);
}

/// Row 37: a Java class starts with the same four bytes as a program for several
/// architectures of macOS, and then has a version above any count of those.
#[test]
fn a_java_class_is_not_called_a_macos_program() {
    checked("Main.class", b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x1d\x0a\0")
        .finds(104, &["not-a-program"])
        .prints_nothing_of("macOS");
}

/// Row 37: object files and core dumps.
#[test]
fn an_elf_file_that_was_not_linked_is_refused() {
    for (kind, word) in [(1, "object file"), (4, "cannot be started")] {
        checked("bootstrap", header(2, false, X86_64, kind))
            .finds(104, &["not-linked"])
            .prints(word);
    }
}

/// Row 37: the whole of it is loaded, so no cut leaves a program.
#[test]
fn an_elf_file_cut_anywhere_is_refused() {
    let sandbox = Sandbox::new();
    let whole = Program::default().bytes();
    let mut names = vec!["--message-format".to_owned(), "json".to_owned()];
    for length in (0..whole.len()).step_by(3).chain([whole.len() - 1]) {
        let name = length.to_string();
        sandbox.write_bytes(&name, &whole[..length]);
        names.push(name);
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let told = sandbox.check(&names).ends_with(104).json();
    let files = told["files"].as_array().unwrap();
    assert_eq!(files.len(), names.len() - 2);
    for file in files {
        let findings = file["findings"].as_array().unwrap();
        let refused = findings.iter().any(|one| one["level"] == "refused");
        assert!(refused, "{file}");
    }
}

/// Row 37.
#[test]
fn program_headers_that_lie_behind_the_end_are_a_cut() {
    let mut bytes = Program::default().bytes();
    bytes[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    checked("bootstrap", &bytes).finds(104, &["cut-off"]);
    bytes[32..40].copy_from_slice(&100_000u64.to_le_bytes());
    checked("bootstrap", &bytes).finds(104, &["cut-off"]);
}

/// Row 38: what is needed and what is there.
#[test]
fn a_glibc_that_the_runtime_does_not_have_is_refused() {
    let newer = Program {
        versions: &["GLIBC_2.2.5", "GLIBC_2.38", "GLIBC_2.4"],
        ..Program::default()
    };
    program(&newer)
        .finds(104, &["glibc"])
        .stdout_eq(str![[r#"
refused   bootstrap  program x86_64  587 B
  refused[glibc]: it needs glibc 2.38, and provided.al2023 has 2.34: it would end with `GLIBC_2.38 not found`
    help: build it with an older glibc: cargo lambdapack --linker zig, zig cc, or statically with musl

"#]])
        .prints_nothing_of("--runtime");
    // 2.34 is what provided.al2023 has, and more than provided.al2 has.
    let sandbox = Sandbox::new();
    sandbox.write_bytes("bootstrap", Program::default().bytes());
    sandbox.check(&["bootstrap"]).finds(0, &[]);
    sandbox
        .check(&["bootstrap", "--runtime", "provided.al2"])
        .finds(104, &["glibc"])
        .stdout_eq(str![[r#"
refused   bootstrap  program x86_64  563 B
  refused[glibc]: it needs glibc 2.34, and provided.al2 has 2.26: it would end with `GLIBC_2.34 not found`
    help: build it with an older glibc: cargo lambdapack --linker zig, zig cc, or statically with musl; or deploy to provided.al2023: --runtime provided.al2023

"#]]);
}

/// Row 39.
#[test]
fn a_loader_that_the_runtime_does_not_have_is_named() {
    for (loader, word) in [
        ("/lib/ld-musl-x86_64.so.1", "musl statically"),
        (
            "/nix/store/abc-glibc-2.39/lib/ld-linux-x86-64.so.2",
            "outside Nix",
        ),
        ("/system/bin/linker64", "statically"),
        ("/lib/ld-linux-aarch64.so.1", "/lib64/ld-linux-x86-64.so.2"),
    ] {
        let other = Program {
            loader: Some(loader),
            ..Program::default()
        };
        program(&other)
            .finds(104, &["loader"])
            .prints(loader)
            .prints(word);
    }
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

/// Row 40.
#[test]
fn a_library_that_nobody_brings_is_named_and_no_other() {
    let ran = program(&PQ).finds(104, &["library"]);
    ran.stdout_eq(str![[r#"
refused   bootstrap  program x86_64  619 B
  refused[library]: it needs libpq.so.5, which provided.al2023 does not have
    help: link it statically, pack it (--include libx.so=lib/libx.so), or say that a layer brings it (--layer-library NAME)

"#]]);
}

/// Row 40.
#[test]
fn a_library_that_a_layer_or_the_zip_brings_is_fine() {
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

/// Row 40.
#[test]
fn a_folder_of_this_machine_in_the_run_path_is_a_warning() {
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
            ran.prints("in /home/ada/build/lib, which");
        }
    }
}

/// Row 41: static, and static as a position-independent program.
#[test]
fn a_static_program_is_ok_and_noted() {
    let pie = Program {
        run_path: Some("$ORIGIN"),
        ..Program::fixed(X86_64)
    };
    for one in [Program::fixed(X86_64), Program::fixed(AARCH64), pie] {
        program(&one).finds(0, &[]).prints("note[static]");
    }
    program(&Program::default()).prints_nothing_of("static");
}

/// gcc -shared, `cdylib`, -buildmode=c-shared: e_entry is 0.
#[test]
fn a_shared_library_is_no_program() {
    let mut bytes = Program {
        run_path: Some("$ORIGIN"),
        ..Program::fixed(X86_64)
    }
    .bytes();
    bytes[24..32].fill(0);
    checked("bootstrap", bytes).finds(104, &["not-linked"]);
}

/// Row 42.
#[test]
fn instructions_that_some_hosts_lack_are_a_warning() {
    for (isa, codes, word) in [
        (1, &[][..], ""),
        (1 | 2, &[], ""),
        (4, &["cpu"], "x86-64-v3"),
        (8, &["cpu"], "x86-64-v4"),
    ] {
        let one = Program {
            isa: Some(isa),
            ..Program::default()
        };
        program(&one).finds(0, codes).prints(word);
    }
}

/// Row 44.
#[test]
fn any_alignment_of_segments_is_accepted() {
    for align in [0, 1, 0x1000, 0x1_0000, 0x20_0000] {
        let mut one = Program::arm();
        one.align = align;
        program(&one).finds(0, &[]);
    }
}

//! `check` on readable zips that Lambda would not run.

use super::check::good;
use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Ran, Sandbox, Transcript, checked, snapshot};

fn zip(zip: &Zip) -> Ran {
    checked("function.zip", zip.bytes())
}

fn program() -> Vec<u8> {
    Program::default().bytes()
}

/// A zip whose bootstrap has one defect.
fn with(change: impl FnOnce(&mut Entry)) -> Zip {
    let mut zip = good();
    change(&mut zip.entries[0]);
    zip
}

/// A valid zip with one more file.
fn beside(entry: Entry) -> Zip {
    let mut zip = good();
    zip.entries.push(entry);
    zip
}

/// The file found instead is reported.
#[test]
fn a_bootstrap_with_another_path_or_name_is_found() {
    let mut transcript = Transcript::default();
    for name in [
        "bin/bootstrap",
        "bootstrap/bootstrap",
        "main",
        "bin/main",
        "Bootstrap",
        "bootstrap.sh",
        "orders",
    ] {
        let entry = Entry {
            mode: 0o100_755,
            ..Entry::deflated(name, &program())
        };
        let readme = Entry::stored("README", b"read me");
        zip(&Zip::of([readme, entry]))
            .finds(104, &["no-bootstrap"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 467 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found bin/bootstrap)
    help: zip the program itself, named `bootstrap`, instead of the folder: use `zip -j` or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 479 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found bootstrap/bootstrap)
    help: zip the program itself, named `bootstrap`, instead of the folder: use `zip -j` or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 449 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found main)
    help: name the program `bootstrap`, because the runtime starts only this file (`cp main bootstrap && zip -j function.zip bootstrap`), or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 457 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found bin/main)
    help: name the program `bootstrap`, because the runtime starts only this file (`cp bin/main bootstrap && zip -j function.zip bootstrap`), or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 459 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found Bootstrap)
    help: rename it to `bootstrap`, in lowercase and without a file extension: `mv Bootstrap bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 465 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found bootstrap.sh)
    help: rename it to `bootstrap`, in lowercase and without a file extension: `mv bootstrap.sh bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip x86_64  570 B -> 453 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found orders)
    help: name the program `bootstrap`, because the runtime starts only this file (`cp orders bootstrap && zip -j function.zip bootstrap`), or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`


"#]]);
}

#[test]
fn a_zip_without_files_has_no_bootstrap() {
    zip(&Zip::default())
        .finds(104, &["no-bootstrap"])
        .stdout_eq(str![[r#"
refused   function.zip  zip ?  0 B -> 22 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found no files)
    help: package the program: `cargo lambdapack pack BINARY`

"#]]);
}

/// A folder has a slash after its name, or is marked only by its type.
#[test]
fn a_folder_called_bootstrap_is_one_finding() {
    let mut transcript = Transcript::default();
    for name in ["bootstrap/", "bootstrap"] {
        zip(&Zip::of([Entry::folder(name)]))
            .finds(104, &["no-bootstrap"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip ?  0 B -> 118 B
          [HASH]
  refused[no-bootstrap]: it has a folder named `bootstrap`, but the runtime starts a file with this name
    help: put the program itself at the root, and name it `bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  0 B -> 116 B
          [HASH]
  refused[no-bootstrap]: it has a folder named `bootstrap`, but the runtime starts a file with this name
    help: put the program itself at the root, and name it `bootstrap`


"#]]);
}

/// The target of the symlink exists and is executable.
#[test]
fn a_symlink_to_a_program_in_the_zip_is_noted() {
    let entry = Entry {
        mode: 0o100_755,
        ..Entry::deflated("orders", &program())
    };
    zip(&Zip::of([Entry::link("bootstrap", "orders"), entry]))
        .finds(0, &[])
        .stdout_eq(str![[r#"
ok        function.zip  zip x86_64  569 B -> 458 B
          [HASH]
  note[link]: it contains bootstrap as a symlink

"#]]);
}

/// Lambda would report a missing bootstrap.
#[test]
fn a_dangling_symlink_is_rejected() {
    for target in ["/home/ada/target/release/orders", "orders", "../orders"] {
        let ran = zip(&Zip::of([Entry::link("bootstrap", target)])).ends_with(104);
        assert_eq!(ran.codes().len(), 1, "{ran}");
    }
}

#[test]
fn a_bootstrap_that_is_not_executable_is_rejected_with_its_mode() {
    let mut transcript = Transcript::default();
    for mode in [0o644, 0o600, 0o744, 0o750] {
        zip(&with(|entry| entry.mode = 0o100_000 | mode))
            .finds(104, &["not-executable"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0644, so it is not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0600, so it is not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0744, so it is not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0750, so it is not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`


"#]]);
    // Go's build-lambda-zip writes no file type, and full permissions.
    zip(&with(|entry| entry.mode = 0o777)).finds(0, &[]);
}

#[test]
fn a_bootstrap_from_dos_has_no_mode() {
    zip(&with(|entry| entry.made_by = 0))
        .finds(104, &["not-unix"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-unix]: it has bootstrap without a Unix mode, created by system 0 (0 is DOS and Windows), so it may not be executable after unpacking
    help: package it again: `cargo lambdapack pack BINARY`

"#]]);
}

/// Only files that are started need a mode.
#[test]
fn files_that_are_not_started_may_come_from_dos() {
    let entry = Entry {
        made_by: 0,
        mode: 0,
        ..Entry::stored("config.json", b"{}")
    };
    zip(&beside(entry)).finds(0, &[]);
}

/// One finding each, although readers interpret them differently. Nothing is unpacked,
/// especially not to these paths.
#[test]
fn names_that_escape_the_folder_are_rejected_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    let inside = format!("{}/evil", sandbox.root().display());
    let before = snapshot(sandbox.root());
    let mut transcript = Transcript::default();
    for name in [
        "lib\\evil",
        "..\\..\\evil",
        &*inside,
        "/etc/evil",
        "../evil",
        "lib/../../evil",
        "C:evil",
        "C:/evil",
        "lib//evil",
        "evil\0.txt",
        "",
    ] {
        let bytes = beside(Entry::stored(name, b"evil")).bytes();
        let ran = sandbox.check_bytes("evil.zip", bytes);
        ran.finds(104, &["name"]).record(&mut transcript);
        sandbox.remove("evil.zip");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 460 B
          [HASH]
  refused[name]: it has names with a backslash (lib\evil), which Linux treats as part of the name
    help: create it again with PowerShell 7, `tar.exe`, or `cargo lambdapack pack BINARY FILE`

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 464 B
          [HASH]
  refused[name]: it has names with a backslash (..\..\evil), which Linux treats as part of the name
    help: create it again with PowerShell 7, `tar.exe`, or `cargo lambdapack pack BINARY FILE`

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 498 B
          [HASH]
  refused[name]: it has an entry `[ROOT]/evil` with an absolute name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 462 B
          [HASH]
  refused[name]: it has an entry `/etc/evil` with an absolute name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 458 B
          [HASH]
  refused[name]: it has an entry `../evil` whose name leads outside of the folder
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 472 B
          [HASH]
  refused[name]: it has an entry `lib/../../evil` whose name leads outside of the folder
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 456 B
          [HASH]
  refused[name]: it has an entry `C:evil` with an absolute name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 458 B
          [HASH]
  refused[name]: it has an entry `C:/evil` with an absolute name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 462 B
          [HASH]
  refused[name]: it has an entry `lib//evil` with an empty component in its name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 462 B
          [HASH]
  refused[name]: it has an entry `evil\0.txt` with a NUL in its name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check evil.zip
refused   evil.zip  zip arm64  566 B -> 444 B
          [HASH]
  refused[name]: it has an entry `` without a name
    help: create it again with relative names that use `/` and UTF-8


"#]]);
    assert_eq!(snapshot(sandbox.root()), before);
    assert!(!sandbox.root().with_file_name("evil").exists());
}

#[test]
fn a_name_that_is_not_utf_8_is_rejected() {
    zip(&beside(Entry::stored(b"caf\xe9", b"")))
        .finds(104, &["name"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  562 B -> 448 B
          [HASH]
  refused[name]: it has an entry `caf�` whose name is not UTF-8
    help: create it again with relative names that use `/` and UTF-8

"#]]);
    zip(&beside(Entry::stored("café", b""))).finds(0, &[]);
}

/// A name that moves the cursor or starts a new line could fake a success message. Pipes get no
/// escape sequences unless colors are requested.
#[test]
fn control_characters_in_names_do_not_reach_the_terminal() {
    for name in ["\x1b[2Jbin/main", "main\nok  other.zip  zip"] {
        for mode in [0o100_755, 0o100_600] {
            let one = Entry {
                mode,
                ..Entry::stored(name, b"")
            };
            let twice = Zip::of([one.clone(), one]);
            let mut sandbox = Sandbox::new();
            sandbox.set("CLICOLOR_FORCE", "1");
            let ran = sandbox.check_bytes("function.zip", twice.bytes());
            let ran = ran.ends_with(104);
            let lines = ran.stdout.lines();
            assert!(!ran.stdout.contains('\x1b'), "{ran}");
            assert!(!lines.clone().any(|line| line.starts_with("ok")), "{ran}");
        }
    }
}

#[test]
fn two_files_with_the_same_name_are_rejected() {
    let twice = Entry::bootstrap(&Program::arm().bytes());
    zip(&beside(twice))
        .finds(104, &["duplicate"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  1.1 kB -> 706 B
          [HASH]
  refused[duplicate]: it has bootstrap more than once, and programs differ in which entry they unpack
    help: delete the old zip before you create it again, instead of adding files to it

"#]]);
}

#[test]
fn names_that_differ_only_in_case_are_a_warning() {
    let ran = zip(&Zip::of([
        Entry::bootstrap(&program()),
        Entry::stored("a.txt", b""),
        Entry::stored("A.txt", b""),
    ]));
    ran.finds(0, &["name-elsewhere"]);
}

/// LZMA and Zstandard.
#[test]
fn unsupported_compression_methods_are_rejected() {
    let mut transcript = Transcript::default();
    for method in [12, 14, 93] {
        zip(&with(|entry| entry.method = method))
            .finds(104, &["method"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip ?  562 B -> 364 B
          [HASH]
  refused[method]: it contains bootstrap, which uses compression method 12, but Lambda is only known to support 0 (stored) and 8 (deflate)
    help: create it again with deflate (7z: `-mm=Deflate`)

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  562 B -> 364 B
          [HASH]
  refused[method]: it contains bootstrap, which uses compression method 14, but Lambda is only known to support 0 (stored) and 8 (deflate)
    help: create it again with deflate (7z: `-mm=Deflate`)

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  562 B -> 364 B
          [HASH]
  refused[method]: it contains bootstrap, which uses compression method 93, but Lambda is only known to support 0 (stored) and 8 (deflate)
    help: create it again with deflate (7z: `-mm=Deflate`)


"#]]);
    zip(&Zip::of([Entry {
        mode: 0o100_755,
        ..Entry::stored("bootstrap", &program())
    }]))
    .finds(0, &[]);
}

/// With the old encryption and with strong encryption.
#[test]
fn encrypted_files_are_rejected() {
    for flags in [1, 0x41, 0x2001] {
        zip(&with(|entry| entry.flags = flags))
            .finds(104, &["encrypted"])
            .stdout_eq(str![[r#"
refused   function.zip  zip ?  562 B -> 364 B
          [HASH]
  refused[encrypted]: it contains bootstrap, which is encrypted
    help: create it again without a password

"#]]);
    }
    // A data descriptor and a UTF-8 name are not encryption.
    zip(&with(|entry| entry.flags = 0x0808)).finds(0, &[]);
}

/// This is the only finding, because nothing else can be read.
#[test]
fn zip64_at_the_end_is_one_finding() {
    let mut one = good();
    one.zip64 = true;
    zip(&one)
        .finds(104, &["zip64"])
        .prints_nothing_of("found nothing");
}

/// `zip out.zip -` writes such an end, and the old end record does not point to it. The zip is
/// still valid.
#[test]
fn zip64_next_to_an_ordinary_end_record_is_one_finding() {
    let mut one = good();
    (one.zip64, one.unmarked) = (true, true);
    zip(&one).finds(104, &["zip64"]);
}

/// Some writers mark each entry. The size is then in the extra field, and the marker is not a
/// size.
#[test]
fn zip64_of_an_entry_is_one_finding() {
    let ran = zip(&with(|entry| {
        entry.extra = vec![1, 0, 16, 0];
        for size in [entry.size, entry.compressed] {
            entry.extra.extend(u64::from(size).to_le_bytes());
        }
        (entry.size, entry.compressed) = (u32::MAX, u32::MAX);
    }));
    ran.finds(104, &["zip64"]).prints_nothing_of("4294967295");
}

#[test]
fn more_extensions_than_can_register_are_a_warning() {
    for (count, codes) in [(10, &[][..]), (11, &["extensions"])] {
        let entries: Vec<_> = (0..count)
            .map(|number| Entry {
                mode: 0o100_755,
                ..Entry::deflated(format!("extensions/e{number}"), &program())
            })
            .collect();
        let ran = zip(&Zip::of(entries)).finds(0, codes);
        if count > 10 {
            ran.stdout_eq(str![[r#"
warning   function.zip  zip x86_64  6.2 kB -> 3.9 kB
          [HASH]
  warning[extensions]: it has 11 extensions, but at most 10 can register
    help: remove some of them

"#]]);
        }
    }
}

#[test]
fn an_extension_is_checked_like_a_bootstrap() {
    let entry = Entry::stored("extensions/tracer", &program());
    zip(&Zip::of([entry])).finds(104, &["not-executable"]);
    let entry = Entry {
        mode: 0o100_755,
        ..Entry::stored("extensions/tracer", b"MZ")
    };
    zip(&Zip::of([entry]))
        .finds(104, &["not-a-program"])
        .stdout_eq(str![[r#"
refused   function.zip  zip ?  2 B -> 134 B
          [HASH]
  refused[not-a-program]: it has extensions/tracer, which is a Windows program, not a Linux executable
    help: build it for Linux; the target determines the system

"#]]);
}

/// Lambda starts files directly below `extensions/`.
#[test]
fn a_zip_with_files_only_deeper_in_extensions_is_not_an_extension_layer() {
    let zipped = Zip::of([
        Entry::stored("extensions/data/a.json", b"{}"),
        Entry::stored("index.js", b""),
    ]);
    zip(&zipped).finds(104, &["no-bootstrap"]);
}

//! `check` on zips that are damaged, too large, or malicious. It must report the problem
//! without panicking or using more memory than Lambda's limit for unpacked files.

use super::check::good;
use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Ran, Sandbox, Transcript, checked};

fn zip(zip: &Zip) -> Ran {
    checked("function.zip", zip.bytes())
}

/// The same, with a memory limit.
#[cfg(target_os = "linux")]
fn bounded(megabytes: u32, zip: &Zip) -> Ran {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("function.zip", zip.bytes());
    let script = format!("ulimit -v {}", megabytes * 1024);
    sandbox.run_after(&script, &["check", "function.zip"])
}

/// Truncates a zip at every one of its last hundred bytes. None of the results is valid.
#[track_caller]
fn cut_everywhere(zip: &Zip) {
    let sandbox = Sandbox::new();
    let whole = zip.bytes();
    let mut args = vec!["--message-format".to_owned(), "json".to_owned()];
    for length in whole.len() - 100..whole.len() {
        let name = format!("{length}.zip");
        sandbox.write_bytes(&name, &whole[..length]);
        args.push(name);
    }
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let report = sandbox.check(&args).ends_with(103).json();
    let files = report["files"].as_array().unwrap();
    assert_eq!(files.len(), 100);
    let damaged = |file: &&serde_json::Value| {
        let findings = file["findings"].as_array().unwrap();
        findings.iter().any(|one| one["code"] == "damaged")
    };
    let fine: Vec<_> = files
        .iter()
        .filter(|file| !damaged(file))
        .map(|file| file["size"].to_string())
        .collect();
    assert!(fine.is_empty(), "of {} bytes: {fine:?}", whole.len());
}

#[test]
fn a_zip_truncated_at_any_of_its_last_bytes_is_damaged() {
    cut_everywhere(&good());
}

/// The end record gives the length of a comment that is missing.
#[test]
fn a_zip_truncated_in_its_comment_is_damaged() {
    let mut zip = good();
    zip.comment = vec![b'x'; 90];
    checked("whole.zip", zip.bytes()).finds(0, &[]);
    cut_everywhere(&zip);
}

/// Unread parts have no further findings.
#[test]
fn a_file_without_a_zip_end_record_is_damaged() {
    let mut transcript = Transcript::default();
    for bytes in [&b""[..], b"PK", b"PK\x03\x04", b"no zip at all\n"] {
        checked("function.zip", bytes)
            .finds(103, &["damaged"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
damaged   function.zip  zip ?  ? -> 0 B
          [HASH]
  damaged[damaged]: it has no end of central directory record, so it is truncated or not a zip
    help: create it again, and check that it was copied completely

$ cargo lambdapack check function.zip
damaged   function.zip  zip ?  ? -> 2 B
          [HASH]
  damaged[damaged]: it has no end of central directory record, so it is truncated or not a zip
    help: create it again, and check that it was copied completely

$ cargo lambdapack check function.zip
damaged   function.zip  zip ?  ? -> 4 B
          [HASH]
  damaged[damaged]: it has no end of central directory record, so it is truncated or not a zip
    help: create it again, and check that it was copied completely

$ cargo lambdapack check function.zip
damaged   function.zip  zip ?  ? -> 14 B
          [HASH]
  damaged[damaged]: it has no end of central directory record, so it is truncated or not a zip
    help: create it again, and check that it was copied completely


"#]]);
}

#[test]
fn overlapping_entries_are_damage() {
    let mut zip = good();
    let mut second = Entry::stored("second", b"second");
    second.offset = Some(0);
    second.local_name = Some(b"bootstrap".to_vec());
    zip.entries.push(second);
    let ran = self::zip(&zip).ends_with(103);
    ran.stdout_eq(str![[r#"
damaged   function.zip  zip ?  568 B -> 416 B
          [HASH]
  damaged[damaged]: it is damaged: second is named bootstrap in its local header
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: second has another compression method in its local header
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: second and bootstrap overlap
    help: create the zip again, and check that it is copied completely

"#]]);
}

/// One body a thousand times, which would be 200 MB.
#[test]
fn a_thousand_entries_with_one_body_are_not_unpacked() {
    let body = Entry::deflated("bootstrap", &vec![0; 200_000]);
    let mut entries = vec![body.clone()];
    entries.resize(
        1000,
        Entry {
            offset: Some(0),
            ..body
        },
    );
    let ran = zip(&Zip::of(entries)).ends_with(103);
    assert!(ran.stdout.len() < 200_000, "{}", ran.stdout.len());
    ran.stdout_eq(str![[r#"
damaged   function.zip  zip ?  200.0 MB -> 55.3 kB
          [HASH]
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it is damaged: bootstrap and bootstrap overlap
    help: create the zip again, and check that it is copied completely
  damaged[damaged]: it has 10 more findings of this kind
    help: fix the findings above, then check again
  refused[duplicate]: it has bootstrap more than once, and programs differ in which entry they unpack
    help: delete the old zip before you create it again, instead of adding files to it
  refused[not-executable]: it has bootstrap, bootstrap, bootstrap, and 997 more with mode 0644, so they are not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`

"#]]);
}

#[test]
fn a_wrong_checksum_is_damage() {
    let mut stored = Zip::of([Entry {
        mode: 0o100_755,
        ..Entry::stored("bootstrap", &Program::arm().bytes())
    }]);
    let mut other = good();
    other.entries.push(Entry::stored("data", b"data"));
    stored.entries[0].crc ^= 1;
    other.entries[1].crc ^= 1;
    let mut transcript = Transcript::default();
    for one in [stored, other] {
        zip(&one).finds(103, &["damaged"]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
damaged   function.zip  zip ?  562 B -> 678 B
          [HASH]
  damaged[damaged]: it is damaged: bootstrap does not match the checksum in the directory
    help: create the zip again, and check that it is copied completely

$ cargo lambdapack check function.zip
damaged   function.zip  zip arm64  566 B -> 452 B
          [HASH]
  damaged[damaged]: it is damaged: data does not match the checksum in the directory
    help: create the zip again, and check that it is copied completely


"#]]);
}

#[test]
fn data_that_does_not_inflate_is_damage() {
    let mut one = good();
    one.entries[0].body.fill(0xff);
    zip(&one).finds(103, &["damaged"]);
}

#[test]
fn a_local_header_that_contradicts_the_directory_is_damage() {
    let mut named = good();
    named.entries[0].local_name = Some(b"innocent".to_vec());
    let ran = zip(&named).finds(103, &["damaged"]);
    ran.stdout_eq(str![[r#"
damaged   function.zip  zip ?  562 B -> 363 B
          [HASH]
  damaged[damaged]: it is damaged: bootstrap is named innocent in its local header
    help: create the zip again, and check that it is copied completely

"#]]);
    let mut lost = good();
    lost.entries[0].offset = Some(0);
    zip(&lost).finds(103, &["damaged"]);
}

/// An unreadable zip is not reported as lacking a bootstrap.
#[test]
fn a_contradictory_end_record_is_only_reported_as_damage() {
    let mut counts = [good(), good()];
    (counts[0].count, counts[1].count) = (Some(2), Some(0));
    let (mut longer, mut further, mut odd) = (good(), good(), good());
    longer.length = Some(1_000_000);
    further.start = Some(1_000_000);
    odd.length = Some(20);
    for one in counts.iter().chain([&longer, &further, &odd]) {
        let ran = zip(one).ends_with(103);
        assert!(ran.codes().iter().all(|code| *code == "damaged"), "{ran}");
    }
}

/// The declared total size is too large.
#[test]
fn contents_larger_than_lambda_unpacks_exceed_the_limit() {
    let program = Program::arm().bytes();
    let size = u32::try_from(program.len()).unwrap();
    let rest = |size| Entry {
        size,
        ..Entry::deflated("rest", b"little")
    };
    let with = |size| Zip::of([Entry::bootstrap(&program), rest(size)]);
    zip(&with(262_144_001 - size))
        .finds(105, &["too-large"])
        .stdout_eq(str![[r#"
limit     function.zip  zip ?  262.1 MB -> 459 B
          [HASH]
  limit[too-large]: it has 262144001 bytes of unpacked files, but Lambda allows at most 262144000 (250 MiB)
    help: remove files, strip the program, or deploy a container image, which may have 10 GB

"#]]);
    // At the limit, it is unpacked, and the declared size is wrong.
    zip(&with(262_144_000 - size)).finds(103, &["damaged"]);
    let huge = Entry {
        size: 0xffff_fffe,
        ..rest(0)
    };
    let many = vec![huge; 50];
    let ran = zip(&Zip::of(many)).ends_with(104);
    ran.stdout_eq(str![[r#"
refused   function.zip  zip ?  214748.4 MB -> 4.8 kB
          [HASH]
  refused[duplicate]: it has rest more than once, and programs differ in which entry they unpack
    help: delete the old zip before you create it again, instead of adding files to it
  refused[no-bootstrap]: it has no `bootstrap` at its root (found rest)
    help: zip the program itself, named `bootstrap`, or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`
  limit[too-large]: it has 214748364700 bytes of unpacked files, but Lambda allows at most 262144000 (250 MiB)
    help: remove files, strip the program, or deploy a container image, which may have 10 GB

"#]]);
}

/// 40 MB of zeros, declared as a thousand bytes.
#[test]
fn a_false_size_is_damage() {
    let mut bomb = Entry::deflated("data", &vec![0; 40_000_000]);
    bomb.size = 1000;
    let mut one = good();
    one.entries.push(bomb);
    #[cfg(target_os = "linux")]
    bounded(300, &one).finds(103, &["damaged"]);
    #[cfg(not(target_os = "linux"))]
    zip(&one).finds(103, &["damaged"]);
}

/// Files are read one at a time, so only the largest one counts. Only on Linux can a shell
/// limit memory.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded_by_the_largest_file() {
    let content = vec![0; 50_000_000];
    let mut one = good();
    for name in ["a", "b", "c", "d", "e"] {
        one.entries.push(Entry::deflated(name, &content));
    }
    bounded(200, &one).finds(0, &[]);
}

/// A directory with more nameless entries than the limit. They are not reported one by one.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_of_nameless_entries_has_a_short_report() {
    let mut nothing = Entry::stored("", b"");
    nothing.offset = Some(0);
    let mut one = Zip::of(vec![nothing; 65_000]);
    one.count = Some(1);
    let ran = bounded(300, &one).ends_with(103);
    let lines = ran.stdout.lines().count();
    assert!(lines < 200, "{lines} lines");
}

/// Readers find it anyway, and Lambda might.
#[test]
fn bytes_around_a_zip_are_a_warning() {
    let mut transcript = Transcript::default();
    for (prefix, suffix) in [
        (&b"#!/bin/sh\nexit\n"[..], &b""[..]),
        (b"", b"-- signature"),
    ] {
        let mut one = good();
        (one.prefix, one.suffix) = (prefix.to_vec(), suffix.to_vec());
        let ran = zip(&one).finds(0, &["surrounded"]);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  562 B -> 379 B
          [HASH]
  warning[surrounded]: it has 15 other bytes before the zip
    help: create it again without a shell stub, a signature, or parts of a download page

$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  562 B -> 376 B
          [HASH]
  warning[surrounded]: it has 12 other bytes after the zip
    help: create it again without a shell stub, a signature, or parts of a download page


"#]]);
}

/// The same with offsets that count the prefix, as `zip -A` writes them.
#[test]
fn bytes_before_a_zip_are_detected_even_if_offsets_count_them() {
    let mut one = good();
    one.prefix = b"#!/bin/sh\nexit\n".to_vec();
    one.adjusted = true;
    let ran = zip(&one).finds(0, &["surrounded"]);
    ran.stdout_eq(str![[r#"
warning   function.zip  zip arm64  562 B -> 379 B
          [HASH]
  warning[surrounded]: it has 15 other bytes before the zip
    help: create it again without a shell stub, a signature, or parts of a download page

"#]]);
}

/// A comment may contain bytes that look like an end record.
#[test]
fn an_end_record_inside_the_comment_is_ignored() {
    let mut one = good();
    one.comment = Zip::default().bytes();
    one.comment.push(b'.');
    zip(&one).finds(0, &[]);
}

/// Accurate to the byte.
#[test]
fn a_zip_that_must_go_through_s3_is_a_warning() {
    const MOST: usize = 52_428_800;
    let with = |length: usize| {
        let mut zip = good();
        zip.entries.push(Entry::stored("data", &vec![0; length]));
        zip.bytes()
    };
    let rest = with(0).len();
    checked("most.zip", with(MOST - rest)).finds(0, &[]);
    checked("more.zip", with(MOST + 1 - rest))
        .finds(0, &["use-s3"])
        .stdout_eq(str![[r#"
warning   more.zip  zip arm64  52.4 MB -> 52.4 MB
          [HASH]
  warning[use-s3]: it has 52428801 bytes, but a direct upload allows at most 52428800 (50 MiB)
    help: upload it to S3, and deploy it from there

"#]]);
}

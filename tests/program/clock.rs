//! No date from this machine or its files gets into a zip.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use snapbox::str;

use crate::support::{Sandbox, Transcript, X86};

/// 1980, where MS-DOS dates begin, and 2108, after their end.
const AROUND_DOS: [&str; 4] = ["315532799", "315532800", "4354819199", "4354819200"];

/// Every entry of a zip is dated 1980-01-01, 00:00, in both of its headers.
#[track_caller]
fn assert_of_1980(zip: &[u8]) {
    const MIDNIGHT_NEW_YEAR: [u8; 4] = [0, 0, 0x21, 0];
    let central = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02");
    let central = central.unwrap();
    assert_eq!(zip[10..14], MIDNIGHT_NEW_YEAR);
    assert_eq!(zip[central + 12..central + 16], MIDNIGHT_NEW_YEAR);
}

/// Compilers get the variable, and the zip keeps the same date.
#[test]
fn source_date_epoch_reaches_the_compilers_but_not_the_zip() {
    let mut sandbox = Sandbox::both_languages();
    let zips = |sandbox: &Sandbox| {
        sandbox.run(&[]).ok();
        let zip = |name: &str| fs_err::read(sandbox.out(&format!("x86_64/{name}.zip"))).unwrap();
        let bytes = ["api", "orders"].map(zip);
        sandbox.remove("target/lambdapack/x86_64");
        bytes
    };
    let before = zips(&sandbox);
    for seconds in AROUND_DOS
        .into_iter()
        .chain(["0", "-1", "-62135596800", "99999999999"])
    {
        sandbox.set("SOURCE_DATE_EPOCH", seconds);
        let zips = zips(&sandbox);
        for line in ["cargo build", "go build"] {
            let build = sandbox.call(line);
            assert_eq!(build.env("SOURCE_DATE_EPOCH"), Some(seconds), "{line}");
        }
        assert!(zips == before, "{seconds}");
        zips.iter().for_each(|zip| assert_of_1980(zip));
    }
}

/// Nothing runs with it.
#[test]
fn a_source_date_epoch_that_is_not_an_integer_is_an_error() {
    let mut sandbox = Sandbox::both_languages();
    let mut transcript = Transcript::default();
    for garbage in [
        "yesterday",
        "1.5",
        "1e9",
        " 1",
        "0x10",
        "2024-01-01",
        "9".repeat(30).as_str(),
    ] {
        sandbox.set("SOURCE_DATE_EPOCH", garbage);
        sandbox.run(&[]).ends_with(2).record(&mut transcript);
        assert!(sandbox.calls().is_empty(), "{garbage}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: SOURCE_DATE_EPOCH is `yesterday`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

$ cargo lambdapack
error: SOURCE_DATE_EPOCH is `1.5`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

$ cargo lambdapack
error: SOURCE_DATE_EPOCH is `1e9`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

$ cargo lambdapack
error: SOURCE_DATE_EPOCH is ` 1`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

$ cargo lambdapack
error: SOURCE_DATE_EPOCH is `0x10`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

$ cargo lambdapack
error: SOURCE_DATE_EPOCH is `2024-01-01`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

$ cargo lambdapack
error: SOURCE_DATE_EPOCH is `999999999999999999999999999999`, which is not a number of seconds
help: set it to seconds since 1970, or unset it


"#]]);
    assert!(!sandbox.exists("target"));
}

/// Files with dates of a wrong clock. real/clock.rs changes the clock itself.
#[test]
fn files_of_1970_2038_and_2108_give_the_same_zip() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let before = fs_err::read(sandbox.out("x86_64/orders.zip")).unwrap();
    assert_of_1980(&before);
    let files = [
        "src/main.rs",
        "Cargo.toml",
        &format!("target/{X86}/lambda/orders"),
    ];
    for seconds in [0, (1 << 31) - 1, 1 << 31, 4_354_819_200] {
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        for file in files {
            set_time(&sandbox, file, time);
        }
        let dir = format!("dist-{seconds}");
        sandbox.run(&["--out-dir", &dir]).ok();
        let zip = fs_err::read(sandbox.path(&format!("{dir}/x86_64/orders.zip"))).unwrap();
        assert!(zip == before, "{seconds}");
        // The age of existing results does not matter either.
        let result = "target/lambdapack/x86_64/orders.zip";
        set_time(&sandbox, result, time);
        sandbox.run(&[]).ok();
        assert!(fs_err::read(sandbox.path(result)).unwrap() == before);
    }
}

fn set_time(sandbox: &Sandbox, inside: &str, time: SystemTime) {
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(sandbox.path(inside));
    file.unwrap().set_modified(time).unwrap();
}

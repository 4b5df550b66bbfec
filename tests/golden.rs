//! Hashes of whole zips at every level: a compressor, compiler, or system that changes one byte
//! is detected.
//!
//! `.ci/windows` also builds this for Windows, and tests/real/golden.rs for arm64.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "helpers of tests are not recognised as tests, and the environment is asked"
)]

mod golden {
    pub(crate) mod inputs;
    mod sections;
    pub(crate) mod table;
}

use std::io::{Cursor, Read};

use cargo_lambdapack::internals::Compression;
use cargo_lambdapack::internals::Sha256;
use cargo_lambdapack::internals::ZipWriter;
use cargo_lambdapack::internals::{COMPRESSOR, FORMAT};

use golden::inputs::{Input, all};
use golden::table::{Row, Table};

/// Compiled in, because the path of the file is another one on an emulated system.
const TABLE: &str = include_str!("golden/zips.txt");
const PATH: &str = "tests/golden/zips.txt";
const LOCKED: &str = include_str!("../Cargo.lock");

const LEVELS: [Compression; 4] = [
    Compression::Fast,
    Compression::Default,
    Compression::Best,
    Compression::Store,
];

/// Without a wildcard: a new level belongs into [`LEVELS`] too.
const fn name(level: Compression) -> &'static str {
    match level {
        Compression::Fast => "fast",
        Compression::Default => "default",
        Compression::Best => "best",
        Compression::Store => "store",
    }
}

/// The zip of an input, from which an independent reader unpacks the input again.
fn zip(input: &Input, level: Compression) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ZipWriter::new(&mut bytes, level);
    for file in &input.files {
        writer.add(file.name, file.mode, &file.bytes).unwrap();
    }
    writer.finish().unwrap();
    let mut archive = ::zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(archive.len(), input.files.len());
    for (index, file) in input.files.iter().enumerate() {
        let mut entry = archive.by_index(index).unwrap();
        assert_eq!(entry.name().unwrap(), file.name);
        assert_eq!(entry.unix_mode(), Some(0o100_000 | u32::from(file.mode)));
        let mut content = Vec::with_capacity(file.bytes.len());
        entry.read_to_end(&mut content).unwrap();
        assert!(content == file.bytes, "{} {level:?}", input.name);
    }
    bytes
}

/// The current results for every input.
fn table() -> Table {
    let inputs = all();
    let is_large = |input: &&Input| input.files.iter().any(|file| file.bytes.len() > 32 << 20);
    assert_eq!(inputs.iter().filter(is_large).count(), 2);
    let row = |input: &Input, level| {
        let zip = zip(input, level);
        Row {
            sha256: Sha256::digest(&zip).hex(),
            size: zip.len(),
            level: name(level).to_owned(),
            input: input.name.to_owned(),
        }
    };
    let rows = |level| inputs.iter().map(|input| row(input, level)).collect();
    let rows: Vec<Vec<Row>> = std::thread::scope(|scope| {
        let threads = LEVELS.map(|level| scope.spawn(move || rows(level)));
        threads.map(|thread| thread.join().unwrap()).into()
    });
    Table {
        format: FORMAT,
        compressor: COMPRESSOR.to_owned(),
        rows: rows.into_iter().flatten().collect(),
    }
}

/// `LAMBDAPACK_UPDATE_DOCS=1` updates the table, but never changes a hash under the same
/// [`FORMAT`].
#[test]
fn every_zip_has_the_expected_hash() {
    let (before, now) = (Table::parse(TABLE).unwrap(), table());
    if std::env::var_os("LAMBDAPACK_UPDATE_DOCS").is_some() {
        if let Err(why) = before.may_become(&now) {
            panic!(
                "{PATH} is not updated: {why}\n{}",
                before.changes(&now).concat()
            );
        }
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
        return fs_err::write(file, now.to_string()).unwrap();
    }
    assert!(
        now.to_string() == TABLE,
        "these zips are not those of {PATH}:\n{}{}
A change of a hash here is a change of users' hashes: each function that they have packed is
deployed again though it is the same. Where that is meant, package::deflate::FORMAT must go up,
and CHANGELOG.md must say so; then: LAMBDAPACK_UPDATE_DOCS=1 cargo test --test golden
Where `store` is another, too, it is the input or the zip's layout and not the compressor.",
        before.changes(&now).concat(),
        before.additions(&now).concat(),
    );
}

/// The compressor is in libdeflate-sys, which Cargo.toml does not name.
#[test]
fn the_locked_compressor_matches_the_recorded_one() {
    let version = COMPRESSOR.strip_prefix("libdeflate ").unwrap();
    for package in ["libdeflate-sys", "libdeflater"] {
        let locked = format!("name = \"{package}\"\nversion = \"{version}\"\n");
        assert!(LOCKED.contains(&locked), "Cargo.lock has another {package}");
    }
}

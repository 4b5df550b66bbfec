//! Compares what a run printed with a snapshot in the test's source.
//!
//! `SNAPSHOTS=overwrite cargo test --test program` rewrites every snapshot that differs.
//! Parts that differ between machines, runs, and releases become placeholders first, so
//! a snapshot is the same wherever and whenever it is written:
//!
//! | placeholder | stands for |
//! | --- | --- |
//! | `[ROOT]` | the folder of the sandbox |
//! | `[VERIFY]` | the temporary folder in which `verify` builds |
//! | `[TEMP]` | another temporary folder |
//! | `[RANDOM]` | the random letters in a temporary file's name |
//! | `[HASH]` | a SHA-256 digest in base64 or hexadecimal |
//! | `[ID]` | a request ID |
//! | `[SIZE]`, `[OFFSET]` | the size of a packaged function and an offset in it; paths in it vary |
//! | `[TIME]` | a duration in a `REPORT` line |
//! | `[VERSION]` | the version of `cargo-lambdapack` |
//!
//! Snapshots are compared on Linux. Other systems print other paths, system errors, and
//! installation instructions. The same tests check exit codes, files, and JSON there.

use snapbox::assert::{Action, DEFAULT_ACTION_ENV};
use snapbox::{Assert, Data, IntoData, Redactions};

use super::Ran;

impl Ran {
    /// Compares stderr with a snapshot.
    #[track_caller]
    pub(crate) fn stderr_eq(self, expected: impl IntoData) -> Self {
        compare(&self.stderr, expected.into_data());
        self
    }

    /// Compares the errors, warnings, notes, and help on stderr with a snapshot, for runs
    /// in which a function prints at the same time.
    #[track_caller]
    pub(crate) fn messages_eq(self, expected: impl IntoData) -> Self {
        let starts = ["error: ", "warning: ", "note: ", "help: "];
        let lines = self.stderr.split_inclusive('\n');
        let messages: String = lines
            .filter(|line| starts.iter().any(|start| line.starts_with(start)))
            .collect();
        compare(&messages, expected.into_data());
        self
    }

    /// Adds this run to those that are compared with one snapshot.
    pub(crate) fn record(self, transcript: &mut Transcript) -> Self {
        transcript.add(&self);
        self
    }

    /// Compares stdout with a snapshot.
    #[track_caller]
    pub(crate) fn stdout_eq(self, expected: impl IntoData) -> Self {
        compare(&self.stdout, expected.into_data());
        self
    }
}

/// What several runs printed, for one snapshot of all of them. A snapshot inside a loop
/// would have to be the same in every round.
#[derive(Debug, Default)]
pub(crate) struct Transcript(String);

impl Transcript {
    /// Adds a run: its command line, stdout, and stderr.
    pub(crate) fn add(&mut self, ran: &Ran) {
        let line = format!("$ cargo lambdapack {}", ran.args.join(" "));
        self.0 += line.trim_end();
        self.0.push('\n');
        for printed in [&ran.stdout, &ran.stderr] {
            self.0 += printed;
            if !self.0.ends_with('\n') {
                self.0.push('\n');
            }
        }
        self.0.push('\n');
    }

    /// Compares everything that was added with a snapshot.
    #[track_caller]
    pub(crate) fn eq(&self, expected: impl IntoData) {
        compare(&self.0, expected.into_data());
    }
}

/// Returns true if snapshots and generated pages should be rewritten. The variable that
/// rewrites the other generated pages is accepted too.
pub(crate) fn overwrites() -> bool {
    Action::with_env_var(DEFAULT_ACTION_ENV) == Some(Action::Overwrite)
        || std::env::var_os("LAMBDAPACK_UPDATE_DOCS").is_some()
}

#[track_caller]
fn compare(printed: &str, expected: Data) {
    if !cfg!(target_os = "linux") && !overwrites() {
        return;
    }
    let assert = if overwrites() {
        Assert::new().action(Action::Overwrite)
    } else {
        Assert::new().action_env(DEFAULT_ACTION_ENV)
    };
    assert
        // A backslash in a message is part of the message.
        .normalize_paths(false)
        .redact_with(Redactions::new())
        .eq(redact(printed), expected);
}

/// Replaces what varies with placeholders.
fn redact(printed: &str) -> String {
    let version = concat!("cargo-lambdapack ", env!("CARGO_PKG_VERSION"));
    let printed = printed.replace(version, "cargo-lambdapack [VERSION]");
    let temp = std::env::temp_dir();
    let temp = fs_err::canonicalize(&temp).unwrap_or(temp);
    let temp = temp.to_str().unwrap();
    // The program itself runs without `TMPDIR`.
    let printed = redact_random(&printed, "/tmp/lambdapack-verify-", "[VERIFY]");
    let printed = redact_random(&printed, &format!("{temp}/lambdapack-"), "[ROOT]");
    let printed = redact_random(&printed, &format!("{temp}/.tmp"), "[TEMP]");
    let printed = ["environment-", "lambdapack-task-", "lambdapack-tmp-"]
        .iter()
        .fold(printed, |text, prefix| {
            redact_random(&text, prefix, &format!("{prefix}[RANDOM]"))
        });
    printed.split_inclusive('\n').map(redact_line).collect()
}

/// Replaces a prefix and the six random letters of a temporary file's name after it.
fn redact_random(text: &str, prefix: &str, placeholder: &str) -> String {
    let mut parts = text.split(prefix);
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let random = part.chars().take_while(char::is_ascii_alphanumeric).count();
        if random == 6 {
            redacted += placeholder;
            redacted += &part[6..];
        } else {
            redacted += prefix;
            redacted += part;
        }
    }
    redacted
}

/// Replaces hashes, IDs, sizes, offsets, and measurements.
fn redact_line(line: &str) -> String {
    let starts = |words: &[&str]| words.iter().any(|word| line.trim_start().starts_with(word));
    let is_status = starts(&["Packed ", "Fresh ", "Created ", "Collected "]);
    let is_report = starts(&["REPORT ", "INIT_REPORT "]);
    let mut text = String::new();
    let mut words = line.split_inclusive([' ', '\t', '\n']).peekable();
    let mut previous = "";
    while let Some(word) = words.next() {
        let bare = word.trim_matches([' ', '\t', '\n', '"', ',', '(', ')', ':', '`', '\'']);
        let is_number = bare.parse::<f64>().is_ok();
        let unit = words.peek().map_or("", |next| next.trim_end());
        let is_time = unit == "ms" && previous == "Duration: ";
        if is_number && is_status && ["B", "kB", "MB", "GB"].contains(&unit) {
            text += &words.next().unwrap_or_default().replace(unit, "[SIZE]");
        } else if is_number && is_report && (is_time || previous == "Used: ") {
            let placeholder = if is_time { "[TIME]" } else { "[SIZE]" };
            text += &words.next().unwrap_or_default().replace(unit, placeholder);
        } else if is_number && previous == "has " && line.contains("what is included has ") {
            text += &word.replace(bare, "[SIZE]");
        } else if is_number && line.contains("at its byte ") && previous == "byte " {
            text += &word.replace(bare, "[OFFSET]");
        } else if is_hash(bare) {
            text += &word.replace(bare, "[HASH]");
        } else if is_id(bare) {
            text += &word.replace(bare, "[ID]");
        } else {
            text += word;
        }
        previous = word;
    }
    text
}

/// Returns true for a SHA-256 digest in base64 or hexadecimal.
fn is_hash(word: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
    let base64 = word.strip_suffix('=').unwrap_or_default();
    base64.len() == 43 && base64.chars().all(is_base64)
        || word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Returns true for a UUID, such as the ID of a request.
fn is_id(word: &str) -> bool {
    let groups: Vec<_> = word.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && word.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[test]
fn parts_that_vary_become_placeholders() {
    let root = fs_err::canonicalize(std::env::temp_dir()).unwrap();
    let root = root.join("lambdapack-aB3xYz/project");
    let hash = "OA2g2E+by09yGdiIo5zUhlAcKkKvymnzJrxtPudY/Dc=";
    let printed = format!(
        "  Packed a x86_64 (rust) 274 B -> 1.5 kB\n{hash}  {}\n",
        root.display()
    );
    let redacted = "  Packed a x86_64 (rust) [SIZE] -> [SIZE]\n[HASH]  [ROOT]/project\n";
    assert_eq!(redact(&printed), redacted);
    let report = "REPORT RequestId: b3f3b2a4-0000-4000-8000-0123456789ab\tDuration: 1.20 ms\tMax Memory Used: 3 MB\n";
    let redacted = "REPORT RequestId: [ID]\tDuration: [TIME]\tMax Memory Used: [SIZE]\n";
    assert_eq!(redact(report), redacted);
    assert_eq!(
        redact("a/environment-aB3xYz.json"),
        "a/environment-[RANDOM].json"
    );
    assert_eq!(redact("environment-variables"), "environment-variables");
    let id = "(b3f3b2a4-0000-4000-8000-0123456789ab)";
    assert_eq!(redact(id), "([ID])");
    assert_eq!(
        redact("it differs at its byte 238"),
        "it differs at its byte [OFFSET]"
    );
    assert_eq!(redact("ok  a.zip  562 B"), "ok  a.zip  562 B");
}

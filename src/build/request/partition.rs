//! The part of the functions that `--partition` selects, in the words of cargo-nextest.
//!
//! In: `slice:M/N` or `hash:M/N`. Out: a [`Partition`], which tells for each function whether it
//! is in the part. The parts 1/N to N/N are disjoint and complete.
//!
//! Source: <https://nexte.st/docs/ci-features/partitioning>.

use std::fmt;
use std::str::FromStr;

use xxhash_rust::xxh3::xxh3_64;

use crate::lambda::Arch;

/// One of several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    method: Method,
    /// The number of this part, from 1.
    part: u64,
    /// The number of all parts.
    parts: u64,
}

/// How functions are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// One after the other, which gives parts of the same size.
    Slice,
    /// By name and architecture, so that a function stays in its part if others are added.
    Hash,
}

impl Partition {
    /// Whether a function is in this part. `position` counts from 0 in the sorted list.
    pub(crate) fn contains(self, position: usize, name: &str, arch: Arch) -> bool {
        let number = match self.method {
            Method::Slice => position as u64,
            Method::Hash => hash(name, arch),
        };
        number % self.parts == self.part - 1
    }
}

/// The hash of a function, which docs/reference/partitions.md describes. It must not change: a
/// function would be in another part than with an earlier version.
fn hash(name: &str, arch: Arch) -> u64 {
    xxh3_64(format!("{name}\0{}", arch.name()).as_bytes())
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = || "expected `slice:M/N` or `hash:M/N`, such as `slice:1/3`".to_owned();
        let (method, numbers) = text.split_once(':').ok_or_else(expected)?;
        let method = match method {
            "slice" => Method::Slice,
            "hash" => Method::Hash,
            _ => return Err(expected()),
        };
        let number = |digits: &str| digits.parse().map_err(|_| expected());
        let (part, parts) = numbers.split_once('/').ok_or_else(expected)?;
        let (part, parts) = (number(part)?, number(parts)?);
        if parts == 0 {
            return Err("the number of parts must be at least 1".to_owned());
        }
        if !(1..=parts).contains(&part) {
            return Err(format!("the part must be from 1 to {parts}"));
        }
        Ok(Self {
            method,
            part,
            parts,
        })
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.method {
            Method::Slice => "slice",
            Method::Hash => "hash",
        };
        write!(f, "{method}:{}/{}", self.part, self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(text: &str) -> Partition {
        text.parse().unwrap()
    }

    #[test]
    fn partitions_are_parsed_and_printed() {
        for text in ["slice:1/1", "slice:3/3", "hash:1/500"] {
            assert_eq!(partition(text).to_string(), text);
        }
    }

    #[test]
    fn invalid_partitions_are_rejected_with_the_reason() {
        for (text, why) in [
            ("", "expected `slice:M/N`"),
            ("1/3", "expected `slice:M/N`"),
            ("count:1/3", "expected `slice:M/N`"),
            ("slice:1", "expected `slice:M/N`"),
            ("slice:-1/3", "expected `slice:M/N`"),
            ("hash:1/3/3", "expected `slice:M/N`"),
            ("hash:1/99999999999999999999", "expected `slice:M/N`"),
            ("slice:0/3", "from 1 to 3"),
            ("slice:4/3", "from 1 to 3"),
            ("hash:0/0", "at least 1"),
        ] {
            let error = text.parse::<Partition>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn slices_take_turns() {
        let parts = ["slice:1/3", "slice:2/3", "slice:3/3"].map(partition);
        let part_of = |position| {
            let mut parts = parts.iter();
            parts.position(|part| part.contains(position, "", Arch::Arm64))
        };
        let all: Vec<_> = (0..7).filter_map(part_of).collect();
        assert_eq!(all, [0, 1, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn every_function_is_in_exactly_one_part() {
        for parts in 1..=9 {
            for position in 0..50 {
                let name = format!("function-{position}");
                for method in ["slice", "hash"] {
                    let contains = |part: &u64| {
                        let part = partition(&format!("{method}:{part}/{parts}"));
                        part.contains(position, &name, Arch::X86_64)
                    };
                    assert_eq!((1..=parts).filter(contains).count(), 1);
                }
            }
        }
    }

    /// The python package `xxhash` has computed these values.
    #[test]
    fn the_documented_hashes_do_not_change() {
        let page = crate::generated_docs::page("docs/reference/partitions.md");
        for (name, arch, expected, parts) in [
            ("orders", Arch::Arm64, 0x9e47_6d26_84f0_4095, [2, 2, 5]),
            ("orders", Arch::X86_64, 0x5e74_0f57_dd58_e1da, [1, 3, 6]),
            ("users", Arch::Arm64, 0x7eaf_4f97_7502_b184, [1, 3, 2]),
        ] {
            assert_eq!(hash(name, arch), expected, "{name} {arch}");
            for (part, count) in parts.into_iter().zip([2, 3, 7]) {
                assert!(partition(&format!("hash:{part}/{count}")).contains(0, name, arch));
            }
            let [two, three, seven] = parts;
            let row =
                format!("| `{name}` | `{arch}` | `{expected:016x}` | {two} | {three} | {seven} |");
            assert!(page.contains(&row), "{row}");
        }
    }
}

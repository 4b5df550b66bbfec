//! Names that AWS accepts: letters, digits, `-` and `_`, at most 64 of them.
//!
//! Source: `FunctionName` in
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use xxhash_rust::xxh3::xxh3_64;

/// The most characters of a function's name.
const LONGEST: usize = 64;

/// The word without accents, and with a `-` for what AWS does not accept.
pub(super) fn name(word: &str) -> String {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !word.is_empty() && word.chars().all(is_valid) {
        return word.to_owned();
    }
    let mut valid = String::new();
    for c in word.nfkd().filter(|c| !is_combining_mark(*c)) {
        if is_valid(c) {
            valid.push(c);
        } else if !valid.ends_with('-') {
            valid.push('-');
        }
    }
    let valid = valid.trim_matches('-');
    if valid.is_empty() {
        format!("function-{}", digest(word))
    } else {
        valid.to_owned()
    }
}

/// Makes names valid. Different names stay different: if one would become equal to
/// another, a digest follows it.
pub(super) fn make_valid(names: &mut BTreeMap<usize, String>) {
    let before = names.clone();
    for (index, word) in &before {
        let valid = name(word);
        let is_other = |other: &String| other != word && name(other).eq_ignore_ascii_case(&valid);
        let is_taken = valid != *word && before.values().any(is_other);
        let valid = if is_taken {
            format!("{valid}-{}", digest(word))
        } else {
            valid
        };
        names.insert(*index, valid);
    }
}

/// A name that is too long ends in a digest of the whole.
pub(super) fn shortened(name: &str) -> String {
    if name.len() <= LONGEST || !name.is_ascii() {
        return name.to_owned();
    }
    let digest = digest(name);
    let start = &name[..LONGEST - digest.len() - 1];
    format!("{}-{digest}", start.trim_end_matches('-'))
}

fn digest(word: &str) -> String {
    let digest = xxh3_64(word.as_bytes());
    format!("{:08x}", digest >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_names_have_only_the_characters_that_aws_accepts() {
        assert_eq!(name("order-eingang_2"), "order-eingang_2");
        assert_eq!(name("größe"), "gro-e");
        assert_eq!(name("café"), "cafe");
        assert_eq!(name("example.com"), "example-com");
        assert_eq!(name(".a b."), "a-b");
        assert!(name("注文").starts_with("function-"));
        assert_ne!(name("注文"), name("顧客"));
    }

    #[test]
    fn different_names_stay_different() {
        let mut names = ["a.b", "a-b", "a_b", "A.B"].map(str::to_owned);
        let mut numbered: BTreeMap<_, _> = names.iter().cloned().enumerate().collect();
        make_valid(&mut numbered);
        assert_eq!(numbered[&1], "a-b");
        assert_eq!(numbered[&2], "a_b");
        names = [0, 1, 2, 3].map(|index| numbered[&index].to_lowercase());
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn long_names_end_in_a_digest() {
        let long = "a".repeat(65);
        let other = "a".repeat(66);
        assert_eq!(shortened(&long[..64]), &long[..64]);
        assert_eq!(shortened(&long).len(), 64);
        assert_ne!(shortened(&long), shortened(&other));
    }
}

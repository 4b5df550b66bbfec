//! Names that AWS accepts: letters, digits, `-` and `_`, at most 64 of them.
//!
//! Source: `FunctionName` in
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use xxhash_rust::xxh3::xxh3_64;

/// The longest name of a function, in characters.
const MAX_LENGTH: usize = 64;

/// Removes accents, and replaces characters that AWS does not accept by `-`.
pub(super) fn valid_name(word: &str) -> String {
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

/// Makes names valid. Different names stay different: a name that would become equal to another
/// gets a digest at its end.
pub(super) fn make_valid(names: &mut BTreeMap<usize, String>) {
    let original = names.clone();
    for (index, word) in &original {
        let valid = valid_name(word);
        let is_other =
            |other: &String| other != word && valid_name(other).eq_ignore_ascii_case(&valid);
        let is_taken = valid != *word && original.values().any(is_other);
        let valid = if is_taken {
            format!("{valid}-{}", digest(word))
        } else {
            valid
        };
        names.insert(*index, valid);
    }
}

/// Shortens a name that is too long, and adds a digest of the whole name.
pub(super) fn shortened(name: &str) -> String {
    if name.len() <= MAX_LENGTH || !name.is_ascii() {
        return name.to_owned();
    }
    let digest = digest(name);
    let start = &name[..MAX_LENGTH - digest.len() - 1];
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
        assert_eq!(valid_name("order-eingang_2"), "order-eingang_2");
        assert_eq!(valid_name("größe"), "gro-e");
        assert_eq!(valid_name("café"), "cafe");
        assert_eq!(valid_name("example.com"), "example-com");
        assert_eq!(valid_name(".a b."), "a-b");
        assert!(valid_name("注文").starts_with("function-"));
        assert_ne!(valid_name("注文"), valid_name("顧客"));
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

//! Checks the hash file next to a zip.

use crate::fs::digest::Sha256;
use crate::validate::finding::{Finding, FindingCode};

/// Compares the text of a hash file with the hash of the zip.
pub(super) fn check_hash_file(text: &[u8], hash: &Sha256) -> Option<Finding> {
    let (expected, hex) = (hash.base64(), hash.hex());
    let text = String::from_utf8_lossy(text);
    if *text == expected {
        return None;
    }
    let trimmed = text.trim();
    // `sha256sum` also prints the name of the file.
    let first = trimmed.split_whitespace().next().unwrap_or_default();
    let mistake = if trimmed == expected {
        "has whitespace around the hash, so Terraform's `file()` never matches"
    } else if first.eq_ignore_ascii_case(&hex) {
        "contains the hash in hexadecimal, but Lambda compares base64"
    } else if trimmed == Sha256::base64_of_text(&hex) {
        "contains 88 characters: the base64 of the hexadecimal text instead of the 32 bytes"
    } else if trimmed.len() == expected.len() && trimmed.ends_with('=') {
        "contains the hash of other bytes"
    } else if first.len() == hex.len() && first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "contains the hash of other bytes in hexadecimal, but Lambda compares base64"
    } else {
        "contains no hash"
    };
    Some(Finding::new(
        FindingCode::Sidecar,
        format!("has a hash file that {mistake}"),
        format!("write `{expected}` without a newline, or package the function again"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_mistakes_are_recognized() {
        let hash = Sha256::digest(b"hello\n");
        let hex88 = Sha256::base64_of_text(&hash.hex());
        assert_eq!(hex88.len(), 88);
        assert_eq!(check_hash_file(hash.base64().as_bytes(), &hash), None);
        for (text, word) in [
            (format!("{}\n", hash.base64()), "whitespace"),
            (hash.hex(), "hexadecimal"),
            (hex88, "88 characters"),
            (Sha256::digest(b"other").base64(), "other bytes"),
            (Sha256::digest(b"other").hex(), "other bytes in hex"),
            (String::new(), "no hash"),
        ] {
            let what = check_hash_file(text.as_bytes(), &hash).unwrap().what;
            assert!(what.contains(word), "{text}: {what}");
        }
    }
}

//! Compares a bill of materials with the file that it should describe.

use std::path::Path;

use serde::Deserialize;

use crate::fs::digest::Sha256;
use crate::validate::finding::{Finding, FindingCode};

/// The part of a CycloneDX document that identifies the described file.
#[derive(Debug, Deserialize)]
struct Document {
    #[serde(rename = "bomFormat")]
    format: String,
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    component: Component,
}

#[derive(Debug, Deserialize)]
struct Component {
    #[serde(default)]
    hashes: Vec<Hash>,
}

#[derive(Debug, Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

/// Compares the hash in a document with the hash of the file.
pub(super) fn check_sbom(sbom: &Path, hash: &Sha256) -> Option<Finding> {
    let problem = match fs_err::read(sbom) {
        Ok(bytes) => mismatch(&bytes, hash)?,
        Err(error) => format!("cannot be compared with its bill of materials: {error}"),
    };
    let help = "pass the document that was written with the zip, or package the function again";
    Some(Finding::new(FindingCode::Sbom, problem, help))
}

/// Why a document does not describe a file with this hash.
fn mismatch(document: &[u8], hash: &Sha256) -> Option<String> {
    let document: Document = match serde_json::from_slice(document) {
        Ok(document) => document,
        Err(error) => {
            return Some(format!(
                "has a bill of materials that is not a CycloneDX document with a component: {error}"
            ));
        }
    };
    if document.format != "CycloneDX" {
        return Some("has a bill of materials that is not in the CycloneDX format".to_owned());
    }
    let mut hashes = document.metadata.component.hashes.iter();
    match hashes.find(|it| it.alg == "SHA-256") {
        Some(found) if found.content.eq_ignore_ascii_case(&hash.hex()) => None,
        Some(_) => Some("has a bill of materials that describes other bytes".to_owned()),
        None => Some("has a bill of materials without a SHA-256 hash of the zip".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_accepted_only_for_its_own_zip() {
        let hash = Sha256::digest(b"zip");
        let document = |format: &str, alg: &str, content: String| {
            let hashes = json!([{ "alg": alg, "content": content }]);
            json!({ "bomFormat": format, "metadata": { "component": { "hashes": hashes } } })
        };
        let check = |document: &str| mismatch(document.as_bytes(), &hash);
        let right = document("CycloneDX", "SHA-256", hash.hex().to_uppercase());
        assert_eq!(check(&right.to_string()), None);
        let other = Sha256::digest(b"other").hex();
        for (text, reason) in [
            (
                document("CycloneDX", "SHA-256", other).to_string(),
                "other bytes",
            ),
            (
                document("SPDX", "SHA-256", hash.hex()).to_string(),
                "CycloneDX format",
            ),
            (
                document("CycloneDX", "SHA-1", hash.hex()).to_string(),
                "without a SHA-256",
            ),
            ("{}".to_owned(), "not a CycloneDX document"),
            (String::new(), "not a CycloneDX document"),
        ] {
            let problem = check(&text).unwrap();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
    }
}

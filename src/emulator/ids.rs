//! IDs that look like Lambda's.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

/// The account in ARNs and in what extensions receive.
pub(super) const ACCOUNT: &str = "123456789012";

/// Random enough to be unique; it keeps no secret.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The ID of a request: a UUID of version 4.
pub(super) fn request() -> String {
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// A trace header for X-Ray that is not sampled.
pub(super) fn trace() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.unwrap_or_default().as_secs() & 0xffff_ffff;
    let (root, more, parent) = (random(), random() >> 32, random());
    format!("Root=1-{seconds:08x}-{root:016x}{more:08x};Parent={parent:016x};Sampled=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_lambdas_shape_and_differ() {
        let id = request();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_ne!(id, request());
        assert_eq!(trace().len(), 74, "{}", trace());
    }
}

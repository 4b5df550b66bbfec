//! IDs in the format of Lambda's.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::emulator::environment::REGION;

/// The account in ARNs and in what extensions receive.
pub(super) const ACCOUNT: &str = "123456789012";

/// The ARN of a function.
pub(super) fn function_arn(function: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}")
}

/// A number that is random enough to be unique. It must not be used for secrets.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A request ID, which is a UUID of version 4.
pub(super) fn new_request_id() -> String {
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

/// Returns true for IDs in the format of [`new_request_id`].
pub(super) fn is_uuid(id: &str) -> bool {
    let groups = id.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// The ID that API Gateway gives to a request with this ID: eleven bytes in base64. It follows
/// from the other one, so that both can be found in logs.
pub(super) fn extended_request_id(request_id: &str) -> String {
    let digits = request_id.chars().filter_map(|c| c.to_digit(16));
    let mut digits = digits.filter_map(|digit| u8::try_from(digit).ok());
    let mut next = || digits.next().unwrap_or_default();
    let bytes: [u8; 11] = std::array::from_fn(|_| next() << 4 | next());
    STANDARD.encode(bytes)
}

/// An X-Ray trace ID that is not sampled.
pub(super) fn new_trace_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.unwrap_or_default().as_secs() & 0xffff_ffff;
    let (root_start, root_end, parent) = (random(), random() >> 32, random());
    format!("Root=1-{seconds:08x}-{root_start:016x}{root_end:08x};Parent={parent:016x};Sampled=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_lambdas_format_and_are_unique() {
        let id = new_request_id();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_ne!(id, new_request_id());
        assert!(is_uuid(&id), "{id}");
        assert!(!is_uuid(&id.replace('-', "")), "{id}");
        assert!(!is_uuid(&format!("{}x", &id[1..])), "{id}");
        assert_eq!(new_trace_id().len(), 74, "{}", new_trace_id());
        let extended = extended_request_id("0f1e2d3c-4b5a-4968-8776-958473625140");
        assert_eq!(extended, "Dx4tPEtaSWiHdpU=");
        assert_eq!(extended_request_id("short"), "AAAAAAAAAAAAAAA=");
    }
}

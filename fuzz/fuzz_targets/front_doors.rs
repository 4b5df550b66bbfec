//! The names of functions, and the responses of functions behind URLs.

#![no_main]

use bytes::Bytes;
use cargo_lambdapack::internals::{FunctionName, FunctionResponse, PreludeParser, ResponseHead};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The first byte sets the size of the pieces in which the rest arrives.
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    if let Ok(text) = std::str::from_utf8(bytes) {
        name(text);
    }
    let whole = streamed(bytes, usize::MAX);
    let pieces = streamed(bytes, usize::from(*piece).max(1));
    match (&whole, &pieces) {
        (Ok(whole), Ok(pieces)) => assert_eq!(whole, pieces, "in pieces of {piece}"),
        (whole, pieces) => assert_eq!(whole.is_ok(), pieces.is_ok(), "in pieces of {piece}"),
    }
    if let Ok((response, _)) = &whole {
        head(response);
    }
    let Ok(response) = FunctionResponse::from_payload(&Bytes::copy_from_slice(bytes)) else {
        return;
    };
    head(&response.head);
    // The same members mean the same in a prelude, but for the default content type. A body
    // without a status has no other header.
    if response.head.headers.len() > 1 && bytes.len() < 60_000 {
        let prelude = [bytes, &[0; 8]].concat();
        let (mut head, _) = streamed(&prelude, usize::MAX).expect("the members are valid");
        let content_type = response.head.headers["content-type"].clone();
        if head.headers["content-type"] == "application/octet-stream" {
            head.headers.insert("content-type", content_type);
        }
        assert_eq!(response.head, head);
    }
});

/// A valid name is part of an ARN that names the same function.
fn name(text: &str) {
    let (segment, qualifier) = match text.split_once('?') {
        Some((segment, qualifier)) => (segment, Some(qualifier)),
        None => (text, None),
    };
    match FunctionName::parse(segment, qualifier) {
        Ok(function) => {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            assert!(!function.name.is_empty() && function.name.chars().all(is_allowed));
            let arn = function.arn();
            if arn.len() <= 256 {
                assert_eq!(FunctionName::parse(&arn, qualifier), Ok(function));
            }
        }
        Err(error) => assert!(error.status().is_client_error()),
    }
}

/// The head and the body of a response with a prelude that arrives in pieces.
fn streamed(bytes: &[u8], size: usize) -> Result<(ResponseHead, Vec<u8>), String> {
    let mut parser = PreludeParser::default();
    let mut pieces = bytes.chunks(size);
    while let Some(piece) = pieces.next() {
        if let Some((head, start)) = parser.push(piece)? {
            let rest = pieces.collect::<Vec<_>>().concat();
            return Ok((head, [&start[..], &rest].concat()));
        }
    }
    Err(parser.incomplete())
}

/// A response can be sent, and its headers do not describe the connection.
fn head(head: &ResponseHead) {
    assert!((200..600).contains(&head.status.as_u16()));
    assert!(head.headers.contains_key("content-type"));
    for name in [
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
    ] {
        assert!(!head.headers.contains_key(name), "{name}");
    }
}

//! The start of a streamed response: JSON, eight NUL bytes, and then the body.
//!
//! A function sends this if the type of its response is [`STREAMED_HTTP`]. The bytes can be
//! split everywhere: `lambda_runtime` sends the JSON and the NUL bytes in chunks of their own,
//! and aws-lambda-go in one with the start of the body.

use bytes::Bytes;

use crate::emulator::function_url::response_head::{Members, ResponseHead};

/// The `Content-Type` of a function's response that starts with a prelude.
pub(in crate::emulator) const STREAMED_HTTP: &str =
    "application/vnd.awslambda.http-integration-response";

const SEPARATOR: [u8; 8] = [0; 8];

/// The maximum size of the JSON, in bytes. AWS also has a limit, but does not document it.
///
/// Source: <https://github.com/middyjs/middy/issues/1137>
const MAX_PRELUDE: usize = 64 << 10;

/// The type of a body for which the function names none.
const DEFAULT_CONTENT_TYPE: &str = "application/octet-stream";

/// Collects the bytes of a prelude.
#[derive(Debug, Default)]
pub struct PreludeParser {
    buffer: Vec<u8>,
}

impl PreludeParser {
    /// Takes the next bytes of the response. Returns the head and the start of the body once
    /// the prelude is complete; from then on, all bytes belong to the body. An invalid prelude
    /// is reported with the reason.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<(ResponseHead, Bytes)>, String> {
        // JSON contains no NUL byte, so the first one starts the separator.
        let before = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        let searched = before.saturating_sub(SEPARATOR.len() - 1);
        let found = memchr::memmem::find(&self.buffer[searched..], &SEPARATOR);
        let json_end = found.map_or(self.buffer.len(), |at| searched + at);
        if json_end > MAX_PRELUDE {
            return Err(format!(
                "the JSON at the start of the streamed response does not end with 8 NUL bytes \
                 within {MAX_PRELUDE} bytes"
            ));
        }
        if found.is_none() {
            return Ok(None);
        }
        let prelude = std::mem::take(&mut self.buffer);
        let (json, rest) = prelude.split_at(json_end);
        let members = serde_json::from_slice::<Members<'_>>(json).map_err(|error| {
            format!("the streamed response does not start with a JSON object: {error}")
        })?;
        let head = ResponseHead::from_members(&members, DEFAULT_CONTENT_TYPE)?;
        let body = Bytes::copy_from_slice(&rest[SEPARATOR.len()..]);
        Ok(Some((head, body)))
    }

    /// The reason why a response is invalid that ended before its prelude did.
    pub fn incomplete(&self) -> String {
        let size = self.buffer.len();
        format!(
            "the streamed response ended after {size} bytes, before the 8 NUL bytes that separate \
             its JSON from its body"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"{\"statusCode\":201,\"headers\":{\"x\":\"y\"},\"cookies\":[\"a=1\"]}\
        \0\0\0\0\0\0\0\0\0body";

    /// Pushes bytes in pieces of a size, and returns the head and the whole body.
    fn parse(bytes: &[u8], size: usize) -> Result<(ResponseHead, Vec<u8>), String> {
        let mut parser = PreludeParser::default();
        let mut pieces = bytes.chunks(size);
        while let Some(piece) = pieces.next() {
            if let Some((head, start)) = parser.push(piece)? {
                return Ok((
                    head,
                    [&start[..], &pieces.collect::<Vec<_>>().concat()].concat(),
                ));
            }
        }
        Err(parser.incomplete())
    }

    #[test]
    fn a_prelude_can_be_split_everywhere() {
        for size in 1..=RESPONSE.len() {
            let (head, body) = parse(RESPONSE, size).unwrap();
            assert_eq!(head.status, 201);
            assert_eq!(head.headers["x"], "y");
            assert_eq!(head.headers["set-cookie"], "a=1");
            assert_eq!(head.headers["content-type"], "application/octet-stream");
            // The ninth NUL byte belongs to the body.
            assert_eq!(body, b"\0body", "{size}");
        }
    }

    #[test]
    fn every_member_can_be_missing() {
        let (head, body) = parse(b"{}\0\0\0\0\0\0\0\0", 3).unwrap();
        assert_eq!((head.status.as_u16(), head.headers.len()), (200, 1));
        assert_eq!(body, b"");
    }

    #[test]
    fn a_response_without_a_separator_is_invalid() {
        for bytes in [
            &RESPONSE[..RESPONSE.len() - 6],
            b"{}",
            b"{}\0\0\0\0x\0\0\0\0",
        ] {
            let error = parse(bytes, 4).unwrap_err();
            let start = format!("the streamed response ended after {} bytes", bytes.len());
            assert!(error.starts_with(&start), "{error}");
        }
        let error = PreludeParser::default().incomplete();
        assert!(error.contains("after 0 bytes"), "{error}");
    }

    #[test]
    fn a_prelude_is_limited() {
        let prelude = |size: usize| {
            let filler = "x".repeat(size - r#"{"a":""}"#.len());
            format!(
                "{{\"a\":\"{filler}\"}}\0\0\0\0\0\0\0\0{}",
                "b".repeat(9_000)
            )
        };
        for size in [1000, 8192, 1 << 20] {
            let (_, body) = parse(prelude(MAX_PRELUDE).as_bytes(), size).unwrap();
            assert_eq!(body.len(), 9_000);
            let error = parse(prelude(MAX_PRELUDE + 8).as_bytes(), size).unwrap_err();
            assert!(error.contains("within 65536 bytes"), "{error}");
        }
    }

    #[test]
    fn an_invalid_prelude_is_explained() {
        for (json, reason) in [
            (
                "hello",
                "the streamed response does not start with a JSON object: ",
            ),
            (
                "",
                "the streamed response does not start with a JSON object: EOF",
            ),
            (
                "[]",
                "the streamed response does not start with a JSON object: ",
            ),
            (r#"{"statusCode":99}"#, "`statusCode` must be"),
        ] {
            let error = parse(format!("{json}\0\0\0\0\0\0\0\0").as_bytes(), 5).unwrap_err();
            assert!(error.starts_with(reason), "{json}: {error}");
        }
    }
}

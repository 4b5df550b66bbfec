//! The response to `InvokeWithResponseStream`, which is a sequence of messages.
//!
//! In: pieces of a function's response. Out: messages of `application/vnd.amazon.eventstream`.
//! A message has a prelude of two lengths and their checksum, headers, a payload, and the
//! checksum of everything before. Numbers are big-endian, and checksums are CRC-32.
//!
//! Sources: <https://smithy.io/2.0/aws/amazon-eventstream.html>, and the members
//! of `InvokeWithResponseStreamResponseEvent` in botocore `data/lambda/2015-03-31/service-2.json`

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::{Map, Value};

/// The `Content-Type` of the response.
pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The maximum size of a payload that is sent in one message, in bytes. Clients accept at
/// least 16 MiB, but they keep a whole message in memory.
///
/// Source: `maxPayloadLen` in aws-sdk-go-v2 `aws/protocol/eventstream`
const MAX_PAYLOAD: usize = 1 << 20;

/// The type of a header whose value is a string.
const STRING: u8 = 7;
/// The lengths and their checksum at the start of a message.
const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// The end of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct InvokeComplete {
    /// Set if the function failed after the response started.
    pub(super) error_code: Option<String>,
    pub(super) error_details: Option<String>,
    /// The end of the log in base64, if the caller asked for it.
    pub(super) log_result: Option<String>,
}

/// The messages for a part of the response: one, several if it is large, or none
/// if it is empty.
pub(super) fn payload_chunk(payload: &[u8]) -> Bytes {
    let mut messages = BytesMut::new();
    for piece in payload.chunks(MAX_PAYLOAD) {
        put_message(
            &mut messages,
            "PayloadChunk",
            "application/octet-stream",
            piece,
        );
    }
    messages.freeze()
}

impl InvokeComplete {
    pub(super) fn to_message(&self) -> Bytes {
        let members = [
            ("ErrorCode", &self.error_code),
            ("ErrorDetails", &self.error_details),
            ("LogResult", &self.log_result),
        ];
        let members: Map<String, Value> = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())))
            .collect();
        let json = Value::Object(members).to_string();
        let mut message = BytesMut::new();
        put_message(
            &mut message,
            "InvokeComplete",
            "application/json",
            json.as_bytes(),
        );
        message.freeze()
    }
}

/// Appends a message. Its headers are those of every event.
fn put_message(into: &mut BytesMut, event_type: &str, content_type: &str, payload: &[u8]) {
    let headers = [
        (":event-type", event_type),
        (":content-type", content_type),
        (":message-type", "event"),
    ];
    // The length of the name, the type, and the length of the value take 4 bytes.
    let headers_length: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let start = into.len();
    let total = PRELUDE + headers_length + payload.len() + CHECKSUM;
    into.reserve(total);
    into.put_u32(to_u32(total));
    into.put_u32(to_u32(headers_length));
    into.put_u32(libdeflater::crc32(&into[start..]));
    for (name, value) in headers {
        into.put_uint(name.len() as u64, 1);
        into.put_slice(name.as_bytes());
        into.put_u8(STRING);
        into.put_uint(value.len() as u64, 2);
        into.put_slice(value.as_bytes());
    }
    into.put_slice(payload);
    into.put_u32(libdeflater::crc32(&into[start..]));
}

/// Converts a length, which always fits: a payload has at most some megabytes.
fn to_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The headers and the payload of a message.
    type Message = (Vec<(String, String)>, Vec<u8>);

    /// Splits bytes into messages, and checks their lengths and checksums.
    fn messages(mut bytes: &[u8]) -> Vec<Message> {
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            let (message, rest) = bytes.split_at(number(bytes) as usize);
            let (content, checksum) = message.split_at(message.len() - 4);
            assert_eq!(number(checksum), libdeflater::crc32(content));
            assert_eq!(number(&content[8..]), libdeflater::crc32(&content[..8]));
            let (mut headers, payload) = content[12..].split_at(number(&content[4..]) as usize);
            let mut pairs = Vec::new();
            while let [length, after @ ..] = headers {
                let (name, after) = after.split_at(usize::from(*length));
                assert_eq!((after[0], after[1]), (7, 0));
                let (value, after) = after[3..].split_at(usize::from(after[2]));
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                pairs.push((text(name), text(value)));
                headers = after;
            }
            messages.push((pairs, payload.to_vec()));
            bytes = rest;
        }
        messages
    }

    /// botocore 1.43.11 decodes these bytes.
    #[test]
    fn a_chunk_has_these_bytes() {
        let expected = b"\x00\x00\x00\x6c\x00\x00\x00\x5a\xb2\x5e\xfd\xcf\
            \x0b:event-type\x07\x00\x0cPayloadChunk\
            \x0d:content-type\x07\x00\x18application/octet-stream\
            \x0d:message-type\x07\x00\x05event\
            hi\x11\x62\xe4\x69";
        assert_eq!(payload_chunk(b"hi"), &expected[..]);
    }

    #[test]
    fn a_large_chunk_becomes_several_messages() {
        let payload: Vec<u8> = (0..MAX_PAYLOAD * 2 + 3).map(|i| i as u8).collect();
        let messages = messages(&payload_chunk(&payload));
        let sizes: Vec<_> = messages.iter().map(|(_, payload)| payload.len()).collect();
        assert_eq!(sizes, [MAX_PAYLOAD, MAX_PAYLOAD, 3]);
        let joined: Vec<u8> = messages.into_iter().flat_map(|(_, piece)| piece).collect();
        assert_eq!(joined, payload);
        assert_eq!(payload_chunk(b""), "");
    }

    #[test]
    fn the_end_has_only_the_members_that_are_set() {
        let end = |complete: InvokeComplete| {
            let [(headers, payload)] = &messages(&complete.to_message())[..] else {
                panic!("not one message");
            };
            let pairs = [
                (":event-type", "InvokeComplete"),
                (":content-type", "application/json"),
                (":message-type", "event"),
            ];
            let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(headers[..], pairs);
            String::from_utf8(payload.clone()).unwrap()
        };
        assert_eq!(end(InvokeComplete::default()), "{}");
        let failed = InvokeComplete {
            error_code: Some("Runtime.ExitError".to_owned()),
            error_details: Some("a \"b\"".to_owned()),
            log_result: Some("eA==".to_owned()),
        };
        assert_eq!(
            end(failed),
            r#"{"ErrorCode":"Runtime.ExitError","ErrorDetails":"a \"b\"","LogResult":"eA=="}"#
        );
    }
}

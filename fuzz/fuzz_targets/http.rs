//! Requests of a function to the Runtime API, one after the other.

#![no_main]

use std::io::{self, BufReader, Read};

use cargo_lambdapack::internals::{RequestBody, RequestError, RequestHead, body, head};
use libfuzzer_sys::fuzz_target;

/// The limits for the part of a body that is kept, and for the part that is read.
const KEEP: u64 = 64;
const MOST: u64 = 4096;

fuzz_target!(|bytes: &[u8]| {
    // The first byte sets the size of the pieces in which the rest arrives.
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    let whole = conversation(bytes, usize::MAX);
    let pieces = conversation(bytes, usize::from(*piece).max(1));
    assert_eq!(whole, pieces, "in pieces of {piece}");
    for (head, body) in &whole.requests {
        assert_eq!(body.bytes.len() as u64, body.size.min(KEEP));
        assert!(body.size <= MOST);
        for word in [&head.method, &head.path] {
            assert!(!word.is_empty() && !word.contains([' ', '\n']));
        }
        again(head, body);
    }
});

/// The parsed requests, and the status of an invalid one; none if the input just ends.
#[derive(Debug, Default, PartialEq, Eq)]
struct Conversation {
    requests: Vec<(RequestHead, RequestBody)>,
    status: Option<u16>,
}

/// Returns its bytes in pieces of this size, as a network does.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(into.len()).min(self.0.len());
        let (now, later) = self.0.split_at(count);
        into[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

fn conversation(bytes: &[u8], piece: usize) -> Conversation {
    let mut reader = BufReader::with_capacity(256, Pieces(bytes, piece));
    let mut all = Conversation::default();
    let fault = loop {
        let head = match head(&mut reader) {
            Ok(Some(head)) => head,
            Ok(None) => return all,
            Err(fault) => break fault,
        };
        match body(&mut reader, &head, KEEP, MOST) {
            Ok(body) => all.requests.push((head, body)),
            Err(fault) => break fault,
        }
    };
    all.status = match fault {
        RequestError::Bad(status, why) => {
            assert!([400, 413, 431, 501, 505].contains(&status) && !why.is_empty());
            Some(status)
        }
        // Reading from memory cannot fail in another way.
        RequestError::Broken(error) => {
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            None
        }
    };
    all
}

/// A body is the same with a Content-Length and in chunks.
fn again(request: &RequestHead, sent: &RequestBody) {
    let RequestHead { method, path, .. } = request;
    let line = format!("{method} {path} HTTP/1.1\r\n");
    let length = sent.bytes.len();
    let mut sized = format!("{line}Content-Length: {length}\r\n\r\n").into_bytes();
    sized.extend(&sent.bytes);
    let mut chunked = format!("{line}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for chunk in sent.bytes.chunks(7) {
        chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    for bytes in [sized, chunked] {
        let read = conversation(&bytes, usize::MAX);
        assert_eq!(read.status, None);
        let [(head, body)] = &read.requests[..] else {
            panic!("{read:?}");
        };
        assert_eq!((&head.method, &head.path), (method, path));
        assert_eq!(body.bytes, sent.bytes);
    }
}

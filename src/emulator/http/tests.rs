use std::io::{self, BufReader, Read};

use super::*;

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

fn reader(bytes: &[u8], piece: usize) -> BufReader<Pieces<'_>> {
    BufReader::with_capacity(16, Pieces(bytes, piece))
}

fn read(bytes: &[u8], piece: usize) -> Result<Option<(RequestHead, RequestBody)>, RequestError> {
    let mut reader = reader(bytes, piece);
    let Some(head) = head(&mut reader)? else {
        return Ok(None);
    };
    let body = body(&mut reader, &head, 1000, 10_000)?;
    Ok(Some((head, body)))
}

fn status(bytes: &[u8]) -> Option<u16> {
    match read(bytes, 7) {
        Err(RequestError::Bad(status, _)) => Some(status),
        Err(RequestError::Broken(_)) => None,
        Ok(read) => panic!("{read:?}"),
    }
}

const SIZED: &[u8] = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-LENGTH:  5 \r\n\r\nhello";
const CHUNKED: &[u8] = b"POST /a HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n\
    5;x=\"y\"\r\nhello\r\n00A\r\n, world\r\n!\r\n0\r\nLambda-Error: a: b\r\nEmpty:\r\n\r\n";

#[test]
fn requests_are_read_from_pieces_of_any_size() {
    for piece in 1..80 {
        let (head, body) = read(SIZED, piece).unwrap().unwrap();
        assert_eq!((&*head.method, &*head.path), ("POST", "/a"));
        assert!(head.keep_alive && !head.expects_continue());
        assert_eq!(head.fields.get("host"), Some("x"));
        assert_eq!((&*body.bytes, body.size), (&b"hello"[..], 5));
        let (_, body) = read(CHUNKED, piece).unwrap().unwrap();
        assert_eq!((&*body.bytes, body.size), (&b"hello, world\r\n!"[..], 15));
        assert_eq!(body.trailers.get("lambda-error"), Some("a: b"));
        assert_eq!(body.trailers.get("empty"), Some(""));
    }
}

#[test]
fn pipelined_requests_are_read_separately() {
    let both = [SIZED, CHUNKED, b"\r\nGET /b HTTP/1.0\n\n"].concat();
    let mut reader = reader(&both, 9);
    for expected in ["hello", "hello, world\r\n!"] {
        let head = head(&mut reader).unwrap().unwrap();
        let body = body(&mut reader, &head, 1000, 1000).unwrap();
        assert_eq!(body.bytes, expected.as_bytes());
    }
    let last = head(&mut reader).unwrap().unwrap();
    assert_eq!((&*last.path, last.keep_alive), ("/b", false));
    assert!(head(&mut reader).unwrap().is_none());
}

#[test]
fn invalid_requests_are_rejected_with_a_matching_status() {
    for (bytes, expected) in [
        (&b"hello\r\n\r\n"[..], 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b" / HTTP/1.1\r\n\r\n", 400),
        (b"GET  HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/2\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded: c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: +5\r\n\r\nhello", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\nhello", 400),
        (
            b"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            400,
        ),
        (
            b"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            400,
        ),
        (
            b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (
            b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            400,
        ),
        (
            b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
            400,
        ),
        (
            b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            400,
        ),
        (b"GET / HTTP/1.1\r\nContent-Length: 10001\r\n\r\n", 413),
        (
            b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
            413,
        ),
    ] {
        assert_eq!(
            status(bytes),
            Some(expected),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn endless_fields_are_rejected() {
    let long = [b"GET / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 2 << 20]].concat();
    assert_eq!(status(&long), Some(431));
    let many = [&b"GET / HTTP/1.1\r\n"[..], &b"A: b\r\n".repeat(101)].concat();
    assert_eq!(status(&many), Some(431));
    let endless = vec![b'a'; 2 << 20];
    assert_eq!(status(&endless), Some(431));
}

#[test]
fn bytes_beyond_the_number_to_keep_are_counted_and_dropped() {
    let chunk = [&b"400\r\n"[..], &[b'x'; 1024], b"\r\n"].concat();
    let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let bytes = [&head[..], &chunk.repeat(5), b"0\r\n\r\n"].concat();
    let (_, body) = read(&bytes, 333).unwrap().unwrap();
    assert_eq!((body.bytes.len(), body.size), (1000, 5120));
}

#[test]
fn truncated_or_damaged_requests_never_panic() {
    for whole in [SIZED, CHUNKED] {
        for length in 0..whole.len() {
            let cut = read(&whole[..length], 5);
            assert!(!matches!(cut, Ok(Some(_))), "{length}");
        }
        for index in 0..whole.len() {
            for byte in [0, b'\n', b'\r', b':', b'0', 0xff] {
                let mut damaged = whole.to_vec();
                damaged[index] = byte;
                // Some of them are still valid requests.
                drop(read(&damaged, 3));
            }
        }
    }
}

#[test]
fn a_client_that_expects_100_continue_is_recognized() {
    let bytes = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    assert!(
        head(&mut reader(bytes, 9))
            .unwrap()
            .unwrap()
            .expects_continue()
    );
}

#[test]
fn a_response_has_its_length_and_closes_the_connection_if_asked() {
    let mut bytes = Vec::new();
    write_response(&mut bytes, 202, &[("A", "b")], b"{}", false).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        text,
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nA: b\r\n\
         Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    );
}

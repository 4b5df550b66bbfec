use super::*;
use std::io::BufReader;

/// Gives its bytes in pieces of this size, as a network does.
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
fn a_request_is_the_same_in_whatever_pieces_it_comes() {
    for piece in 1..80 {
        let (head, body) = read(SIZED, piece).unwrap().unwrap();
        assert_eq!((&*head.method, &*head.path), ("POST", "/a"));
        assert!(head.lasting && !head.waits());
        assert_eq!(head.fields.get("host"), Some("x"));
        assert_eq!((&*body.bytes, body.size), (&b"hello"[..], 5));
        let (_, body) = read(CHUNKED, piece).unwrap().unwrap();
        assert_eq!((&*body.bytes, body.size), (&b"hello, world\r\n!"[..], 15));
        assert_eq!(body.trailers.get("lambda-error"), Some("a: b"));
        assert_eq!(body.trailers.get("empty"), Some(""));
    }
}

#[test]
fn requests_behind_one_another_are_each_read_to_their_own_end() {
    let both = [SIZED, CHUNKED, b"\r\nGET /b HTTP/1.0\n\n"].concat();
    let mut reader = reader(&both, 9);
    for wanted in ["hello", "hello, world\r\n!"] {
        let head = head(&mut reader).unwrap().unwrap();
        let body = body(&mut reader, &head, 1000, 1000).unwrap();
        assert_eq!(body.bytes, wanted.as_bytes());
    }
    let last = head(&mut reader).unwrap().unwrap();
    assert_eq!((&*last.path, last.lasting), ("/b", false));
    assert!(head(&mut reader).unwrap().is_none());
}

#[test]
fn what_is_no_request_gets_a_status_that_says_so() {
    for (bytes, wanted) in [
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
            Some(wanted),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn fields_without_end_are_not_read_without_end() {
    let long = [b"GET / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 2 << 20]].concat();
    assert_eq!(status(&long), Some(431));
    let many = [&b"GET / HTTP/1.1\r\n"[..], &b"A: b\r\n".repeat(101)].concat();
    assert_eq!(status(&many), Some(431));
    let endless = vec![b'a'; 2 << 20];
    assert_eq!(status(&endless), Some(431));
}

#[test]
fn of_a_large_body_the_rest_is_counted_and_not_kept() {
    let chunk = [&b"400\r\n"[..], &[b'x'; 1024], b"\r\n"].concat();
    let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let bytes = [&head[..], &chunk.repeat(5), b"0\r\n\r\n"].concat();
    let (_, body) = read(&bytes, 333).unwrap().unwrap();
    assert_eq!((body.bytes.len(), body.size), (1000, 5120));
}

#[test]
fn what_is_cut_or_bent_anywhere_never_panics() {
    for whole in [SIZED, CHUNKED] {
        for length in 0..whole.len() {
            let cut = read(&whole[..length], 5);
            assert!(!matches!(cut, Ok(Some(_))), "{length}");
        }
        for place in 0..whole.len() {
            for byte in [0, b'\n', b'\r', b':', b'0', 0xff] {
                let mut bent = whole.to_vec();
                bent[place] = byte;
                // Some of them are requests still.
                drop(read(&bent, 3));
            }
        }
    }
}

#[test]
fn a_client_that_waits_before_its_body_is_known() {
    let bytes = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    assert!(head(&mut reader(bytes, 9)).unwrap().unwrap().waits());
}

#[test]
fn an_answer_says_how_long_it_is_and_whether_it_is_the_last() {
    let mut bytes = Vec::new();
    reply(&mut bytes, 202, &[("A", "b")], b"{}", false).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        text,
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nA: b\r\n\
         Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    );
}

//! A small HTTP/1.1 client that keeps connections and shows when each part of a response arrives.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a response, or a part of it, may take.
const LIMIT: Duration = Duration::from_secs(120);

/// A connection to a server on this machine.
#[derive(Debug)]
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
}

/// The status and headers of a response.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Names in lowercase.
    pub(crate) headers: Vec<(String, String)>,
    rest: Rest,
}

/// The part of a body that was not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Length(usize),
    Chunks,
    UntilClosed,
}

/// A complete response.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Head {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// All headers of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter().filter(|(other, _)| other == name);
        headers.map(|(_, value)| &**value).collect()
    }
}

impl Response {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Connection {
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self {
            reader: BufReader::new(stream),
        })
    }

    /// Sends a request. `Host` is `localhost` unless `headers` has another one.
    pub(crate) fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<()> {
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        let has = |name: &str| {
            headers
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name))
        };
        if !has("host") {
            head += "host: localhost\r\n";
        }
        if !body.is_empty() && !has("content-length") {
            head += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let request = [head.as_bytes(), b"\r\n", body].concat();
        self.reader.get_mut().write_all(&request)
    }

    /// Reads the head of a response.
    pub(crate) fn read_head(&mut self, method: &str) -> io::Result<Head> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| invalid(&first))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| invalid(&line))?;
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut head = Head {
            status,
            headers,
            rest: Rest::UntilClosed,
        };
        let length = head.header("content-length");
        let length = length.map(|length| length.parse().map_err(|_| invalid(length)));
        head.rest = if method == "HEAD" || [204, 304].contains(&status) {
            Rest::Length(0)
        } else if head.header("transfer-encoding") == Some("chunked") {
            Rest::Chunks
        } else {
            length.transpose()?.map_or(Rest::UntilClosed, Rest::Length)
        };
        Ok(head)
    }

    /// Reads the next part of a body, or `None` at its end.
    pub(crate) fn read_part(&mut self, head: &mut Head) -> io::Result<Option<Vec<u8>>> {
        match head.rest {
            Rest::Length(0) => Ok(None),
            Rest::Length(length) => {
                head.rest = Rest::Length(0);
                self.bytes(length).map(Some)
            }
            Rest::Chunks => {
                let size = self.line()?;
                let size = usize::from_str_radix(&size, 16).map_err(|_| invalid(&size))?;
                let chunk = self.bytes(size)?;
                self.line()?;
                if size == 0 {
                    head.rest = Rest::Length(0);
                    return Ok(None);
                }
                Ok(Some(chunk))
            }
            Rest::UntilClosed => {
                head.rest = Rest::Length(0);
                let mut bytes = Vec::new();
                self.reader.read_to_end(&mut bytes)?;
                Ok(Some(bytes))
            }
        }
    }

    /// Reads a complete response.
    pub(crate) fn read_response(&mut self, method: &str) -> io::Result<Response> {
        let mut head = self.read_head(method)?;
        let mut body = Vec::new();
        while let Some(part) = self.read_part(&mut head)? {
            body.extend(part);
        }
        Ok(Response { head, body })
    }

    /// Sends a request and reads the complete response.
    pub(crate) fn request(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Response> {
        self.send(method, target, headers, body)?;
        self.read_response(method)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let end = line.strip_suffix("\r\n").map(str::len);
        let end = end.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        line.truncate(end);
        Ok(line)
    }

    fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Sends one request on a new connection.
pub(crate) fn request(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Response> {
    Connection::open(port)?.request(method, target, headers, body)
}

fn invalid(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidData,
        format!("invalid response: {what:?}"),
    )
}

//! Reads requests.

use std::io::{self, BufRead, Read};

/// The maximum size of a request's line and fields together, and of its trailers, in
/// bytes. The description of an error for X-Ray can have 1 MB.
const MAX_HEAD: usize = (1 << 20) + (64 << 10);
/// The maximum number of fields.
const MAX_FIELDS: usize = 100;
/// The maximum length of the line before a chunk, in bytes.
const MAX_CHUNK_LINE: usize = 4096;

/// Why a request cannot be read.
#[derive(Debug)]
pub enum RequestError {
    /// The connection failed or ended.
    Broken(io::Error),
    /// The request is invalid. The response has this status and message.
    Bad(u16, &'static str),
}

impl From<io::Error> for RequestError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Header fields, with names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderFields(Vec<(String, String)>);

impl HeaderFields {
    /// The first value of a field. `name` must be in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a field. `name` must be in lower case.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the list in a field contains a word.
    fn contains(&self, name: &str, word: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(word))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyLength {
    Bytes(u64),
    Chunked,
}

/// A request without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    pub method: String,
    /// The target of the request, not decoded.
    pub path: String,
    pub fields: HeaderFields,
    /// Whether the connection stays open for more requests.
    pub keep_alive: bool,
    length: BodyLength,
}

impl RequestHead {
    /// Whether the client waits for a `100 Continue` before it sends the body.
    pub(crate) fn expects_continue(&self) -> bool {
        self.fields.contains("expect", "100-continue") && self.length != BodyLength::Bytes(0)
    }
}

/// The body of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestBody {
    /// The bytes, up to the number to keep.
    pub bytes: Vec<u8>,
    /// The number of all bytes.
    pub size: u64,
    /// The fields after the last chunk.
    pub trailers: HeaderFields,
}

/// Reads a request up to its body. Returns `None` if the connection ends before it.
pub fn head(reader: &mut impl BufRead) -> Result<Option<RequestHead>, RequestError> {
    let mut remaining = MAX_HEAD;
    // Some clients send an additional empty line after a body.
    let request_line = loop {
        match read_line(reader, &mut remaining)? {
            None => return Ok(None),
            Some(empty) if empty.is_empty() => {}
            Some(line) => break line,
        }
    };
    let mut words = request_line.split(' ');
    let (method, path, version) = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(path), Some(version), None)
            if !method.is_empty() && !path.is_empty() =>
        {
            (method, path, version)
        }
        _ => return Err(RequestError::Bad(400, "invalid request line")),
    };
    let is_1_1 = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ => return Err(RequestError::Bad(505, "only HTTP/1.1 is supported")),
    };
    let fields = read_fields(reader, &mut remaining)?;
    let length = body_length(&fields)?;
    Ok(Some(RequestHead {
        method: method.to_owned(),
        path: path.to_owned(),
        keep_alive: is_1_1 && !fields.contains("connection", "close"),
        fields,
        length,
    }))
}

/// Determines the length of the body. Requests that two parties could read differently are
/// rejected.
fn body_length(fields: &HeaderFields) -> Result<BodyLength, RequestError> {
    let mut lengths = fields.all("content-length");
    let mut codings = fields.all("transfer-encoding");
    match (lengths.next(), codings.next()) {
        (None, None) => Ok(BodyLength::Bytes(0)),
        (Some(text), None) => {
            let number = parse_digits(text, 10)
                .ok_or(RequestError::Bad(400, "Content-Length is not a number"))?;
            if lengths.all(|other| other == text) {
                Ok(BodyLength::Bytes(number))
            } else {
                Err(RequestError::Bad(
                    400,
                    "there are two different Content-Length fields",
                ))
            }
        }
        (None, Some(coding)) if coding.eq_ignore_ascii_case("chunked") => match codings.next() {
            None => Ok(BodyLength::Chunked),
            Some(_) => Err(RequestError::Bad(
                400,
                "there are two Transfer-Encoding fields",
            )),
        },
        (None, Some(_)) => Err(RequestError::Bad(
            501,
            "the only supported transfer encoding is chunked",
        )),
        (Some(_), Some(_)) => Err(RequestError::Bad(
            400,
            "there are both Content-Length and Transfer-Encoding",
        )),
    }
}

/// Reads the body of a request. Bytes after the first `keep` are read, counted, and
/// dropped. A body of more than `max` bytes is an error.
pub fn body(
    reader: &mut impl BufRead,
    head: &RequestHead,
    keep: u64,
    max: u64,
) -> Result<RequestBody, RequestError> {
    let mut body = RequestBody::default();
    if let BodyLength::Bytes(size) = head.length {
        body.read(reader, size, keep, max)?;
        return Ok(body);
    }
    loop {
        let size_line = read_line(reader, &mut { MAX_CHUNK_LINE })?.ok_or_else(unexpected_eof)?;
        let number = size_line.split(';').next().unwrap_or_default().trim();
        let size =
            parse_digits(number, 16).ok_or(RequestError::Bad(400, "a chunk has no valid size"))?;
        if size == 0 {
            body.trailers = read_fields(reader, &mut { MAX_HEAD })?;
            return Ok(body);
        }
        body.read(reader, size, keep, max)?;
        // The line break after a chunk.
        match read_line(reader, &mut { 2 }) {
            Ok(Some(rest)) if rest.is_empty() => {}
            Ok(Some(_)) | Err(RequestError::Bad(..)) => {
                return Err(RequestError::Bad(400, "a chunk is longer than its size"));
            }
            Ok(None) => return Err(unexpected_eof()),
            Err(broken) => return Err(broken),
        }
    }
}

impl RequestBody {
    /// Reads the next `size` bytes of the body.
    fn read(
        &mut self,
        reader: &mut impl BufRead,
        size: u64,
        keep: u64,
        max: u64,
    ) -> Result<(), RequestError> {
        self.size = self.size.saturating_add(size);
        if self.size > max {
            return Err(RequestError::Bad(413, "the body is too large"));
        }
        let kept = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let keep_now = size.min(keep.saturating_sub(kept));
        let mut read = io::copy(&mut reader.by_ref().take(keep_now), &mut self.bytes)?;
        read += io::copy(&mut reader.by_ref().take(size - keep_now), &mut io::sink())?;
        if read == size {
            Ok(())
        } else {
            Err(unexpected_eof())
        }
    }
}

fn unexpected_eof() -> RequestError {
    RequestError::Broken(io::ErrorKind::UnexpectedEof.into())
}

/// Reads fields up to an empty line.
fn read_fields(
    reader: &mut impl BufRead,
    remaining: &mut usize,
) -> Result<HeaderFields, RequestError> {
    let mut fields = HeaderFields::default();
    loop {
        let line = read_line(reader, remaining)?.ok_or_else(unexpected_eof)?;
        if line.is_empty() {
            return Ok(fields);
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(RequestError::Bad(400, "a field has no colon"));
        };
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(RequestError::Bad(400, "a field has no valid name"));
        }
        if fields.0.len() == MAX_FIELDS {
            return Err(RequestError::Bad(431, "there are too many fields"));
        }
        let value = value.trim_matches([' ', '\t']).to_owned();
        fields.0.push((name.to_ascii_lowercase(), value));
    }
}

/// Reads a line without its line break. Returns `None` at the end of the connection.
/// `remaining` is the number of bytes that the line may still have.
fn read_line(
    reader: &mut impl BufRead,
    remaining: &mut usize,
) -> Result<Option<String>, RequestError> {
    let mut bytes = Vec::new();
    let max = u64::try_from(*remaining).unwrap_or(u64::MAX);
    reader.take(max).read_until(b'\n', &mut bytes)?;
    *remaining = remaining.saturating_sub(bytes.len());
    match bytes.split_last() {
        None if max == 0 => Err(RequestError::Bad(431, "the request's fields are too large")),
        None => Ok(None),
        Some((b'\n', text)) => {
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            Ok(Some(String::from_utf8_lossy(text).into_owned()))
        }
        Some(_) if *remaining == 0 => {
            Err(RequestError::Bad(431, "the request's fields are too large"))
        }
        Some(_) => Err(unexpected_eof()),
    }
}

/// Parses a number that consists only of digits. `from_str_radix` would accept a sign.
fn parse_digits(text: &str, radix: u32) -> Option<u64> {
    let is_number = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    is_number.then(|| u64::from_str_radix(text, radix).ok())?
}

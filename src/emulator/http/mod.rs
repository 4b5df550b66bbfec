//! As much of HTTP/1.1 as a server needs that only functions ask.
//!
//! In: bytes of a connection, in whatever pieces they come. Out: requests, with
//! bodies by `Content-Length` or in chunks with trailers; and the bytes of an answer.
//! Everything has a bound, and nothing that a function sends makes it panic.
//! Absent: TLS, HTTP/2, compression, and chunks in answers.
//!
//! Source: RFC 9112.

mod reply;

use std::io::{self, BufRead, Read};

pub(super) use crate::emulator::http::reply::{go_on, reply};

/// The most bytes of a request's line and fields together, and of its trailers: a
/// description of an error for X-Ray may have 1 MB.
const MAX_HEAD: usize = (1 << 20) + (64 << 10);
/// The most fields of a request.
const MAX_FIELDS: usize = 100;
/// The longest line that says how large a chunk is.
const MAX_CHUNK_LINE: usize = 4096;

/// Why no request was read.
#[derive(Debug)]
pub enum RequestError {
    Broken(io::Error),
    /// It is no request that can be answered: a status, and why.
    Bad(u16, &'static str),
}

impl From<io::Error> for RequestError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Names in lower case, and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderFields(Vec<(String, String)>);

impl HeaderFields {
    /// The first value of a field, whose name is given in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str())
    }

    /// Whether a field holds a word in its list.
    fn has(&self, name: &str, word: &str) -> bool {
        let values = self.0.iter().filter(|(known, _)| known == name);
        { values }
            .flat_map(|(_, value)| value.split(','))
            .any(|known| known.trim().eq_ignore_ascii_case(word))
    }
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyLength {
    Of(u64),
    Chunked,
}

/// A request without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// `GET`, `POST` or what was sent.
    pub method: String,
    /// Where to, as it was sent.
    pub path: String,
    /// What else is said of it.
    pub fields: HeaderFields,
    /// Whether more requests may come on this connection.
    pub lasting: bool,
    length: BodyLength,
}

impl RequestHead {
    /// Whether the client waits for a word before it sends the body.
    pub(crate) fn waits(&self) -> bool {
        self.fields.has("expect", "100-continue") && self.length != BodyLength::Of(0)
    }
}

/// The body of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestBody {
    /// As much of it as was to be kept.
    pub bytes: Vec<u8>,
    /// How many bytes it had.
    pub size: u64,
    /// What stood behind the last chunk.
    pub trailers: HeaderFields,
}

/// Reads a request up to its body; `None` when the connection ends before one.
pub fn head(reader: &mut impl BufRead) -> Result<Option<RequestHead>, RequestError> {
    let mut room = MAX_HEAD;
    // Some clients end a body with an empty line of their own.
    let first = loop {
        match line(reader, &mut room)? {
            None => return Ok(None),
            Some(empty) if empty.is_empty() => {}
            Some(first) => break first,
        }
    };
    let mut words = first.split(' ');
    let (method, path, version) = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(path), Some(version), None)
            if !method.is_empty() && !path.is_empty() =>
        {
            (method, path, version)
        }
        _ => return Err(RequestError::Bad(400, "that is no request line")),
    };
    let recent = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ => return Err(RequestError::Bad(505, "only HTTP/1.1 is spoken here")),
    };
    let fields = fields(reader, &mut room)?;
    let length = length(&fields)?;
    Ok(Some(RequestHead {
        method: method.to_owned(),
        path: path.to_owned(),
        lasting: recent && !fields.has("connection", "close"),
        fields,
        length,
    }))
}

/// What two parties could read differently is refused.
fn length(fields: &HeaderFields) -> Result<BodyLength, RequestError> {
    let all = |name: &'static str| {
        let values = fields.0.iter().filter(move |(known, _)| known == name);
        values.map(|(_, value)| value.as_str())
    };
    let mut lengths = all("content-length");
    let mut codings = all("transfer-encoding");
    match (lengths.next(), codings.next()) {
        (None, None) => Ok(BodyLength::Of(0)),
        (Some(text), None) => {
            let number =
                digits(text, 10).ok_or(RequestError::Bad(400, "the length is no number"))?;
            match lengths.all(|other| other == text) {
                true => Ok(BodyLength::Of(number)),
                false => Err(RequestError::Bad(400, "there are two lengths")),
            }
        }
        (None, Some(coding)) if coding.eq_ignore_ascii_case("chunked") => match codings.next() {
            None => Ok(BodyLength::Chunked),
            Some(_) => Err(RequestError::Bad(400, "there are two transfer encodings")),
        },
        (None, Some(_)) => Err(RequestError::Bad(
            501,
            "the only transfer encoding here is chunked",
        )),
        (Some(_), Some(_)) => Err(RequestError::Bad(400, "there are a length and chunks")),
    }
}

/// Reads the body that belongs to a request. Of more than `keep` bytes the rest is
/// read and counted; of more than `most`, nothing more is read.
pub fn body(
    reader: &mut impl BufRead,
    head: &RequestHead,
    keep: u64,
    most: u64,
) -> Result<RequestBody, RequestError> {
    let mut body = RequestBody::default();
    match head.length {
        BodyLength::Of(size) => {
            body.take(reader, size, keep, most)?;
            return Ok(body);
        }
        BodyLength::Chunked => {}
    }
    loop {
        let mut room = MAX_CHUNK_LINE;
        let line = line(reader, &mut room)?.ok_or_else(cut)?;
        let number = line.split(';').next().unwrap_or_default().trim();
        let size = digits(number, 16).ok_or(RequestError::Bad(400, "a chunk has no size"))?;
        if size == 0 {
            body.trailers = fields(reader, &mut { MAX_HEAD })?;
            return Ok(body);
        }
        body.take(reader, size, keep, most)?;
        match self::line(reader, &mut { 2 }) {
            Ok(Some(end)) if end.is_empty() => {}
            Ok(Some(_)) | Err(RequestError::Bad(..)) => {
                return Err(RequestError::Bad(400, "a chunk is longer than it says"));
            }
            Ok(None) => return Err(cut()),
            Err(broken) => return Err(broken),
        }
    }
}

impl RequestBody {
    fn take(
        &mut self,
        reader: &mut impl BufRead,
        size: u64,
        keep: u64,
        most: u64,
    ) -> Result<(), RequestError> {
        self.size = self.size.saturating_add(size);
        if self.size > most {
            return Err(RequestError::Bad(413, "the body is too large"));
        }
        let kept = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let wanted = size.min(keep.saturating_sub(kept));
        let mut read = io::copy(&mut reader.by_ref().take(wanted), &mut self.bytes)?;
        read += io::copy(&mut reader.by_ref().take(size - wanted), &mut io::sink())?;
        if read == size { Ok(()) } else { Err(cut()) }
    }
}

fn cut() -> RequestError {
    RequestError::Broken(io::ErrorKind::UnexpectedEof.into())
}

/// Fields up to an empty line.
fn fields(reader: &mut impl BufRead, room: &mut usize) -> Result<HeaderFields, RequestError> {
    let mut fields = HeaderFields::default();
    loop {
        let line = line(reader, room)?.ok_or_else(cut)?;
        if line.is_empty() {
            return Ok(fields);
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(RequestError::Bad(400, "a field has no colon"));
        };
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(RequestError::Bad(400, "a field has no name"));
        }
        if fields.0.len() == MAX_FIELDS {
            return Err(RequestError::Bad(431, "there are too many fields"));
        }
        let value = value.trim_matches([' ', '\t']).to_owned();
        fields.0.push((name.to_ascii_lowercase(), value));
    }
}

/// A line without its end; `None` at the end of what comes.
fn line(reader: &mut impl BufRead, room: &mut usize) -> Result<Option<String>, RequestError> {
    let mut bytes = Vec::new();
    let most = u64::try_from(*room).unwrap_or(u64::MAX);
    reader.take(most).read_until(b'\n', &mut bytes)?;
    *room = room.saturating_sub(bytes.len());
    match bytes.split_last() {
        None if most == 0 => Err(RequestError::Bad(431, "the request's fields are too large")),
        None => Ok(None),
        Some((b'\n', text)) => {
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            Ok(Some(String::from_utf8_lossy(text).into_owned()))
        }
        Some(_) if *room == 0 => Err(RequestError::Bad(431, "the request's fields are too large")),
        Some(_) => Err(cut()),
    }
}

/// A number of nothing but digits.
fn digits(text: &str, radix: u32) -> Option<u64> {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    plain.then(|| u64::from_str_radix(text, radix).ok())?
}

#[cfg(test)]
mod tests;

//! The bytes of an answer.
//!
//! In: a status, fields and a body. Out: what is written to a connection.

use std::io::{self, Write};

/// Writes an answer in one piece.
pub(in crate::emulator) fn reply(
    to: &mut impl Write,
    status: u16,
    fields: &[(&str, &str)],
    body: &[u8],
    lasting: bool,
) -> io::Result<()> {
    let reason = match status {
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Request Entity Too Large",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    };
    let mut bytes = format!("HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\n");
    for (name, value) in fields {
        bytes += &format!("{name}: {value}\r\n");
    }
    if !lasting {
        bytes += "Connection: close\r\n";
    }
    bytes += &format!("Content-Length: {}\r\n\r\n", body.len());
    let mut bytes = bytes.into_bytes();
    bytes.extend(body);
    to.write_all(&bytes)?;
    to.flush()
}

/// Has a client send the body that it waits with.
pub(in crate::emulator) fn go_on(to: &mut impl Write) -> io::Result<()> {
    to.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    to.flush()
}

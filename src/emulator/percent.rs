//! Percent-encoding in paths and query strings.

/// Decodes `%` and two hexadecimal digits to a byte. Every other `%` is kept.
pub(super) fn decode(text: &str) -> String {
    decode_bytes(text.as_bytes(), false)
}

/// Decodes a name or a value of a query string, in which `+` is a space.
pub(super) fn decode_query(text: &str) -> String {
    decode_bytes(text.as_bytes(), true)
}

/// The parameters of a query string in their order, with decoded names and values.
pub(super) fn query_parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    encoded_parameters(query).map(|(name, value)| (decode_query(name), decode_query(value)))
}

/// The parameters of a query string in their order, as they are.
pub(super) fn encoded_parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Bytes that are not UTF-8 become replacement characters.
fn decode_bytes(mut bytes: &[u8], plus_is_space: bool) -> String {
    let mut decoded = Vec::with_capacity(bytes.len());
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        decoded.push(match (first, rest) {
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            (b'+', _) if plus_is_space => b' ',
            (other, _) => *other,
        });
    }
    match String::from_utf8(decoded) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_escapes_are_decoded() {
        assert_eq!(decode("f%3Aa%24LATEST"), "f:a$LATEST");
        assert_eq!(decode("%C3%a9%"), "é%");
        assert_eq!(decode("100%zz%2"), "100%zz%2");
        assert_eq!(decode("a+b%ff"), "a+b\u{fffd}");
        assert_eq!(decode_query("a+b%2B"), "a b+");
    }

    #[test]
    fn a_query_is_split_before_it_is_decoded() {
        let pairs: Vec<_> = query_parameters("&a=1%262&b&=x&a==&").collect();
        let expected = [("a", "1&2"), ("b", ""), ("", "x"), ("a", "=")];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.into(), value.into()))
        );
    }
}

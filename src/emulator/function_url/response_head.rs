//! The status, headers, and cookies that a function chose for an HTTP response.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hyper::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, SET_COOKIE};
use hyper::http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::value::RawValue;

use crate::emulator::http_request::is_hop_by_hop;

/// The start of an HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    pub status: StatusCode,
    /// Cookies are in `set-cookie`. There are no headers that describe the connection or the
    /// length of the body.
    pub headers: HeaderMap,
}

/// The members of an object in a function's response, unparsed. Of members with the same
/// name, the last one counts. The depth of the values is not limited.
pub(in crate::emulator) type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// A member that has a value other than `null`.
pub(in crate::emulator) fn member<'a>(members: &Members<'a>, name: &str) -> Option<&'a str> {
    let value = members.get(name)?.get();
    (value != "null").then_some(value)
}

impl ResponseHead {
    /// A response with this content type, and without other headers.
    pub(super) fn new(content_type: &'static str) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
        }
    }

    /// Reads `statusCode`, `headers`, and `cookies`. Other members are ignored, such as
    /// `multiValueHeaders`, which format 2.0 does not have.
    pub(super) fn from_members(
        members: &Members<'_>,
        default_content_type: &'static str,
    ) -> Result<Self, String> {
        let status = member(members, "statusCode").map_or(Ok(StatusCode::OK), status)?;
        let mut headers = HeaderMap::new();
        if let Some(json) = member(members, "headers") {
            let Ok(pairs) = serde_json::from_str::<Members<'_>>(json) else {
                return Err(format!(
                    "`headers` must be an object, but is {}",
                    shown(json)
                ));
            };
            for (name, value) in &pairs {
                append(&mut headers, name, value.get())?;
            }
        }
        if let Some(json) = member(members, "cookies") {
            let Ok(cookies) = serde_json::from_str::<Vec<String>>(json) else {
                let json = shown(json);
                return Err(format!(
                    "`cookies` must be a list of strings, but is {json}"
                ));
            };
            for cookie in cookies {
                append_value(&mut headers, &SET_COOKIE, &cookie)?;
            }
        }
        headers
            .entry(CONTENT_TYPE)
            .or_insert(HeaderValue::from_static(default_content_type));
        Ok(Self { status, headers })
    }
}

/// Parses a final status, from 200 to 599. AWS also accepts digits in a string.
pub(in crate::emulator) fn status(json: &str) -> Result<StatusCode, String> {
    let number = match serde_json::from_str::<String>(json) {
        Ok(text) => text.trim().parse().ok(),
        Err(_) => serde_json::from_str::<f64>(json).ok(),
    };
    (200..600u16)
        .find(|status| Some(f64::from(*status)) == number)
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| {
            let json = shown(json);
            format!("`statusCode` must be a number from 200 to 599, but is {json}")
        })
}

/// Appends a header. Its value is a string, a number, or a Boolean; or a list of these, which
/// `lambda_runtime` writes for headers that occur more than once.
fn append(headers: &mut HeaderMap, name: &str, json: &str) -> Result<(), String> {
    let Some(parsed_name) = header_name(name)? else {
        return Ok(());
    };
    if json == "null" {
        return Ok(());
    }
    let values = serde_json::from_str::<Vec<&RawValue>>(json);
    let values = values.map(|values| values.into_iter().map(RawValue::get).collect());
    for value in values.unwrap_or_else(|_| vec![json]) {
        append_value(headers, &parsed_name, &scalar(name, value)?)?;
    }
    Ok(())
}

/// The name of a header, or `None` for a header that is not passed on.
pub(in crate::emulator) fn header_name(name: &str) -> Result<Option<HeaderName>, String> {
    let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
        let name = name.escape_debug();
        return Err(format!("`{name}` is not the name of a header"));
    };
    let is_passed_on = !is_hop_by_hop(&parsed) && parsed != CONTENT_LENGTH;
    Ok(Some(parsed).filter(|_| is_passed_on))
}

/// A string, or a number or a Boolean as it is written.
pub(in crate::emulator) fn scalar(name: &str, json: &str) -> Result<String, String> {
    match serde_json::from_str::<String>(json) {
        Ok(text) => Ok(text),
        Err(_) if !json.starts_with(['"', '[', '{']) => Ok(json.to_owned()),
        Err(_) => {
            let json = shown(json);
            Err(format!("header `{name}` must be a string, but is {json}"))
        }
    }
}

pub(in crate::emulator) fn append_value(
    headers: &mut HeaderMap,
    name: &HeaderName,
    value: &str,
) -> Result<(), String> {
    let Ok(parsed) = HeaderValue::from_str(value) else {
        let value = value.escape_debug().to_string();
        return Err(format!(
            "header `{name}` has an invalid value: {}",
            shown(&value)
        ));
    };
    match headers.try_append(name, parsed) {
        Ok(_) => Ok(()),
        Err(_) => Err("the response has too many headers".to_owned()),
    }
}

/// A value for a message, shortened.
pub(in crate::emulator) fn shown(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}...`", &value[..end]),
        None => format!("`{value}`"),
    }
}

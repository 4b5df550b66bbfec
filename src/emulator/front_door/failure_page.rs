//! The response to a request for a function that cannot be built.
//!
//! In: the compiler's messages. Out: plain text, or a small page for a browser.

use hyper::StatusCode;
use hyper::header::HeaderMap;

use crate::emulator::http_server::{Reply, header, reply};

/// The error type of a build failure in responses of the Invoke API. Lambda has no such error.
pub(super) const BUILD_FAILED: &str = "Lambdapack.BuildFailed";

/// The error type if a function cannot be run for another reason. It is an error of the function,
/// because SDKs send a request again after an error of the server.
pub(super) const UNAVAILABLE: &str = "Lambdapack.Unavailable";

/// Returns 502 with a text.
pub(super) fn bad_gateway(title: &str, text: &str, request_headers: &HeaderMap) -> Reply {
    let accepts_html = header(request_headers, "accept")
        .is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html"));
    let (content_type, body) = if accepts_html {
        ("text/html; charset=utf-8", page(title, text))
    } else {
        ("text/plain; charset=utf-8", format!("{title}\n\n{text}\n"))
    };
    let headers = [
        ("Content-Type", content_type),
        ("Cache-Control", "no-store"),
    ];
    reply(StatusCode::BAD_GATEWAY, headers, body)
}

fn page(title: &str, text: &str) -> String {
    let (title, text) = (escape(title), escape(text));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>body{{font-family:sans-serif;margin:2rem}}pre{{white-space:pre-wrap}}</style></head>\n\
         <body><h1>{title}</h1>\n<pre>{text}</pre></body></html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{ACCEPT, HeaderValue};

    #[test]
    fn a_browser_gets_a_page_and_others_get_text() {
        let mut headers = HeaderMap::new();
        let text = bad_gateway("t", "error: <T>", &headers);
        assert_eq!(text.headers()["content-type"], "text/plain; charset=utf-8");
        headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*"));
        let page = bad_gateway("t", "error: <T>", &headers);
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(
            (text.status(), page.status()),
            (StatusCode::BAD_GATEWAY, StatusCode::BAD_GATEWAY)
        );
        assert!(super::page("t", "error: <T>").contains("<pre>error: &lt;T&gt;</pre>"));
    }
}

//! The media types that a REST API treats as binary.

use hyper::http::HeaderMap;
use hyper::http::header::ACCEPT;

/// The setting `binaryMediaTypes` of a REST API, which is empty unless the API sets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BinaryMediaTypes(Vec<String>);

impl BinaryMediaTypes {
    /// Takes types such as `image/png`, `image/*`, and `*/*`. In CloudFormation, `~1` is
    /// written for the slash.
    pub(crate) fn new(types: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let types = types.into_iter();
        let types = types.map(|name| name.as_ref().replace("~1", "/").to_ascii_lowercase());
        Self(types.collect())
    }

    /// Returns true if a media type, which is in lower case and without parameters, is binary.
    pub(super) fn contain(&self, media_type: &str) -> bool {
        self.0.iter().any(|binary| {
            let prefix = binary.strip_suffix('*').filter(|name| name.ends_with('/'));
            binary == "*/*"
                || binary == media_type
                || prefix.is_some_and(|prefix| media_type.starts_with(prefix))
        })
    }

    /// Returns true if a client accepts a binary response. Only the first type of `Accept`
    /// counts.
    ///
    /// Source:
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>
    pub(super) fn are_accepted(&self, headers: &HeaderMap) -> bool {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        let first = accept.unwrap_or_default().split([',', ';']).next();
        self.contain(&first.unwrap_or_default().trim().to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::http_request::fixture::headers;

    #[test]
    fn types_can_have_wildcards() {
        let types = BinaryMediaTypes::new(["image~1*", "Application/PDF"]);
        for binary in ["image/png", "application/pdf"] {
            assert!(types.contain(binary), "{binary}");
        }
        for text in ["", "images/png", "application/pdfx", "*/*"] {
            assert!(!types.contain(text), "{text}");
        }
        assert!(BinaryMediaTypes::new(["*/*"]).contain(""));
        assert!(!BinaryMediaTypes::default().contain("image/png"));
    }

    #[test]
    fn only_the_first_accepted_type_counts() {
        let types = BinaryMediaTypes::new(["image/webp"]);
        let accepts = |value: &[u8]| types.are_accepted(&headers(&[("accept", value)]));
        assert!(accepts(b"image/WEBP;q=1,image/*"));
        assert!(!accepts(b"text/html,image/webp"));
        assert!(!types.are_accepted(&HeaderMap::new()));
        assert!(BinaryMediaTypes::new(["*~1*"]).are_accepted(&HeaderMap::new()));
    }
}

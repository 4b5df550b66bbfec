//! Detects that the program of a function on a custom runtime comes from a layer.
//!
//! Such a layer was built for the older Amazon Linux, so its function stays until the layer is
//! replaced. In: the names in a function. Out: the layer, if there is one.

use crate::commands::migrate::old_runtime::{NEW, Remark};
use crate::lambda::BOOTSTRAP;

/// Parts of the names of layers that contain only extensions or libraries.
const EXTENSIONS: [&str; 16] = [
    "extension",
    "insights",
    "otel",
    "opentelemetry",
    "collector",
    "powertools",
    "datadog",
    "newrelic",
    "dynatrace",
    "lumigo",
    "sentry",
    "secrets",
    "adapter",
    "honeycomb",
    "splunk",
    "appconfig",
];

/// Parts of code paths that contain a `bootstrap`.
const OWN_PROGRAM: [&str; 2] = [BOOTSTRAP, "target/lambda"];

/// What indicates whether a layer contains the program of a function.
pub(super) struct LayerEvidence<'a> {
    /// Its layers, as the file spells them.
    pub(super) layers: Vec<&'a str>,
    /// Its handler, if it is a literal.
    pub(super) handler: Option<&'a str>,
    /// Where its code comes from, as the file spells it.
    pub(super) code: &'a str,
    /// Whether its code is known to contain or to build a program.
    pub(super) has_program: bool,
}

impl<'a> LayerEvidence<'a> {
    /// The layer that may contain `bootstrap`, if the function has no program of its own.
    pub(super) fn bootstrap(&self) -> Option<&'a str> {
        let is_own = |text: &str| OWN_PROGRAM.iter().any(|part| text.contains(part));
        if self.has_program || self.handler.is_some_and(is_own) || is_own(self.code) {
            return None;
        }
        let is_extension = |layer: &&&str| {
            let layer = layer.to_ascii_lowercase();
            EXTENSIONS.iter().any(|word| layer.contains(word))
        };
        let mut layers = self.layers.iter().filter(|layer| !layer.trim().is_empty());
        layers.find(|layer| !is_extension(layer)).copied()
    }
}

/// The remark about a function that stays because of a layer.
pub(super) fn remark(at: usize, name: &str, layer: &str) -> Remark {
    Remark::todo(
        at,
        format!("{name} runs the `{BOOTSTRAP}` of a layer ({layer})"),
        format!(
            "find the version of this layer for {NEW}, then change the layer and the runtime \
             together"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_function_without_a_program_needs_the_layer() {
        let layer = |layers: &[&'static str], handler, code| {
            let parts = LayerEvidence {
                layers: layers.to_vec(),
                handler,
                code,
                has_program: false,
            };
            parts.bootstrap()
        };
        let php = "${bref:layer.php-81-fpm}";
        assert_eq!(layer(&[php], Some("public/index.php"), "."), Some(php));
        assert_eq!(
            layer(&["arn:LambdaInsightsExtension:1", php], None, ""),
            Some(php)
        );
        assert_eq!(
            layer(&["arn:LambdaInsightsExtension:1"], Some("x"), ""),
            None
        );
        assert_eq!(layer(&[php], Some("bootstrap"), ""), None);
        assert_eq!(
            layer(&[php], Some("rust.handler"), "target/lambda/f/"),
            None
        );
        assert_eq!(layer(&[], Some("index.php"), ""), None);
    }
}

//! An error in Lambda's shape.

use serde_json::{Map, Value, json};

/// What is told to whoever invokes a function that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionError {
    pub kind: String,
    pub message: String,
    /// All of it, as JSON.
    pub payload: Vec<u8>,
}

impl FunctionError {
    /// An error that Lambda itself reports.
    pub(crate) fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        let (kind, message) = (kind.into(), message.into());
        let payload = json!({ "errorType": kind, "errorMessage": message });
        Self {
            payload: payload.to_string().into_bytes(),
            kind,
            message,
        }
    }

    /// What a function posted, with the type that it named beside. What is no JSON
    /// object becomes the message of one.
    pub(super) fn of(named: Option<&str>, payload: &[u8]) -> Self {
        let unnamed = named.unwrap_or("Unhandled");
        let Ok(Value::Object(object)) = serde_json::from_slice::<Value>(payload) else {
            return Self::new(unnamed, String::from_utf8_lossy(payload));
        };
        let text = |name| text_of(&object, name);
        Self {
            kind: text("errorType").unwrap_or_else(|| unnamed.to_owned()),
            message: text("errorMessage").unwrap_or_default(),
            payload: payload.to_vec(),
        }
    }
}

fn text_of(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_no_json_becomes_the_message_of_one() {
        let error = FunctionError::of(Some("Oh"), b"no \"luck\"");
        assert_eq!((&*error.kind, &*error.message), ("Oh", "no \"luck\""));
        let payload: Value = serde_json::from_slice(&error.payload).unwrap();
        assert_eq!(payload["errorMessage"], "no \"luck\"");
        assert_eq!(FunctionError::of(None, b"[]").kind, "Unhandled");
    }

    #[test]
    fn an_error_of_the_function_is_kept_as_it_was_posted() {
        let posted = br#"{ "errorType":"E", "errorMessage":"m", "stackTrace":["a"] }"#;
        let error = FunctionError::of(Some("other"), posted);
        assert_eq!((&*error.kind, &*error.message), ("E", "m"));
        assert_eq!(error.payload, posted);
    }
}

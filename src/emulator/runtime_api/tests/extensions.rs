//! Extensions inside the function's process.

use serde_json::{Value, json};

use super::*;
use crate::emulator::FunctionError;

const REGISTER: &str = "POST /2020-01-01/extension/register";
const EXTENSION_NEXT: &str = "GET /2020-01-01/extension/event/next";

impl Client {
    /// Sends a request and returns its status, its head, and its body as JSON.
    fn ask(&mut self, what: &str, fields: &str, body: &str) -> (u16, String, Value) {
        self.begin(what, fields, body);
        let (status, head, body) = self.answer().unwrap();
        (status, head, serde_json::from_str(&body).unwrap())
    }

    fn begin(&mut self, what: &str, fields: &str, body: &str) {
        let length = body.len();
        self.send(&format!(
            "{what} HTTP/1.1\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        ));
    }

    /// Registers an extension and returns the field that identifies it.
    #[track_caller]
    fn register(&mut self, name: &str, body: &str) -> String {
        let name = format!("Lambda-Extension-Name: {name}\r\n");
        let (status, head, body) = self.ask(REGISTER, &name, body);
        assert_eq!(status, 200, "{body}");
        let mut lines = head.lines();
        let id = lines.find(|line| line.starts_with("Lambda-Extension-Identifier: "));
        format!("{}\r\n", id.unwrap())
    }

    fn respond(&mut self, id: &str) {
        assert_eq!(self.post(&format!("invocation/{id}/response"), "{}"), 202);
    }
}

const INVOKE: &str = r#"{"events":["INVOKE"]}"#;
const SOON: Duration = Duration::from_millis(50);

#[track_caller]
fn is_next(api: &mut RuntimeApi) {
    let event = next_event(api);
    assert!(matches!(event, RuntimeEvent::Ready(_)), "{event:?}");
}

#[test]
fn a_function_is_ready_once_the_runtime_and_all_extensions_ask_for_an_event() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let (mut runtime, mut extension, mut idle) = (
        Client::connect(&api),
        Client::connect(&api),
        Client::connect(&api),
    );
    let id = extension.register("agent", INVOKE);
    // Go's `encoding/json` sends this for an empty slice.
    let idle_id = idle.register("idle", r#"{"events":null}"#);
    runtime.send(NEXT);
    idle.begin(EXTENSION_NEXT, &idle_id, "");
    assert!(api.next_event(SOON).is_none());
    assert_eq!(api.api.busy_extensions(), ["agent"]);
    extension.begin(EXTENSION_NEXT, &id, "");
    is_next(&mut api);
    assert!(api.api.busy_extensions().is_empty());
    for request in ["a", "b"] {
        api.offer(event(request, b"{}"));
        let (status, _, body) = extension.answer().unwrap();
        let invoke: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 200);
        assert_eq!(invoke["eventType"], "INVOKE");
        assert_eq!(invoke["requestId"], request);
        assert_eq!(invoke["invokedFunctionArn"], "arn");
        let tracing = json!({ "type": "X-Amzn-Trace-Id", "value": "trace" });
        assert_eq!(invoke["tracing"], tracing);
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let deadline = u128::from(invoke["deadlineMs"].as_u64().unwrap());
        assert!((now..now + 3001).contains(&deadline), "{deadline} at {now}");
        assert_eq!(runtime.answer().unwrap().2, "{}");
        runtime.respond(request);
        runtime.send(NEXT);
        // The response is reported at once, and the end waits for the extension.
        assert!(matches!(next_event(&mut api), RuntimeEvent::Delivered(_)));
        assert!(matches!(
            next_event(&mut api),
            RuntimeEvent::Response { .. }
        ));
        assert!(api.next_event(SOON).is_none());
        assert_eq!(api.api.busy_extensions(), ["agent"]);
        extension.begin(EXTENSION_NEXT, &id, "");
        is_next(&mut api);
    }
    drop(api);
    assert!(extension.answer().is_none());
    assert!(idle.answer().is_none());
}

#[test]
fn an_invocation_ends_with_the_runtime_if_the_extension_was_faster() {
    let mut api = RuntimeApi::listen("f").unwrap();
    let (mut runtime, mut extension) = (Client::connect(&api), Client::connect(&api));
    let id = extension.register("agent", INVOKE);
    extension.begin(EXTENSION_NEXT, &id, "");
    assert!(api.next_event(SOON).is_none());
    runtime.send(NEXT);
    is_next(&mut api);
    api.offer(event("a", b"1"));
    extension.answer().unwrap();
    extension.begin(EXTENSION_NEXT, &id, "");
    runtime.answer().unwrap();
    runtime.respond("a");
    runtime.send(NEXT);
    assert!(matches!(next_event(&mut api), RuntimeEvent::Delivered(_)));
    assert!(matches!(
        next_event(&mut api),
        RuntimeEvent::Response { .. }
    ));
    is_next(&mut api);
    assert!(api.next_event(SOON).is_none());
}

#[test]
fn a_registration_tells_about_the_function() {
    let api = RuntimeApi::listen("orders").unwrap();
    let mut client = Client::connect(&api);
    for (feature, account) in [("", None), ("x, accountId", Some("123456789012"))] {
        let fields = format!(
            "Lambda-Extension-Name: of {feature}\r\nLambda-Extension-Accept-Feature: {feature}\r\n"
        );
        let (status, _, body) = client.ask(REGISTER, &fields, INVOKE);
        assert_eq!(status, 200);
        assert_eq!(body["functionName"], "orders");
        assert_eq!(body["functionVersion"], "$LATEST");
        assert_eq!(body["handler"], "bootstrap");
        assert_eq!(body.get("accountId").and_then(Value::as_str), account);
    }
}

#[test]
fn invalid_registrations_and_requests_are_refused_as_on_lambda() {
    let api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    let named = "Lambda-Extension-Name: x\r\n";
    let empty = "Lambda-Extension-Identifier: \r\n";
    let invalid = "Lambda-Extension-Identifier: x\r\n";
    let unknown = "Lambda-Extension-Identifier: 0f1e2d3c-4b5a-4968-8776-958473625140\r\n";
    for (what, fields, body, kind) in [
        (REGISTER, "", INVOKE, "Extension.InvalidExtensionName"),
        (REGISTER, named, "no JSON", "InvalidRequestFormat"),
        (REGISTER, named, "[]", "InvalidRequestFormat"),
        (REGISTER, named, r#"{"events":[1]}"#, "InvalidRequestFormat"),
        (
            REGISTER,
            named,
            r#"{"events":["INVOKE","SHUTDOWN"]}"#,
            "Extension.InvalidEventType",
        ),
        (
            REGISTER,
            named,
            r#"{"events":["invoke"]}"#,
            "Extension.InvalidEventType",
        ),
        (
            EXTENSION_NEXT,
            "",
            "",
            "Extension.MissingExtensionIdentifier",
        ),
        (
            EXTENSION_NEXT,
            empty,
            "",
            "Extension.MissingExtensionIdentifier",
        ),
        (
            EXTENSION_NEXT,
            invalid,
            "",
            "Extension.InvalidExtensionIdentifier",
        ),
        (
            EXTENSION_NEXT,
            unknown,
            "",
            "Extension.UnknownExtensionIdentifier",
        ),
    ] {
        let (status, _, answer) = client.ask(what, fields, body);
        assert_eq!(
            (status, &answer["errorType"]),
            (403, &json!(kind)),
            "{body}"
        );
    }
    for number in 0..10 {
        client.register(&format!("{number}"), INVOKE);
    }
    let again = client
        .ask(REGISTER, "Lambda-Extension-Name: 0\r\n", INVOKE)
        .2;
    assert_eq!(again["errorType"], "Extension.InvalidExtensionState");
    let more = client.ask(REGISTER, named, INVOKE).2;
    assert_eq!(more["errorType"], "Extension.TooManyExtensions");
    // A runtime that disconnects at once may never have asked.
    let mut runtime = Client::connect(&api);
    runtime.send(NEXT);
    let closed = || client.ask(REGISTER, named, INVOKE).2["errorType"].clone();
    let mut kinds = std::iter::repeat_with(closed).take(1000);
    assert!(kinds.any(|kind| kind == "Extension.RegistrationClosed"));
}

#[test]
fn an_error_of_an_extension_ends_the_environment() {
    for (path, kind) in [
        ("init", "Extension.InitError"),
        ("exit", "Extension.ExitError"),
    ] {
        let mut api = RuntimeApi::listen("f").unwrap();
        let mut client = Client::connect(&api);
        let id = client.register("agent", INVOKE);
        let what = format!("POST /2020-01-01/extension/{path}/error");
        let (status, _, answer) = client.ask(&what, &id, "");
        assert_eq!(
            (status, &answer["errorType"]),
            (403, &json!("Extension.MissingHeader"))
        );
        let fields = format!("{id}Lambda-Extension-Function-Error-Type: Agent.NoKey\r\n");
        let body = r#"{"errorMessage":"there is no key"}"#;
        assert_eq!(client.ask(&what, &fields, body).0, 202);
        let RuntimeEvent::ExtensionError(error) = next_event(&mut api) else {
            panic!("no error of {path}")
        };
        assert_eq!(error.kind, kind);
        let message = "extension agent reported Agent.NoKey: there is no key";
        assert_eq!(error.message, message);
        // Further reports are accepted and ignored, and there are no more events.
        assert_eq!(client.ask(&what, &fields, body).0, 202);
        assert!(api.next_event(SOON).is_none());
        assert_eq!(client.ask(EXTENSION_NEXT, &id, "").0, 403);
    }
}

#[test]
fn unsupported_telemetry_is_answered_as_by_the_emulator_of_aws() {
    let api = RuntimeApi::listen("f").unwrap();
    let mut client = Client::connect(&api);
    for (path, kind) in [
        ("2022-07-01/telemetry", "Telemetry.NotSupported"),
        ("2020-08-15/logs", "Logs.NotSupported"),
    ] {
        let (status, _, body) = client.ask(&format!("PUT /{path}"), "", "{}");
        assert_eq!((status, &body["errorType"]), (202, &json!(kind)));
        assert_eq!(client.ask(&format!("GET /{path}"), "", "").0, 404);
    }
}

#[test]
fn the_crash_of_an_extension_fails_events_that_are_offered_before_or_after_it() {
    let api = RuntimeApi::listen("f").unwrap();
    let before = api.api.offer(event("a", b"1"));
    let error = FunctionError::new("Extension.Crash", "agent");
    api.api.extension_control().report_error(&error);
    let after = api.api.offer(event("b", b"1"));
    for mut events in [before, after] {
        match events.try_recv() {
            Ok(RuntimeEvent::ExtensionError(reported)) => assert_eq!(reported, error),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn only_registered_extensions_can_subscribe_to_telemetry() {
    let telemetry = InstanceTelemetry::new("f", 128, false);
    let api = RuntimeApi::listen_with("f", telemetry).unwrap();
    let mut client = Client::connect(&api);
    let unknown = "Lambda-Extension-Identifier: 00000000-0000-4000-8000-000000000000\r\n";
    for (id, kind) in [
        ("", "Extension.MissingExtensionIdentifier"),
        (unknown, "Extension.UnknownExtensionIdentifier"),
    ] {
        let (status, _, body) = client.ask("PUT /2022-07-01/telemetry", id, "{}");
        assert_eq!((status, &body["errorType"]), (403, &json!(kind)));
    }
    let id = client.register("agent", INVOKE);
    let (status, _, body) = client.ask("PUT /2022-07-01/telemetry", &id, "{}");
    assert_eq!(
        (status, &body["errorType"]),
        (400, &json!("ValidationError"))
    );
    let subscription = json!({
        "schemaVersion": "2022-07-01",
        "types": ["platform"],
        "destination": { "protocol": "HTTP", "URI": "http://sandbox.localdomain:1" },
    })
    .to_string();
    for (path, reply) in [("telemetry", "OK"), ("telemetry/", "AlreadySubscribed")] {
        let path = format!("PUT /2022-07-01/{path}");
        let (status, _, body) = client.ask(&path, &id, &subscription);
        assert_eq!((status, body), (200, json!(reply)));
    }
    let (status, _, body) = client.ask("PUT /2020-08-15/logs", &id, "{}");
    let kind = json!("Logs.NotSupported");
    assert_eq!((status, &body["errorType"]), (202, &kind));
    assert_eq!(body["errorMessage"], "Logs API is not supported");
}

use super::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

mod extensions;

fn event(id: &str, payload: &[u8]) -> InvocationEvent {
    InvocationEvent {
        id: id.to_owned(),
        function: "arn".to_owned(),
        trace: "trace".to_owned(),
        timeout: Duration::from_secs(3),
        payload: payload.to_vec(),
    }
}

/// A connection to an API.
struct Client(BufReader<TcpStream>);

impl Client {
    fn of(api: &RuntimeApi) -> Self {
        Self(BufReader::new(TcpStream::connect(api.address()).unwrap()))
    }

    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// Status, head and body of the next answer; `None` where the connection ends.
    fn answer(&mut self) -> Option<(u16, String, String)> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))?;
        let mut body = vec![0; length.parse().ok()?];
        self.0.read_exact(&mut body).ok()?;
        Some((status, head, String::from_utf8(body).ok()?))
    }

    fn post(&mut self, path: &str, body: &str) -> u16 {
        self.send(&format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        self.answer().unwrap().0
    }
}

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";

#[track_caller]
fn hear(api: &RuntimeApi) -> RuntimeEvent {
    api.hear(Duration::from_secs(10)).unwrap()
}

#[test]
fn a_question_waits_for_its_event_and_answers_are_heard_in_order() {
    let api = RuntimeApi::open("f").unwrap();
    let mut client = Client::of(&api);
    client.send(NEXT);
    assert!(matches!(hear(&api), RuntimeEvent::Next(_)));
    assert!(api.hear(Duration::from_millis(20)).is_none());
    api.offer(event("a", b"{\"n\":1}"));
    let (status, head, body) = client.answer().unwrap();
    assert_eq!((status, &*body), (200, "{\"n\":1}"));
    assert!(
        head.contains("\r\nLambda-Runtime-Aws-Request-Id: a\r\n"),
        "{head}"
    );
    assert!(matches!(hear(&api), RuntimeEvent::Given(_)));
    assert_eq!(client.post("invocation/a/response", "one"), 202);
    match hear(&api) {
        RuntimeEvent::Response(_, body, false) => assert_eq!(body.bytes, b"one"),
        heard => panic!("{heard:?}"),
    }
}

#[test]
fn an_event_that_is_there_already_is_given_at_once_and_requests_may_be_sent_ahead() {
    let api = RuntimeApi::open("f").unwrap();
    let mut client = Client::of(&api);
    api.offer(event("a", b"1"));
    let response = "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\n\
                    Content-Length: 1\r\n\r\n2";
    client.send(&format!("{NEXT}{response}"));
    assert_eq!(client.answer().unwrap().2, "1");
    assert_eq!(client.answer().unwrap().0, 202);
}

#[test]
fn of_two_that_ask_the_later_is_given_the_event() {
    let api = RuntimeApi::open("f").unwrap();
    let (mut old, mut new) = (Client::of(&api), Client::of(&api));
    for client in [&mut old, &mut new] {
        client.send(NEXT);
        assert!(matches!(hear(&api), RuntimeEvent::Next(_)));
    }
    assert!(old.answer().is_none());
    api.offer(event("a", b"1"));
    assert_eq!(new.answer().unwrap().2, "1");
}

#[test]
fn what_the_api_does_not_have_and_what_is_not_due_is_refused() {
    let api = RuntimeApi::open("f").unwrap();
    let mut client = Client::of(&api);
    for path in ["nothing", "invocation/next", "invocation/a/other", "../x"] {
        assert_eq!(client.post(path, ""), 404, "{path}");
    }
    assert_eq!(client.post("invocation/a/response", ""), 400);
    assert_eq!(client.post("init/error", "{\"errorType\":\"E\"}"), 202);
    assert!(matches!(hear(&api), RuntimeEvent::InitError(error) if error.kind == "E"));
    api.offer(event("a", b"1"));
    client.send(NEXT);
    client.answer().unwrap();
    assert_eq!(client.post("init/error", ""), 403);
    assert_eq!(client.post("invocation/b/error", ""), 400);
    assert_eq!(client.post("invocation/a/error", "oh"), 202);
    assert_eq!(client.post("invocation/a/error", "oh"), 403);
    assert_eq!(client.post("invocation/a/response", ""), 403);
    assert_eq!(client.post("init/error", ""), 403);
    client.send(NEXT);
    while !matches!(hear(&api), RuntimeEvent::Error(..)) {}
    assert!(matches!(hear(&api), RuntimeEvent::Next(_)));
    assert_eq!(Client::of(&api).post("invocation/a/error", "oh"), 400);
}

/// As AWS's own emulator answers, and a client that lost a connection needs.
#[test]
fn who_asks_again_before_an_answer_is_given_the_same_event_with_the_same_deadline() {
    let api = RuntimeApi::open("f").unwrap();
    api.offer(event("a", b"1"));
    let mut first = Client::of(&api);
    first.send(NEXT);
    let given = first.answer().unwrap();
    drop(first);
    let mut again = Client::of(&api);
    again.send(NEXT);
    assert_eq!(again.answer().unwrap(), given);
    assert_eq!(again.post("invocation/a/response", "2"), 202);
    for wanted in ["Next", "Given", "Response"] {
        assert!(format!("{:?}", hear(&api)).starts_with(wanted), "{wanted}");
    }
    assert!(api.hear(Duration::ZERO).is_none());
}

#[test]
fn a_response_in_a_mode_that_is_none_fails_the_event() {
    let api = RuntimeApi::open("f").unwrap();
    api.offer(event("a", b"1"));
    let mut client = Client::of(&api);
    client.send(NEXT);
    client.answer().unwrap();
    client.send(
        "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nContent-Length: 1\r\n\
         Lambda-Runtime-Function-Response-Mode: Streaming\r\n\r\n2",
    );
    let (status, _, body) = client.answer().unwrap();
    assert_eq!(status, 400);
    assert!(body.contains("InvalidFunctionResponseMode"), "{body}");
    hear(&api);
    hear(&api);
    let error = hear(&api);
    assert!(
        matches!(&error, RuntimeEvent::Error(_, error) if error.kind == "Runtime.InvalidResponseModeHeader"),
        "{error:?}"
    );
}

#[test]
fn when_all_is_over_who_waits_is_let_go() {
    let api = RuntimeApi::open("f").unwrap();
    let (mut waiting, mut idle) = (Client::of(&api), Client::of(&api));
    waiting.send(NEXT);
    hear(&api);
    drop(api);
    assert!(waiting.answer().is_none());
    assert!(idle.answer().is_none());
}

#[test]
fn connections_without_end_are_cut_off_and_others_served() {
    let api = RuntimeApi::open("f").unwrap();
    let mut client = Client::of(&api);
    assert_eq!(client.post("nothing", ""), 404);
    let mut many: Vec<_> = (0..200).map(|_| Client::of(&api)).collect();
    assert!(many.last_mut().unwrap().answer().is_none());
    assert_eq!(client.post("nothing", ""), 404);
}

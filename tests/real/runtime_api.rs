//! Lambda's Runtime API for one event.
//!
//! In: a program and an event. Out: the response of the program.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::support::spawn;

const ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const NEXT: &str = "GET /2018-06-01/runtime/invocation/next";

/// The first words of the request, and its body.
#[derive(Debug)]
struct Asked {
    what: String,
    body: String,
}

/// Ends with the test, even if that fails.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a function as Lambda would, sends it one event, and returns its response.
pub(crate) fn invoke(mut program: Command, event: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = program.get_current_dir().unwrap().to_owned();
    let errors = dir.join("stderr");
    program
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            listener.local_addr().unwrap().to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", "function")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/function")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0")
        .env("AWS_REGION", "eu-central-1")
        .env("LAMBDA_TASK_ROOT", &dir)
        .env("_HANDLER", "bootstrap")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&errors).unwrap());
    let (sender, asked) = mpsc::channel();
    // Accepts connections until the test program ends.
    std::thread::spawn(move || {
        let given = Arc::new(AtomicBool::new(false));
        for stream in listener.incoming().flatten() {
            let (sender, given) = (sender.clone(), Arc::clone(&given));
            std::thread::spawn(move || converse(&stream, event, &given, &sender));
        }
    });
    let mut child = Killed(spawn(&mut program));
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut next = || loop {
        match asked.recv_timeout(Duration::from_millis(50)) {
            Ok(asked) => return asked,
            Err(RecvTimeoutError::Disconnected) => panic!("nobody listens any more"),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let ended = child.0.try_wait().unwrap();
        let said = || fs_err::read_to_string(&errors).unwrap_or_default();
        assert!(ended.is_none(), "{program:?} ended: {ended:?}\n{}", said());
        assert!(
            Instant::now() < deadline,
            "{program:?} is silent\n{}",
            said()
        );
    };
    assert_eq!(next().what, NEXT);
    let response = next();
    let path = format!("POST /2018-06-01/runtime/invocation/{ID}/response");
    assert_eq!(response.what, path, "{}", response.body);
    // After its response the function asks for the next event.
    assert_eq!(next().what, NEXT);
    response.body
}

/// One connection. The first request gets the event, later ones wait.
fn converse(
    stream: &TcpStream,
    event: &str,
    given: &AtomicBool,
    sender: &Sender<Asked>,
) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader)? {
        let next = asked.what == NEXT;
        if sender.send(asked).is_err() {
            return Ok(());
        }
        if !next {
            reply(stream, "202 Accepted", "", "{\"status\":\"OK\"}")?;
        } else if !given.swap(true, Ordering::SeqCst) {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let deadline = now.unwrap().as_millis() + 60_000;
            let headers = format!(
                "Lambda-Runtime-Aws-Request-Id: {ID}\r\n\
                 Lambda-Runtime-Deadline-Ms: {deadline}\r\n\
                 Lambda-Runtime-Invoked-Function-Arn: \
                 arn:aws:lambda:eu-central-1:123456789012:function:function\r\n\
                 Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\n"
            );
            reply(stream, "200 OK", &headers, event)?;
        }
    }
    Ok(())
}

fn reply(mut stream: &TcpStream, status: &str, headers: &str, body: &str) -> io::Result<()> {
    let text = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes())
}

/// A request; `None` when the connection ends.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Asked>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    let mut chunked = false;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_lowercase();
        match line.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", value)) => chunked = value == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    loop {
        if chunked {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            length = u64::from_str_radix(size.trim_end(), 16).unwrap();
        }
        reader.take(length).read_to_end(&mut body)?;
        if chunked {
            reader.read_line(&mut String::new())?;
        }
        if !chunked || length == 0 {
            break;
        }
    }
    Ok(Some(Asked {
        what: first.rsplit_once(' ').unwrap().0.to_owned(),
        body: String::from_utf8(body).unwrap(),
    }))
}

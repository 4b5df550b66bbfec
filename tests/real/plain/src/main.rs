//! A function without dependencies: the Runtime API over a plain socket, a thread, and a caught
//! panic, which needs the unwinder.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    loop {
        let next = ask(&api, "GET", "invocation/next", "");
        let id = header(&next, "lambda-runtime-aws-request-id: ");
        let answer = std::thread::spawn(move || work(&next)).join().unwrap();
        ask(&api, "POST", &format!("invocation/{id}/response"), &answer);
    }
}

fn work(next: &str) -> String {
    let (_, event) = next.split_once("\r\n\r\n").unwrap();
    let caught = std::panic::catch_unwind(|| panic!("to be caught")).is_err();
    format!("{{\"event\":{event},\"caught\":{caught}}}")
}

fn header(response: &str, name: &str) -> String {
    let mut lines = response.lines();
    let line = lines.find(|line| line.to_lowercase().starts_with(name));
    line.unwrap()[name.len()..].trim().to_owned()
}

fn ask(api: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(api).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {api}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    // The peer may keep the connection open: the header contains the length.
    let mut response = String::new();
    let mut byte = [0];
    while stream.read(&mut byte).unwrap() == 1 {
        response.push(byte[0].into());
        if let Some((head, body)) = response.split_once("\r\n\r\n") {
            let length: usize = header(head, "content-length: ").parse().unwrap();
            if body.len() == length {
                break;
            }
        }
    }
    response
}

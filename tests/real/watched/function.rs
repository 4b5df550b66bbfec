//! A function without dependencies, so that it compiles quickly. It speaks the Runtime API over
//! one connection. The path of a request says what to do. The file that MODE_FILE names says what
//! to do before the first event.

mod version;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, exit};
use std::thread::sleep;
use std::time::Duration;

use version::VERSION;

const FOREVER: Duration = Duration::from_secs(3600);

fn main() {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut api = BufReader::new(TcpStream::connect(&address).unwrap());
    let mode = std::env::var("MODE_FILE").map(std::fs::read_to_string);
    match mode.ok().and_then(Result::ok).as_deref() {
        Some("exit") => exit(7),
        Some("hang") => sleep(FOREVER),
        Some("error") => {
            let error = r#"{"errorType":"NoTable","errorMessage":"there is no table"}"#;
            ask(&mut api, "POST", "init/error", error);
            exit(1);
        }
        _ => {}
    }
    loop {
        let (id, event) = ask(&mut api, "GET", "invocation/next", "");
        let path = event.split("\"rawPath\":\"").nth(1).unwrap_or("/");
        let path = path.split('"').next().unwrap();
        let mut words = path[1..].splitn(2, '/');
        let (word, rest) = (words.next().unwrap(), words.next().unwrap_or_default());
        let body = work(word, rest);
        ask(&mut api, "POST", &format!("invocation/{id}/response"), &format!("{body:?}"));
    }
}

/// Returns the body of the response.
fn work(word: &str, rest: &str) -> String {
    let number = || rest.split('/').next().unwrap().parse().unwrap();
    match word {
        "panic" => panic!("no more orders"),
        "exit" => exit(rest.parse().unwrap()),
        "kill" => {
            let own = std::process::id().to_string();
            Command::new("kill").args(["-KILL", &own]).status().unwrap();
            sleep(FOREVER);
        }
        // A second number is the size of the body.
        "sleep" => {
            sleep(Duration::from_millis(number()));
            if let Some((_, size)) = rest.split_once('/') {
                return "x".repeat(size.parse().unwrap());
            }
        }
        // Until a file exists.
        "until" => {
            while !std::path::Path::new(rest).exists() {
                sleep(Duration::from_millis(10));
            }
        }
        // It holds stdout and the connection open.
        "grandchild" => {
            return Command::new("sleep").arg("3600").spawn().unwrap().id().to_string();
        }
        // It ends before the response, and leaves a process behind.
        "orphan" => {
            Command::new("sleep").arg("3600").spawn().unwrap();
            exit(0);
        }
        "fails-in" => assert!(rest != VERSION, "a wrong version"),
        "greeting" => return include_str!("greeting.txt").to_owned(),
        "end-later" => {
            std::thread::spawn(|| {
                sleep(Duration::from_millis(50));
                exit(0);
            });
        }
        "print" => {
            let line = "0123456789".repeat(100) + "\n";
            let mut stdout = std::io::stdout().lock();
            for _ in 0..number() / 1001 {
                stdout.write_all(line.as_bytes()).unwrap();
            }
        }
        "print-always" => {
            std::thread::spawn(|| {
                loop {
                    println!("still here");
                }
            });
        }
        _ => {}
    }
    VERSION.to_owned()
}

/// Returns the request ID and the body of a response.
fn ask(api: &mut BufReader<TcpStream>, method: &str, path: &str, body: &str) -> (String, String) {
    let request = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    api.get_mut().write_all(request.as_bytes()).unwrap();
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        api.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            Some((name, value)) if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") => {
                id = value.to_owned();
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    api.read_exact(&mut body).unwrap();
    (id, String::from_utf8(body).unwrap())
}

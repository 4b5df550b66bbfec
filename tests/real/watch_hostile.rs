//! Hostile input on both doors of `watch`: every request is rejected clearly, memory is bounded,
//! and the server still answers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::support::tell;
use super::watch_idle::peak_memory_mb;
use super::watch_scene::{NAME, Scene, Watched, assert_text};
use super::watching::Watching;

/// What comes back for these bytes, until the connection ends. `is_half_closed` ends our side.
fn send(port: u16, bytes: &[u8], is_half_closed: bool) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // The server may close the connection before it has read everything.
    let _ = stream.write_all(bytes);
    if is_half_closed {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => answer.extend(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}: {:?}", String::from_utf8_lossy(bytes)),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with a valid start.
fn get(rest: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{rest}").into_bytes()
}

fn post(rest: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{rest}").into_bytes()
}

/// A request for this target and host.
fn target(target: &str, host: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Requests and the statuses that are allowed for them. 0 is a closed connection.
fn requests() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let long = |count: usize| "a".repeat(count);
    let headers = |count: usize| {
        (0..count)
            .map(|n| format!("x-{n}: y\r\n"))
            .collect::<String>()
    };
    vec![
        ("truncated head", b"GET / HT".to_vec(), &[0]),
        (
            "TLS",
            [&b"\x16\x03\x01\x02\x00\x01\x00"[..], &[1; 200]].concat(),
            &[400],
        ),
        (
            "HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            &[0, 400],
        ),
        ("HTTP/0.9", b"GET /\r\n\r\n".to_vec(), &[400]),
        (
            "HTTP/1.0",
            b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n".to_vec(),
            &[200],
        ),
        (
            "HTTP/1.0 without a host",
            b"GET / HTTP/1.0\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            "no host",
            b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(),
            &[400],
        ),
        ("two hosts", get("Host: evil.example\r\n\r\n"), &[400]),
        ("empty host", target("/", ""), &[400]),
        ("another site", target("/", "evil.example"), &[403]),
        (
            "another site, a function of ours",
            target("/", "hello.localhost.evil.example"),
            &[403],
        ),
        ("invalid port", target("/", "localhost:99999"), &[403]),
        ("missing function", target("/", "other.localhost"), &[404]),
        (
            "URI of another site",
            target("http://evil.example/", "localhost"),
            &[403],
        ),
        (
            "URI with a user",
            target("http://localhost@evil.example/", "localhost"),
            &[403],
        ),
        (
            "URI of this site",
            target("http://localhost/", "localhost"),
            &[200],
        ),
        (
            "a proxy",
            b"CONNECT a:80 HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            "no path",
            b"OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(),
            &[400],
        ),
        ("relative path", target("hello", "localhost"), &[400, 403]),
        (
            "parent folders",
            target("/lambda-url/../../etc/passwd", "localhost"),
            &[404],
        ),
        ("NUL in the path", target("/a\0b", "localhost"), &[400]),
        (
            "encoded NUL",
            target("/lambda-url/%00", "localhost"),
            &[404],
        ),
        (
            "invalid percent-encoding",
            target("/lambda-url/%zz", "localhost"),
            &[404],
        ),
        (
            "encoded invalid UTF-8",
            target("/lambda-url/%ff", "localhost"),
            &[404],
        ),
        (
            "long path",
            target(&format!("/{}", long(200_000)), "localhost"),
            &[414],
        ),
        (
            "huge path",
            target(&format!("/{}", long(10_000_000)), "localhost"),
            &[414, 431],
        ),
        ("many headers", get(&(headers(200) + "\r\n")), &[431]),
        (
            "huge headers",
            get(&format!("x: {}\r\n\r\n", long(5_000_000))),
            &[431],
        ),
        ("endless headers", get(&headers(200_000)), &[431]),
        ("header without a colon", get("hello\r\n\r\n"), &[400]),
        ("folded header", get("x: a\r\n b\r\n\r\n"), &[400]),
        ("NUL in a header", get("x: a\0b\r\n\r\n"), &[400]),
        (
            "negative length",
            post("Content-Length: -1\r\n\r\n"),
            &[400],
        ),
        (
            "huge length",
            post("Content-Length: 99999999999999999999\r\n\r\n"),
            &[400],
        ),
        (
            "two lengths",
            post("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"),
            &[400],
        ),
        (
            "truncated body",
            post("Content-Length: 9999999999\r\n\r\nhello"),
            &[400],
        ),
        (
            "truncated chunk",
            post("Transfer-Encoding: chunked\r\n\r\nff\r\nhello"),
            &[400],
        ),
        (
            "invalid chunk",
            post("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
            &[400],
        ),
        (
            "unknown encoding",
            post("Transfer-Encoding: gzip\r\n\r\n{}"),
            &[400],
        ),
        (
            "chunk with a huge extension",
            post(&format!(
                "Transfer-Encoding: chunked\r\n\r\n2;{}\r\n",
                long(1_000_000)
            )),
            &[400],
        ),
        (
            "many trailers",
            post(&format!(
                "Transfer-Encoding: chunked\r\n\r\n0\r\n{}\r\n",
                headers(5000)
            )),
            &[400],
        ),
        (
            "large body",
            post(&format!(
                "Content-Length: 7000000\r\n\r\n{}",
                long(7_000_000)
            )),
            &[413],
        ),
        (
            "WebSocket",
            get("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"),
            &[200],
        ),
        (
            "pipelining",
            [
                b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
                get("\r\n"),
            ]
            .concat(),
            &[200],
        ),
        ("binary", (0..=255).cycle().take(10_000).collect(), &[400]),
    ]
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    status.unwrap_or(0)
}

#[test]
fn invalid_requests_are_rejected_and_memory_is_bounded() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    let watching = scene.watch(&["--timeout", "20"]);
    assert_text(&watching, "/", "0");
    for (name, bytes, allowed) in requests() {
        let answer = send(watching.port, &bytes, name.starts_with("truncated"));
        let status = status(&answer);
        assert!(allowed.contains(&status), "{name}: {status} {answer:?}");
    }
    runtime_api(&watching);
    assert_text(&watching, "/", "0");
    many_connections(&watching);
    assert_text(&watching, "/", "0");
    large_bodies(&watching);
    assert_text(&watching, "/", "0");
    let peak = peak_memory_mb(watching.pid());
    tell(&format!("peak memory {peak} MB"));
    assert!(peak < 400, "{peak} MB");
    let stderr = watching.stderr();
    assert!(!stderr.contains("panicked"), "{stderr}");
    watching.end();
}

/// A function may send anything, and another process may do so as well.
fn runtime_api(watching: &Watching) {
    let instance = watching.instances()[0].as_raw_nonzero();
    let environment = fs_err::read(format!("/proc/{instance}/environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    let mut variables = environment.split('\0');
    let address = variables.find_map(|it| it.strip_prefix("AWS_LAMBDA_RUNTIME_API="));
    let port = address
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let next = "/2018-06-01/runtime/invocation/next";
    let response = |rest: &str| {
        let path = "/2018-06-01/runtime/invocation/other/response";
        let head = "Host: localhost\r\nConnection: close\r\n";
        format!("POST {path} HTTP/1.1\r\n{head}{rest}").into_bytes()
    };
    for (name, bytes, expected) in [
        ("another site", target(next, "evil.example"), 403),
        (
            "another path",
            target("/2018-06-01/runtime/../../etc", "localhost"),
            404,
        ),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\xff\xff".to_vec(), 400),
        (
            "unknown event",
            response("Content-Length: 2\r\n\r\n{}"),
            400,
        ),
        (
            "two lengths",
            response("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"),
            400,
        ),
        ("many headers", response(&"x: y\r\n".repeat(300)), 431),
        (
            "huge headers",
            response(&"x: yyyyyyyyy\r\n".repeat(500_000)),
            431,
        ),
        (
            "huge body",
            response(&format!(
                "Content-Length: 210000000\r\n\r\n{}",
                "x".repeat(210_000_000)
            )),
            413,
        ),
    ] {
        let answer = send(port, &bytes, false);
        assert_eq!(status(&answer), expected, "{name}: {answer:?}");
        assert_text(watching, "/", "0");
    }
    let connections: Vec<_> = (0..300)
        .map(|_| TcpStream::connect(("127.0.0.1", port)))
        .collect();
    assert_text(watching, "/", "0");
    drop(connections);
}

/// Ten thousand connections with slow headers, a thousand at a time.
fn many_connections(watching: &Watching) {
    for _ in 0..10 {
        let mut connections = Vec::new();
        for _ in 0..1000 {
            // The own limit of open files may be reached.
            let Ok(mut stream) = TcpStream::connect(("127.0.0.1", watching.port)) else {
                break;
            };
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: loc");
            connections.push(stream);
        }
        assert!(connections.len() > 400, "{}", connections.len());
    }
    std::thread::sleep(Duration::from_millis(300));
    let fds = fs_err::read_dir(format!("/proc/{}/fd", watching.pid().as_raw_nonzero())).unwrap();
    assert!(fds.count() < 200);
}

/// Bodies that never become complete hold only some memory.
fn large_bodies(watching: &Watching) {
    let before = peak_memory_mb(watching.pid());
    let target = format!("/2015-03-31/functions/{NAME}/invocations");
    let head =
        format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000001\r\n\r\n");
    let body = vec![b'x'; 6_000_000];
    let connections: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", watching.port)).unwrap();
            stream
                .set_write_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            let _ = stream.write_all(head.as_bytes());
            // The server does not read all of them.
            let _ = stream.write_all(&body);
            stream
        })
        .collect();
    assert_text(watching, "/", "0");
    tell(&format!(
        "peak memory {before} MB, with bodies {} MB",
        peak_memory_mb(watching.pid())
    ));
    drop(connections);
}

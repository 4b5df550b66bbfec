//! Lambda's API for one function called `prod`, as far as the AWS CLI uses it here and moto
//! does not implement it. <https://docs.aws.amazon.com/lambda/latest/api/>

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The server. It ends with the test program.
pub(crate) struct Server {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

/// `how` controls the server: `progress` is the number of times that an update is reported as
/// in progress; `refuse` lists the errors to return first; `error` is the function error;
/// `hang` makes invocations never end.
struct State {
    how: Value,
    function: Value,
    looks: u64,
    cold: bool,
    asked: Vec<String>,
}

impl Server {
    pub(crate) fn start(how: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            how,
            function: json!({
                "FunctionName": "prod",
                "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:prod",
                "Runtime": "provided.al2023", "PackageType": "Zip", "Version": "$LATEST",
                "Architectures": ["x86_64"], "CodeSha256": "old=", "MemorySize": 256,
                "Timeout": 3, "RevisionId": "r", "LastUpdateStatus": "Successful",
                "Environment": { "Variables": { "KEEP": "s3cr3t" } },
            }),
            looks: 0,
            cold: false,
            asked: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A client may be killed at any time.
                std::thread::spawn(move || converse(stream, &state).unwrap_or_default());
            }
        });
        Self { address, state }
    }

    pub(crate) fn set(&self, how: Value) {
        self.state.lock().unwrap().how = how;
    }

    /// The current configuration of the function.
    pub(crate) fn function(&self) -> Value {
        self.state.lock().unwrap().function.clone()
    }

    /// The requests so far, such as `PUT configuration`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.asked().iter().any(|one| one == what) {
            assert!(Instant::now() < deadline, "never: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn converse(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    let [method, path, _] = &words[..] else {
        return Ok(());
    };
    let last = path.split('?').next().unwrap().rsplit('/').next().unwrap();
    let what = format!("{method} {last}");
    let (mut length, mut continues) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        continues |= header.starts_with("expect: 100-continue");
    }
    if continues {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, headers, body) = {
        let mut state = state.lock().unwrap();
        state.asked.push(what.clone());
        state.answer(&what, &body)
    };
    if status == 0 {
        // Waits until the client disconnects.
        return stream.read(&mut [0]).map(|_| ());
    }
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

impl State {
    /// Status, headers, and body; status 0 means no response.
    fn answer(&mut self, what: &str, body: &[u8]) -> (u16, String, String) {
        if let Some(refusals) = self.how["refuse"][what].as_array_mut()
            && !refusals.is_empty()
        {
            let refusal = refusals.remove(0);
            let (status, code) = (refusal[0].as_u64().unwrap(), refusal[1].as_str().unwrap());
            let headers = format!("x-amzn-ErrorType: {code}\r\n");
            let body = json!({ "Type": "User", "message": "It was told to refuse" });
            return (u16::try_from(status).unwrap(), headers, body.to_string());
        }
        match what {
            "GET configuration" => {
                if self.looks > 0 {
                    self.looks -= 1;
                } else {
                    self.function["LastUpdateStatus"] = json!("Successful");
                }
                (200, String::new(), self.function.to_string())
            }
            "PUT configuration" => {
                let change: Value = serde_json::from_slice(body).unwrap();
                let now = self.function["RevisionId"].clone();
                assert!(change["RevisionId"].is_null() || change["RevisionId"] == now);
                for field in ["Environment", "MemorySize"] {
                    if !change[field].is_null() {
                        self.function[field] = change[field].clone();
                    }
                }
                let revision = format!("{}+", now.as_str().unwrap());
                self.function["RevisionId"] = json!(revision);
                self.function["LastUpdateStatus"] = json!("InProgress");
                self.looks = self.how["progress"].as_u64().unwrap_or(0);
                self.cold = true;
                (200, String::new(), self.function.to_string())
            }
            "POST invocations" if self.how["hang"] == true => (0, String::new(), String::new()),
            "POST invocations" => self.invoke(),
            other => panic!("nobody taught me {other}"),
        }
    }

    fn invoke(&mut self) -> (u16, String, String) {
        // As on Lambda, the old environment answers until an update is complete.
        let done = self.function["LastUpdateStatus"] == "Successful";
        let init = if std::mem::take(&mut self.cold) && done {
            "Init Duration: 100.00 ms\t"
        } else {
            ""
        };
        let memory = &self.function["MemorySize"];
        let log = format!(
            "START RequestId: r Version: $LATEST\nEND RequestId: r\nREPORT RequestId: r\t\
             Duration: 2.72 ms\tBilled Duration: 103 ms\tMemory Size: {memory} MB\t\
             Max Memory Used: 20 MB\t{init}\n"
        );
        let mut headers = format!("X-Amz-Log-Result: {}\r\n", STANDARD.encode(log));
        headers += "X-Amz-Executed-Version: $LATEST\r\n";
        let error = &self.how["error"];
        if error.is_null() {
            return (200, headers, "{}".to_owned());
        }
        headers += "X-Amz-Function-Error: Unhandled\r\n";
        (200, headers, error.to_string())
    }
}

//! `--max-concurrency`: functions that handle several events at the same time in one process.

use std::time::Instant;

use serde_json::json;

use super::http_client::request;
use super::support::tell;
use super::watch_application::Application;

/// The events at the same time.
const EVENTS: usize = 8;

#[test]
fn one_process_handles_eight_events_at_once() {
    let count = EVENTS.to_string();
    let Some(application) = Application::start("", &["--max-concurrency", &count]) else {
        return;
    };
    let port = application.watching.port;
    for function in ["users", "orders"] {
        let target = format!("/2015-03-31/functions/{function}/invocations");
        let event = json!({ "together": EVENTS }).to_string();
        // A function runs for a second after it has received all events. The second round needs
        // no start.
        for round in 1..=2 {
            let start = Instant::now();
            let answers: Vec<_> = std::thread::scope(|scope| {
                let send = || request(port, "POST", &target, &[], event.as_bytes());
                let threads: Vec<_> = (0..EVENTS).map(|_| scope.spawn(send)).collect();
                threads.into_iter().map(|thread| thread.join()).collect()
            });
            let took = start.elapsed();
            let mut processes = Vec::new();
            for answer in answers {
                let answer = answer.unwrap().unwrap();
                assert_eq!(answer.head.status, 200, "{answer:?}");
                let answer = answer.json();
                assert_eq!(answer["together"], EVENTS, "{answer}");
                processes.push(answer["pid"].as_u64().unwrap());
            }
            processes.dedup();
            assert_eq!(processes.len(), 1, "{processes:?}");
            tell(&format!(
                "round {round} of {function}: {EVENTS} events of one second took {took:?}"
            ));
        }
    }
    let events = application.watching.events();
    let started = events
        .iter()
        .filter(|event| event["event"] == "instance-started");
    assert_eq!(started.count(), 2, "{events:#?}");
    application.end();
}

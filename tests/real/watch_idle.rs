//! `watch` costs nothing while nothing happens.

use std::time::Duration;

use rustix::process::Pid;

use super::support::tell;
use super::watch_scene::{NAME, Scene, Watched, call};

/// A line of a file in `/proc`, without its name.
fn status(pid: Pid, name: &str) -> String {
    let path = format!("/proc/{}/status", pid.as_raw_nonzero());
    let text = fs_err::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().to_owned()
}

pub(crate) fn peak_memory_mb(pid: Pid) -> u64 {
    let peak = status(pid, "VmHWM:");
    peak.strip_suffix(" kB").unwrap().parse::<u64>().unwrap() / 1024
}

/// The CPU time of a process so far, in ticks of 10 ms.
fn ticks(pid: Pid) -> u64 {
    let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let text = fs_err::read_to_string(path).unwrap();
    // The name in parentheses can contain spaces.
    let (_, rest) = text.rsplit_once(')').unwrap();
    let fields: Vec<_> = rest.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn fifty_functions_and_idle_instances_need_no_time() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    for number in 0..49 {
        scene
            .project
            .write(&format!("src/bin/idle{number}.rs"), "fn main() {}");
    }
    let watching = scene.watch(&[]);
    let listening = watching.wait_for("listening", |_| true);
    assert_eq!(listening["functions"].as_array().unwrap().len(), 50);
    watching.wait_for("built", |_| true);
    let idle = |what: &str| {
        std::thread::sleep(Duration::from_secs(1));
        let before = ticks(watching.pid());
        std::thread::sleep(Duration::from_secs(10));
        let used = ticks(watching.pid()) - before;
        tell(&format!("{what}: {} ms of CPU time in 10 s", used * 10));
        assert!(used <= 1, "{what}: {used} ticks");
    };
    idle("no instance");
    let port = watching.port;
    let requests: Vec<_> = (0..5)
        .map(|_| {
            let target = format!("/lambda-url/{NAME}/sleep/300");
            std::thread::spawn(move || call(port, "GET", &target, &[], b""))
        })
        .collect();
    for request in requests {
        assert_eq!(request.join().unwrap().status, 200);
    }
    assert!(watching.instances().len() >= 5);
    // A connection that is kept open by its client.
    let _open = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    idle("five instances");
    watching.end();
}

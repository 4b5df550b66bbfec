//! A function that is served while its program changes.
//!
//! In: programs and failures of builds, and calls. Out: the reply to a call, from the program
//! that was current when the call was sent, or from the next one if a build had started before.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::emulator::pool::{Call, CallReply, InstancePool, Observer, PoolOptions, WhenBusy};

/// Whether a function can be called.
#[derive(Debug, Clone)]
enum ProgramState {
    /// A change has been noticed. Calls wait for the new program.
    Building,
    Ready,
    Failed(Arc<BuildFailure>),
}

/// Why there is no program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildFailure {
    /// The compiler's messages, without colors.
    pub text: String,
}

/// Why a call did not reach the function.
#[derive(Debug)]
pub(crate) enum NotServed {
    BuildFailed(Arc<BuildFailure>),
    /// The build took longer than this.
    StillBuilding(Duration),
}

/// A function, its program, and its instances.
pub(crate) struct ServedFunction {
    pool: Arc<InstancePool>,
    state: watch::Sender<ProgramState>,
    /// How long calls wait for a build.
    wait: Duration,
}

impl ServedFunction {
    /// Creates a function whose first program is not built yet.
    pub(crate) fn new(options: PoolOptions, wait: Duration, observer: Observer) -> Self {
        Self {
            pool: InstancePool::new(options, observer),
            state: watch::Sender::new(ProgramState::Building),
            wait,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.pool.options().function
    }

    pub(crate) const fn pool(&self) -> &Arc<InstancePool> {
        &self.pool
    }

    /// Lets calls wait from now on.
    pub(crate) fn set_building(&self) {
        self.state.send_replace(ProgramState::Building);
    }

    /// Serves calls again, with the current program of the pool.
    pub(crate) fn set_ready(&self) {
        self.state.send_replace(ProgramState::Ready);
    }

    /// Answers calls with the messages of the compiler.
    pub(crate) fn set_failed(&self, failure: BuildFailure) {
        self.state
            .send_replace(ProgramState::Failed(Arc::new(failure)));
    }

    /// Answers calls with this failure if they wait for a build.
    pub(crate) fn cancel_build(&self, failure: BuildFailure) {
        self.state.send_if_modified(|state| {
            let is_building = matches!(state, ProgramState::Building);
            if is_building {
                *state = ProgramState::Failed(Arc::new(failure));
            }
            is_building
        });
    }

    /// Waits for the program, then sends an event to it.
    pub(crate) async fn call(&self, mut call: Call) -> Result<CallReply, NotServed> {
        let mut state = self.state.subscribe();
        let is_built = |state: &ProgramState| !matches!(state, ProgramState::Building);
        if !is_built(&state.borrow()) && call.when_busy == WhenBusy::Reject {
            // All calls that wait for the build go on at the same time, so there may be more of
            // them than instances.
            call.when_busy = WhenBusy::WaitUntil(Instant::now() + self.wait);
        }
        let state = match tokio::time::timeout(self.wait, state.wait_for(is_built)).await {
            Ok(Ok(state)) => state.clone(),
            // The sender lives as long as the function.
            Ok(Err(_)) | Err(_) => return Err(NotServed::StillBuilding(self.wait)),
        };
        match state {
            ProgramState::Failed(failure) => Err(NotServed::BuildFailed(failure)),
            ProgramState::Building | ProgramState::Ready => Ok(self.pool.call(call).await),
        }
    }
}

/// All functions, by name.
#[derive(Default)]
pub(crate) struct ServedFunctions(RwLock<BTreeMap<String, Arc<ServedFunction>>>);

impl ServedFunctions {
    pub(crate) fn add(&self, function: Arc<ServedFunction>) {
        let mut functions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        functions.insert(function.name().to_owned(), function);
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<ServedFunction>> {
        let functions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        functions.get(name).cloned()
    }

    /// The function with a name in a host, which is case-insensitive.
    pub(crate) fn get_ignoring_case(&self, name: &str) -> Option<Arc<ServedFunction>> {
        self.get(name).or_else(|| {
            self.all()
                .into_iter()
                .find(|function| function.name().eq_ignore_ascii_case(name))
        })
    }

    /// The only function, if there is exactly one.
    pub(crate) fn only(&self) -> Option<Arc<ServedFunction>> {
        let functions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let only = functions.values().next();
        only.filter(|_| functions.len() == 1).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<ServedFunction>> {
        let functions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        functions.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::path::PathBuf;
    use std::sync::Mutex;

    use super::*;
    use crate::emulator::InstanceCommands;
    use crate::emulator::pool::{Observer, PoolEvent, Program};
    use crate::emulator::test_client::TestClient;
    use crate::system::process::test_program::test_program;

    const FUNCTION: &str = "emulator::served_function::tests::program_that_answers_after_50_ms";

    #[test]
    #[ignore = "a program that other tests start"]
    fn program_that_answers_after_50_ms() {
        let Some(mut client) = TestClient::connect() else {
            return;
        };
        loop {
            let id = client.next_event();
            std::thread::sleep(Duration::from_millis(50));
            client.respond(&id, "1");
        }
    }

    /// A function with one instance, whose first program is not built yet.
    fn function(wait: Duration) -> Arc<ServedFunction> {
        observed_function(wait, Arc::new(|_| {}))
    }

    fn observed_function(wait: Duration, observer: Observer) -> Arc<ServedFunction> {
        let options = PoolOptions {
            function: "f".to_owned(),
            memory_mb: 128,
            timeout: Duration::from_secs(20),
            init_limit: Duration::from_secs(20),
            concurrency: 1,
            events_per_instance: 1,
        };
        Arc::new(ServedFunction::new(options, wait, observer))
    }

    fn program(number: u64) -> Program {
        Program {
            commands: Arc::new(commands),
            number,
        }
    }

    fn commands(api: SocketAddr) -> InstanceCommands {
        let spec = test_program(FUNCTION, &std::env::temp_dir());
        InstanceCommands {
            function: spec.env("AWS_LAMBDA_RUNTIME_API", api.to_string()),
            extensions: Vec::new(),
        }
    }

    fn call(id: u32) -> Call {
        Call {
            request_id: id.to_string(),
            ..Call::default()
        }
    }

    fn is_response(reply: &Result<CallReply, NotServed>) -> bool {
        matches!(reply, Ok(CallReply::Response(..)))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn all_calls_that_wait_for_a_build_are_served_and_later_ones_are_rejected() {
        let function = function(Duration::from_secs(60));
        let calls: Vec<_> = (0..8)
            .map(|id| {
                let function = Arc::clone(&function);
                tokio::spawn(async move { function.call(call(id)).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        function.pool().replace_program(Some(program(1)));
        function.set_ready();
        tokio::time::sleep(Duration::from_millis(20)).await;
        // It comes while the others wait.
        let during = function.call(call(8)).await;
        assert!(is_response(&during), "{during:?}");
        for call in calls {
            let reply = call.await.unwrap();
            assert!(is_response(&reply), "{reply:?}");
        }
        let busy = function.call(call(9));
        let also = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            function.call(call(10)).await
        };
        let (busy, rejected) = tokio::join!(busy, also);
        assert!(is_response(&busy), "{busy:?}");
        assert!(matches!(rejected, Ok(CallReply::Throttled)), "{rejected:?}");
        function.pool().replace_program(None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_that_is_replaced_while_it_starts_is_started_again() {
        let started = Arc::new(Mutex::new(Vec::new()));
        let observer = {
            let started = Arc::clone(&started);
            Arc::new(move |event: PoolEvent<'_>| {
                if let PoolEvent::Started { process_id, .. } = event {
                    started.lock().unwrap().push(process_id.unwrap());
                }
            })
        };
        let function = observed_function(Duration::ZERO, observer);
        let pool = Arc::clone(function.pool());
        let replaced = Program {
            commands: Arc::new(move |api| {
                pool.replace_program(Some(program(2)));
                commands(api)
            }),
            number: 1,
        };
        function.pool().replace_program(Some(replaced));
        function.set_ready();
        function.pool().start_one().await;
        let processes = started.lock().unwrap().clone();
        assert_eq!(processes.len(), 2, "{processes:?}");
        let reply = function.call(call(0)).await;
        assert!(is_response(&reply), "{reply:?}");
        assert_eq!(started.lock().unwrap().len(), 2);
        if cfg!(target_os = "linux") {
            let first = PathBuf::from(format!("/proc/{}", processes[0]));
            let ends = async {
                while first.exists() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let ended = tokio::time::timeout(Duration::from_secs(20), ends).await;
            assert!(ended.is_ok(), "the replaced program still runs");
        }
        function.pool().replace_program(None);
    }

    #[tokio::test]
    async fn a_call_waits_for_a_build_only_as_long_as_allowed() {
        let late = function(Duration::from_millis(20));
        let reply = late.call(call(0)).await;
        assert!(
            matches!(reply, Err(NotServed::StillBuilding(_))),
            "{reply:?}"
        );

        let canceled = function(Duration::from_secs(60));
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            canceled.cancel_build(BuildFailure {
                text: "no".to_owned(),
            });
        };
        let (reply, ()) = tokio::join!(canceled.call(call(0)), cancel);
        assert!(matches!(reply, Err(NotServed::BuildFailed(_))), "{reply:?}");
    }
}

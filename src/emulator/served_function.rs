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
        match &self.all()[..] {
            [only] => Some(Arc::clone(only)),
            _ => None,
        }
    }

    pub(crate) fn all(&self) -> Vec<Arc<ServedFunction>> {
        let functions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        functions.values().cloned().collect()
    }
}

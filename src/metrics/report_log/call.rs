//! One invocation as Lambda reports it, and its `REPORT` line.

use std::fmt;

use serde::Serialize;

use crate::lambda::Arch;
use crate::metrics::report_log::time::Timestamp;

/// Where an invocation was measured. Statistics never mix the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasurementSource {
    #[default]
    Aws,
    /// On this machine, whose times cannot be compared with Lambda's.
    Local,
}

impl MeasurementSource {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Local => "local",
        }
    }
}

/// One invocation. A value that the report does not contain is `None`, never 0.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReportedCall {
    pub name: Option<String>,
    pub source: MeasurementSource,
    /// The ID of the request. A retry keeps it.
    pub request_id: Option<String>,
    /// When the report was written.
    pub time: Option<Timestamp>,
    /// Only our own tables contain the architecture.
    pub arch: Option<Arch>,
    /// The configured memory, in MB.
    pub memory_mb: Option<u64>,
    /// The duration of the handler, in ms.
    pub duration_ms: f64,
    /// The billed duration, in ms.
    pub billed_ms: Option<u64>,
    /// The peak of the memory used, in MB.
    pub max_memory_mb: Option<u64>,
    /// The duration of the init, in ms. Only cold starts have one.
    pub init_ms: Option<f64>,
    /// How long it took to restore a snapshot, in ms. There is no init then.
    pub restore_ms: Option<f64>,
    /// The billed part of the restore, in ms.
    pub billed_restore_ms: Option<u64>,
    /// `timeout` or `error`. Reports in JSON also have `success`.
    pub status: Option<String>,
    pub error_type: Option<String>,
}

impl ReportedCall {
    /// Whether Lambda created the execution environment for this call.
    pub(crate) const fn is_cold(&self) -> bool {
        self.init_ms.is_some()
    }

    /// Whether Lambda reported a failure.
    pub(crate) fn has_failed(&self) -> bool {
        self.error_type.is_some()
            || self
                .status
                .as_deref()
                .is_some_and(|status| status != "success")
    }
}

/// The `REPORT` line as Lambda writes it, with tabs, without a line break.
impl fmt::Display for ReportedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.request_id.as_deref().unwrap_or_default();
        write!(f, "REPORT RequestId: {id}\t")?;
        write!(f, "Duration: {:.2} ms\t", self.duration_ms)?;
        for (label, value, unit) in [
            ("Billed Duration", self.billed_ms, "ms"),
            ("Memory Size", self.memory_mb, "MB"),
            ("Max Memory Used", self.max_memory_mb, "MB"),
        ] {
            if let Some(value) = value {
                write!(f, "{label}: {value} {unit}\t")?;
            }
        }
        if let Some(init) = self.init_ms {
            write!(f, "Init Duration: {init:.2} ms\t")?;
        }
        if let Some(restore) = self.restore_ms {
            write!(f, "Restore Duration: {restore:.2} ms\t")?;
        }
        if let Some(billed) = self.billed_restore_ms {
            write!(f, "Billed Restore Duration: {billed} ms\t")?;
        }
        if let Some(status) = self.status.as_deref().filter(|status| *status != "success") {
            write!(f, "Status: {status}")?;
            if let Some(error) = &self.error_type {
                write!(f, "\tError Type: {error}")?;
            }
        }
        Ok(())
    }
}

/// An init that failed. Lambda reports it apart from a call.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct FailedInit {
    pub name: Option<String>,
    /// When the report was written.
    pub time: Option<Timestamp>,
    /// The duration of the init, in ms.
    pub init_ms: f64,
    /// `init`, or `invoke` if Lambda repeated the init in a call.
    pub phase: Option<String>,
    pub status: Option<String>,
    pub error_type: Option<String>,
}

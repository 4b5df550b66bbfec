//! One call, as Lambda reports it; written as Lambda writes it.

use std::fmt;

use serde::Serialize;

use crate::lambda::Arch;
use crate::metrics::report_log::time::Timestamp;

/// Where something was measured: the two are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasurementSource {
    #[default]
    Aws,
    /// On a machine here, which foretells nothing about Lambda.
    Local,
}

impl MeasurementSource {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Local => "local",
        }
    }
}

/// One call. What a report does not say is `None`, never 0.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReportedCall {
    pub name: Option<String>,
    pub source: MeasurementSource,
    /// Lambda's id of the request; one that is tried again keeps it.
    pub request_id: Option<String>,
    /// When it was reported.
    pub time: Option<Timestamp>,
    /// The architecture, which no report says.
    pub arch: Option<Arch>,
    /// The memory that was configured, in MB.
    pub memory_mb: Option<u64>,
    /// How long the handler took, in ms.
    pub duration_ms: f64,
    /// What is billed, in ms.
    pub billed_ms: Option<u64>,
    /// The most memory that was used, in MB.
    pub max_memory_mb: Option<u64>,
    /// How long the init took, in ms: there in a cold start, and only there.
    pub init_ms: Option<f64>,
    /// How long it took to restore a snapshot, in ms; there is no init then.
    pub restore_ms: Option<f64>,
    /// What of that is billed, in ms.
    pub billed_restore_ms: Option<u64>,
    /// `timeout` or `error`, as Lambda says; JSON also says `success`.
    pub status: Option<String>,
    pub error_type: Option<String>,
}

impl ReportedCall {
    /// Whether the environment was made for it.
    pub(crate) const fn is_cold(&self) -> bool {
        self.init_ms.is_some()
    }

    /// Whether it failed in a way that Lambda noticed.
    pub(crate) fn has_failed(&self) -> bool {
        let well = |status: &str| status == "success";
        self.error_type.is_some() || self.status.as_deref().is_some_and(|word| !well(word))
    }

    /// Reads one `REPORT` line, without anything before it.
    pub fn from_line(line: &str) -> Result<Self, String> {
        super::fields::call(line.trim())
    }
}

/// The `REPORT` line, as Lambda writes it, with tabs, and without the end of the line.
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
        if let Some(status) = self.status.as_deref().filter(|word| *word != "success") {
            write!(f, "Status: {status}")?;
            if let Some(error) = &self.error_type {
                write!(f, "\tError Type: {error}")?;
            }
        }
        Ok(())
    }
}

/// An init that Lambda reports apart from a call, because it failed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct FailedInit {
    pub name: Option<String>,
    /// When it was reported.
    pub time: Option<Timestamp>,
    /// How long it took, in ms.
    pub init_ms: f64,
    /// `init`, or `invoke` where it was tried again in a call.
    pub phase: Option<String>,
    pub status: Option<String>,
    pub error_type: Option<String>,
}

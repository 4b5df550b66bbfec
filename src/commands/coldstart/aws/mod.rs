//! Measures cold starts of a function on AWS, as Lambda reports them.
//!
//! In: the name of a function, the number of starts, and the memory sizes. Out:
//! [`measurement::AwsMeasurement`] with a
//! [`ReportedCall`](crate::metrics::report_log::ReportedCall) for each cold start. Each cold start
//! is forced by an additional variable, whose value is always different, and by the memory size.
//! Both are restored on every path: at the end, and after an error, a panic, Ctrl-C, or SIGTERM.
//! The report is part of the response to the call, so no log is read or deleted.
//!
//! Left to others: published versions, which cannot change, and their aliases; and cold starts
//! after a long idle time, which take longer than forced ones (maxday/lambda-perf#276).

mod answer;
mod call;
mod measure;
mod measurement;
mod temporary_change;

pub(crate) use crate::commands::coldstart::aws::measure::measure;
pub(crate) use crate::commands::coldstart::aws::measurement::{
    AwsColdstartOptions, ColdstartTable,
};

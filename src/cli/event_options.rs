//! The event that `invoke` and `coldstart` send to a function.

use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::commands::invoke::{EventSource, SAMPLES};
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(next_help_heading = "Invocation")]
pub(crate) struct EventArgs {
    /// Event: JSON, @FILE, or - for stdin [default: {}]
    #[arg(short, long, value_name = "JSON", allow_hyphen_values = true)]
    data: Option<String>,
    /// Sample event of an AWS service
    #[arg(long, value_name = "NAME", conflicts_with = "data", value_parser = samples())]
    event: Option<String>,
}

/// The names of the sample events, each with a description.
fn samples() -> PossibleValuesParser {
    let values = SAMPLES.iter();
    let values = values.map(|(name, what, _)| PossibleValue::new(*name).help(*what));
    PossibleValuesParser::new(values)
}

impl EventArgs {
    /// Turns the arguments into options.
    pub(super) fn source(self, host: &Host) -> EventSource {
        match (self.event, self.data) {
            (Some(name), _) => EventSource::Sample(name),
            (None, None) => EventSource::Text("{}".to_owned()),
            (None, Some(data)) if data == "-" => EventSource::Stdin,
            (None, Some(data)) => match data.strip_prefix('@') {
                Some(file) => EventSource::File(host.cwd.join(Path::new(file))),
                None => EventSource::Text(data),
            },
        }
    }
}

//! The routes of an API on this machine: which requests go to which functions.
//!
//! In: the projects with their settings, and the names of the functions that are served. Out:
//! [`Routes`](types::Routes). If the configuration has no routes, they are read from the nearest
//! `template.yaml` or `serverless.yml` of each function. What cannot be read from there is a
//! [`RouteNote`](types::RouteNote), not an error, because these files are written for other tools.
//!
//! Left to others: matching requests, and printing.

mod cloudformation_values;
mod configured;
mod cors;
mod function_match;
mod patterns;
pub(super) mod read;
mod sam;
mod serverless;
mod serverless_events;
mod serverless_variables;
mod template;
pub(super) mod types;

#[cfg(test)]
mod tests;

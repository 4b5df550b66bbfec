//! Limits how many findings of one kind are reported for a file.

use std::collections::BTreeMap;

use crate::validate::finding::{Finding, FindingCode};

/// Keeps the first findings of each kind, because a zip can have any number of them.
pub(super) fn limit_findings(mut findings: Vec<Finding>) -> Vec<Finding> {
    const MAX_PER_CODE: usize = 10;
    let mut counts: BTreeMap<FindingCode, usize> = BTreeMap::new();
    findings.retain(|finding| {
        let count = counts.entry(finding.code).or_default();
        *count += 1;
        *count <= MAX_PER_CODE
    });
    let exceeded = counts
        .into_iter()
        .filter(|(_, count)| *count > MAX_PER_CODE);
    findings.extend(exceeded.map(|(code, count)| {
        let message = format!("has {} more findings of this kind", count - MAX_PER_CODE);
        Finding::new(code, message, "fix the findings above, then check again")
    }));
    findings
}

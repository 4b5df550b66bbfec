//! Decides which of the selected programs `--extension` makes extensions.
//!
//! In: the request, and its selection. Out: the request, without `--extension` if it
//! does not apply. It applies to programs that are named one by one, and to a single
//! program. In a workspace with functions it must not turn these into extensions.
//! Rust packages that depend on `lambda-extension` and not on a runtime, and programs with
//! `kind = "extension"` in the configuration, are extensions without it.

use std::borrow::Cow;

use crate::build::plan::select::SelectedFunction;
use crate::build::request::Request;
use crate::lambda::Purpose;
use crate::ui::failure::{ExitKind, Failure};

/// Resolves `--extension`. If it does not apply to some functions, a note says so.
pub(super) fn resolve<'a>(
    request: &'a Request,
    selected: &[SelectedFunction<'_>],
) -> Result<(Cow<'a, Request>, Option<String>), Failure> {
    let select = &request.select;
    let names_programs = !(select.bins.is_empty() && select.examples.is_empty());
    if !request.contents.extension || names_programs || selected.len() == 1 {
        return Ok((Cow::Borrowed(request), None));
    }
    let functions: Vec<_> = selected
        .iter()
        .map(|selected| selected.function)
        .filter(|function| function.purpose() == Purpose::Function)
        .map(|function| function.name.as_str())
        .collect();
    if functions.len() == selected.len() {
        let what = format!(
            "`--extension` is ambiguous, because it could apply to any of these functions: {}",
            functions.join(", ")
        );
        let help = format!(
            "select it with `--bin {} --extension`, or set `kind = \"extension\"` in its \
             `[function.NAME]` table",
            functions[0]
        );
        return Err(Failure::new(ExitKind::Usage, what).help(help));
    }
    let note = (!functions.is_empty()).then(|| {
        format!(
            "`--extension` does not apply to functions that are not selected by name: {}",
            functions.join(", ")
        )
    });
    let mut without = request.clone();
    without.contents.extension = false;
    Ok((Cow::Owned(without), note))
}

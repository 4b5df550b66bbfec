//! Chooses the target and the linker of a Cargo run.

use crate::build::plan::linker::choice::Linker;
use crate::build::plan::linker::link_plan::LinkTarget;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkRequest};
use crate::build::plan::linker::{advice, host_linker, missing};
use crate::build::request::{Libc, LinkerChoice};
use crate::lambda::Arch;
use crate::ui::failure::{ExitKind, Failure};

/// Chooses the target and the linker, and reports the missing tools if there is none.
pub(in crate::build::plan) fn plan_linking(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
) -> Result<LinkPlan, Failure> {
    let targets = targets(request, environment)?;
    let mut plan = LinkPlan {
        target: targets[0].triple.clone(),
        ..LinkPlan::default()
    };
    let Some(toolchain) = &environment.workspace.toolchain else {
        plan.missing.push(missing::rustc(environment.host));
        return Ok(plan);
    };
    refuse_two_linkers(request, environment, &targets)?;
    let choice = targets.iter().find_map(|target| {
        let has_std = request.build_std || toolchain.has_std(&target.triple);
        let (linker, reason) = Linker::choose(request, environment, target).filter(|_| has_std)?;
        Some((target, linker, reason))
    });
    let Some((target, linker, reason)) = choice else {
        plan.missing = missing::all(request, environment, &targets);
        return Ok(plan);
    };
    plan.target.clone_from(&target.triple);
    plan.used.reason = reason;
    linker.apply(request, environment, target, &mut plan);
    if target.libc == Libc::Musl && targets.len() > 1 {
        plan.notes
            .push(advice::libc_changed(request, environment, &targets[0]));
    }
    plan.glibc_advice = advice::glibc_advice(request, environment, target, &linker);
    host_linker::link(environment, target, &mut plan);
    let absent = environment
        .workspace
        .config
        .absent_linkers
        .get(&target.triple);
    if let (Linker::Configured, Some(name)) = (&linker, absent) {
        plan.missing.push(missing::absent_linker(target, name));
    }
    Ok(plan)
}

/// Whether a target is a Linux that Lambda could run.
pub(in crate::build::plan) fn is_linux(target: &str) -> bool {
    target.ends_with("-linux-gnu") || target.ends_with("-linux-musl")
}

/// The acceptable targets, the preferred one first.
fn targets(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
) -> Result<Vec<LinkTarget>, Failure> {
    let configured = match &environment.workspace.config.build_targets[..] {
        [target] if is_linux(target) && Arch::from_triple(target) == Some(request.arch) => {
            Some(target)
        }
        _ => None,
    };
    let requested = request.libc.or(configured.map(|target| libc(target)));
    if request.linker == LinkerChoice::Lld && requested == Some(Libc::Gnu) {
        return Err(Failure::new(
            ExitKind::Usage,
            "`--linker lld` does not support glibc, because rust-lld does not include one",
        )
        .help(
            "pass `--libc musl`, or pass `--linker zig`, which includes glibc; or omit `--linker`",
        ));
    }
    let target = |wanted: Libc| LinkTarget {
        triple: match (configured, wanted) {
            (Some(target), _) if libc(target) == wanted => target.clone(),
            (_, Libc::Gnu) => request.arch.gnu_triple().to_owned(),
            (_, Libc::Musl) => request.arch.musl_triple().to_owned(),
        },
        libc: wanted,
    };
    Ok(match (requested, request.linker) {
        (Some(libc), _) => vec![target(libc)],
        (None, LinkerChoice::Auto) => vec![target(Libc::Gnu), target(Libc::Musl)],
        (None, LinkerChoice::Lld) => vec![target(Libc::Musl)],
        (None, _) => vec![target(Libc::Gnu)],
    })
}

fn libc(triple: &str) -> Libc {
    if triple.contains("-linux-musl") {
        Libc::Musl
    } else {
        Libc::Gnu
    }
}

/// Refuses `--linker` together with `-C linker` among the user's flags: rustc would use the
/// latter, and silently ignore the former.
fn refuse_two_linkers(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    targets: &[LinkTarget],
) -> Result<(), Failure> {
    let by_flags = &environment.workspace.config.linkers_by_flags;
    let conflict = targets
        .iter()
        .find(|target| by_flags.contains(&target.triple));
    match (request.linker, conflict) {
        (LinkerChoice::Auto | LinkerChoice::System, _) | (_, None) => Ok(()),
        (linker, Some(target)) => Err(Failure::new(
            ExitKind::Usage,
            format!(
                "`--linker {}` conflicts with `-C linker` in the rustflags for `{}`",
                linker.name(),
                target.triple
            ),
        )
        .help("remove one of them; rustflags come from `RUSTFLAGS` and cargo's configuration")),
    }
}

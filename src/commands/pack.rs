//! `pack`: packages a program that was built before.

use std::collections::BTreeMap;

use crate::build::assets::Assets;
use crate::build::checked_binary;
use crate::build::plan::Plan;
use crate::build::request::PrebuiltProgram;
use crate::build::write_access::BuildFolders;
use crate::commands::build::run::{build_and_pack, print_notes};
use crate::commands::build::work::Work;
use crate::commands::context::{CommandContext, CommandResult};

/// Packages the program into one zip.
pub(crate) fn run(
    program: &PrebuiltProgram,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let arch = checked_binary::detect_arch(&program.binary)?;
    let plan = Plan::from_prebuilt(program, arch)?;
    print_notes(&plan, context.console);
    let assets = Assets::list(&plan)?;
    let work = Work {
        plan,
        keys: None,
        cached: BTreeMap::new(),
        keyless: BTreeMap::new(),
        empty_note: None,
    };
    build_and_pack(work, &assets, &BuildFolders::default(), context)
}

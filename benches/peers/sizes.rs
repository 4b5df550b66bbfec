//! The cost of packing, by size of the program.

use std::path::Path;

use super::inputs::{Input, of_size};
use super::measure::{Cost, Job, interleaved};
use super::tools::{LAMBDAPACK, command, folder};

/// In bytes. The first contains the smallest input; Lambda unpacks up to 250 MiB.
pub(crate) const SIZES: [usize; 6] = [
    1_500_000,
    5_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
];

/// The cost of one size, packed with `default` and `fast`.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) size: f64,
    pub(crate) default: Cost,
    pub(crate) fast: Cost,
}

/// One row for each size.
pub(crate) fn rows(inputs: &[Input]) -> Vec<Row> {
    let row = |size: usize| {
        let program = of_size(size, inputs);
        let mut jobs = ["default", "fast"].map(|level| {
            let zip = folder().join(format!("{level}.zip"));
            let mut pack = command(LAMBDAPACK, &folder());
            pack.args(["pack", "--compression", level, "-o"]);
            let job = Job::new(pack.arg(&zip).arg(&program));
            job.leaving(&zip)
                .leaving(Path::new(&format!("{}.base64sha256", zip.display())))
        });
        interleaved(if size < 20_000_000 { 7 } else { 3 }, &mut jobs);
        let _ = fs_err::remove_file(program);
        let [default, fast] = jobs.map(|job| job.cost());
        let size = size as f64;
        Row {
            size,
            default,
            fast,
        }
    };
    SIZES.into_iter().map(row).collect()
}

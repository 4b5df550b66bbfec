//! Variables with folders in which C compilers and linkers look for files. The contents of such
//! folders are not known.

use crate::system::host::Host;

pub(super) const C_FOLDERS: [&str; 8] = [
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "LD_RUN_PATH",
    "LIBRARY_PATH",
    "SDKROOT",
];

/// The first of the variables that is set.
pub(super) fn set_variable(host: &Host) -> Option<&'static str> {
    C_FOLDERS.into_iter().find(|name| host.var(name).is_some())
}

//! Checks names that the user chose.

/// Refuses names that some system does not allow for files.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    if name.is_empty() {
        Err("it is empty")
    } else if name.starts_with('.') || name.ends_with(['.', ' ']) {
        Err("it starts or ends with a dot or a space")
    } else if name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        || name.chars().any(char::is_control)
    {
        Err("it contains a character that is not allowed in file names")
    } else if DEVICES.contains(&stem.as_str()) {
        Err("it is a reserved device name on Windows")
    } else {
        Ok(())
    }
}

//! Stands in for the real crate, by which functions are recognized.

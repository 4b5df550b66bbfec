//! Stands for the real one, by which functions are known.

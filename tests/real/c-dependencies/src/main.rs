//! Prints a digest computed by C, twice its length computed by assembler, and the compiler of
//! both: `af63dc4c8601ec8c 32 gcc`.

use std::ffi::{c_char, CStr};

extern "C" {
    fn digest(text: *const c_char, hex: *mut u8, size: usize) -> u64;
    fn compiler() -> *const c_char;
}

fn main() {
    std::hint::black_box("runtime/invocation/next");
    let mut hex = [0; 17];
    let doubled = unsafe { digest(c"a".as_ptr(), hex.as_mut_ptr(), hex.len()) };
    let compiler = unsafe { CStr::from_ptr(compiler()) }.to_str().unwrap();
    let hex = std::str::from_utf8(&hex[..16]).unwrap();
    println!("{hex} {doubled} {compiler}");
}

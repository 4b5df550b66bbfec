//! C code embeds its path too.

use std::ffi::{c_char, c_int, CStr};

extern "C" {
    #[link_name = "where"]
    fn place(line: c_int) -> *const c_char;
}

fn main() {
    std::hint::black_box("runtime/invocation/next");
    let line = std::env::args().count() as c_int;
    let place = unsafe { CStr::from_ptr(place(line)) };
    println!("{} {}", shared::name(1), place.to_str().unwrap());
}

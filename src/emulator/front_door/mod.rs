//! The HTTP server that callers of functions use: the Invoke API and function URLs.
//!
//! In: HTTP requests. Out: calls of [`ServedFunctions`](crate::emulator::served_function), their
//! replies, and [`DoorEvent`]s about what was served.
//! A request is for the Invoke API if its path says so, and otherwise for a function URL:
//! `http://NAME.localhost:PORT/`, `http://localhost:PORT/lambda-url/NAME/`, or every path if there
//! is only one function.
//! Left out: authentication, CORS, and routes.

mod background;
mod door;
mod failure_page;
mod invoke;
mod url;

pub(crate) use crate::emulator::front_door::door::{DoorEvent, DoorObserver, FrontDoor};

//! The HTTP server that callers of functions use: the Invoke API and function URLs.
//!
//! In: HTTP requests. Out: calls of [`ServedFunctions`](crate::emulator::served_function), their
//! replies, and [`DoorEvent`]s about the requests.
//! A request is for the Invoke API if its path says so, for a function URL if it names one
//! (`http://NAME.localhost:PORT/` or `http://localhost:PORT/lambda-url/NAME/`), and otherwise for
//! the routes. Without routes, every path belongs to the only function, if there is only one.
//! Left out: authentication.

mod api;
mod background;
mod cors;
mod door;
mod failure_page;
mod invoke;
mod route_table;
mod streamed_body;
mod url;

pub(crate) use crate::emulator::front_door::door::{DoorEvent, DoorObserver, FrontDoor};
pub(crate) use crate::emulator::front_door::route_table::{CurrentRoutes, RouteTable};

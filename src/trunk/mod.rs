//! Trunks: who calls us and what they hand over; and the routes by which trunk, called number and headers choose what a
//! call is about. A table is made once from the configuration; at most [`TRUNKS_MAX`] trunks and [`ROUTES_MAX`] routes.

mod header;
mod pattern;
mod route;

pub use header::{Filling, HeaderError, HeaderName, NAME_BYTES_MAX, Template, VALUE_BYTES_MAX};
pub use pattern::{PATTERN_CHARS_MAX, Pattern, PatternError, TEXT_CHARS_MAX};
pub use route::{Arrival, Condition, ROUTES_MAX, RouteError, Routing, TRUNKS_MAX, Trunk};

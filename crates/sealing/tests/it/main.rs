//! Sealed files as their users see them: round trips, damage, and other people's tools.

mod damage;
mod interop;
mod round_trip;
mod support;

//! Sealed files as their users see them: round trips, damage, and other people's tools.

#[cfg(test)]
mod damage;
#[cfg(test)]
mod interop;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod support;

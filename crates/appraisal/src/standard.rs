use std::str::FromStr as _;

use crate::{AppraisalPolicy, PolicyError};

/// The file of the policy `production`.
pub const PRODUCTION: &str = include_str!("policies/production.toml");

/// The file of the policy `development`.
pub const DEVELOPMENT: &str = include_str!("policies/development.toml");

impl AppraisalPolicy {
    /// The starting policy for production: genuine hardware in date, no weakness accepted, and no
    /// hardware whose keys are known to have leaked. What runs on it and where is left open: an
    /// owner adds measurements and machines.
    ///
    /// # Errors
    /// None: its file is part of this crate, and tested.
    pub fn production() -> Result<Self, PolicyError> {
        Self::from_str(PRODUCTION)
    }

    /// The starting policy for development: any genuine hardware that Adyton knows, debug modes,
    /// old firmware and the rest included. Never for data that matters.
    ///
    /// # Errors
    /// None: its file is part of this crate, and tested.
    pub fn development() -> Result<Self, PolicyError> {
        Self::from_str(DEVELOPMENT)
    }

    /// A starting policy by its name.
    #[must_use]
    pub fn standard(name: &str) -> Option<&'static str> {
        match name {
            "production" => Some(PRODUCTION),
            "development" => Some(DEVELOPMENT),
            _ => None,
        }
    }
}

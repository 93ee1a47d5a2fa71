use std::fmt::Display;
use std::str::FromStr;

use adyton_types::{Name, NameError};

/// `NAME=VALUE`.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) Name, pub(crate) T);

impl<T: FromStr<Err: Display>> FromStr for Named<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not NAME=VALUE"))?;
        let name = name.parse().map_err(|error: NameError| error.to_string())?;
        value
            .parse()
            .map(|value| Self(name, value))
            .map_err(|error: T::Err| error.to_string())
    }
}

/// `VALUE` or `NAME=VALUE`.
#[derive(Debug, Clone)]
pub(crate) struct MaybeNamed<T>(pub(crate) Option<Name>, pub(crate) T);

impl<T: FromStr<Err: Display>> FromStr for MaybeNamed<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('=') {
            return text
                .parse::<Named<T>>()
                .map(|Named(name, value)| Self(Some(name), value));
        }
        text.parse()
            .map(|value| Self(None, value))
            .map_err(|error: T::Err| error.to_string())
    }
}

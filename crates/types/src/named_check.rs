use crate::Check;

/// A check that a Verifier makes: its name, in errors and results, and who asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedCheck {
    /// Its name.
    pub name: &'static str,
    /// The document and section that ask for it.
    pub source: &'static str,
}

impl NamedCheck {
    /// Records that it held.
    #[must_use]
    pub fn held(self, compared: impl Into<String>) -> Check {
        Check::new(self.name, self.source, compared)
    }
}

/// The checks of a crate that verifies Evidence, each a constant with its name and its source, and
/// `ALL` of them in the order in which they are made.
///
/// ```
/// adyton_types::named_checks! {
///     /// The report is as long as one.
///     LENGTH = "report-length", "the format of reports";
///     /// The key signed it.
///     SIGNATURE = "report-signature", "the format of reports";
/// }
/// assert_eq!(ALL, [LENGTH, SIGNATURE]);
/// ```
#[macro_export]
macro_rules! named_checks {
    ($($(#[$doc:meta])* $check:ident = $name:literal, $source:expr;)*) => {
        $(
            $(#[$doc])*
            pub const $check: $crate::NamedCheck = $crate::NamedCheck {
                name: $name,
                source: $source,
            };
        )*

        /// Every check, in the order in which they are made.
        pub const ALL: &[$crate::NamedCheck] = &[$($check),*];
    };
}

use std::fmt;

/// How far a release request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It has arrived.
    Received,
    /// Everything about it that needs no state is verified.
    Verified,
    /// It is decided and the decision written, but not committed.
    Decided,
    /// The decision is durable.
    Committed,
    /// The answer is made, but not sent.
    Answered,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [
        Self::Received,
        Self::Verified,
        Self::Decided,
        Self::Committed,
        Self::Answered,
    ];
}

/// Is told of each step of each release, on the thread that takes it. A test ends the process there,
/// to see what is left on the disk; a broker in service has `Unwatched`.
pub trait Steps: Send + Sync + fmt::Debug + 'static {
    /// A request has come to a step.
    fn reached(&self, step: Step);
}

/// Does nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unwatched;

impl Steps for Unwatched {
    fn reached(&self, _: Step) {}
}

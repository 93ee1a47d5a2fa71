use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use crate::BrokerdError;

/// Closes this process's memory to core dumps and to other processes of the same user: it holds the
/// owner's secrets in plain. Root remains, who owns the broker's machine.
pub(crate) fn harden_process() -> Result<(), BrokerdError> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .map_err(|error| BrokerdError::Harden {
            source: io::Error::from(error),
        })
}

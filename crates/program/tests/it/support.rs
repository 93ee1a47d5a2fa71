use adyton_program::{Manifest, ManifestSource};

pub(crate) const ALICE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
pub(crate) const BOB: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
pub(crate) const COMPONENT: &[u8] = b"\0asm component";

/// A program that uses everything.
pub(crate) const FULL: &str = r#"
name = "heart-model"
component = "target/heart.wasm"
args = ["--rounds", "50"]
stdout = "log"
stderr = "log"
clock = "host"
network = "none"
debug = true

[env]
MODE = "train"
A = ""

[limits]
memory = "64 MiB"
time = "5m"

[[input]]
name = "hospital-b"

[[input]]
name = "hospital-a"
broker = "abababababababababababababababababababababababababababababababab"

[[output]]
name = "model"
recipients = [
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa",
]
max-bytes = "1MiB"

[[output]]
name = "log"
recipients = ["age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa"]
max-bytes = 4096
"#;

pub(crate) fn manifest(text: &str) -> Manifest {
    let source = ManifestSource::parse(text).unwrap();
    source.into_manifest(COMPONENT).unwrap()
}

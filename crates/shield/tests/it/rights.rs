//! Users other than root.

use adyton_shield::probe;
use adyton_types::Protection;

use crate::spawn::{Victim, is_root};
use crate::{Test, say};

pub(crate) const TESTS: &[Test] = &[
    ("a_user_can_have_an_enclave", a_user_can_have_an_enclave),
    (
        "too_much_locked_memory_is_explained",
        too_much_locked_memory_is_explained,
    ),
    ("the_doctor_finds_what_holds", the_doctor_finds_what_holds),
];

/// Nobody in particular.
const USER: u32 = 65_534;

fn a_user_can_have_an_enclave() {
    let victim = Victim::start_as("hold", is_root().then_some(USER));
    if victim.said.first().map(String::as_str) == Some("refused") {
        // Then for lack of locked memory, and it says so.
        assert!(victim.said.join(" ").contains("RLIMIT_MEMLOCK"));
        say(&format!("  {}", victim.said.join(" ")));
        return;
    }
    assert!(victim.target().guardian.is_some());
    assert!(victim.finish().success());
}

fn too_much_locked_memory_is_explained() {
    let victim = Victim::start_as("no-memory", is_root().then_some(USER));
    let said = victim.said.join(" ");
    say(&format!("  {said}"));
    assert!(said.contains("--memlock=unlimited"), "{said}");
}

fn the_doctor_finds_what_holds() {
    let findings = probe(4 << 20);
    let names: Vec<_> = findings.iter().map(|each| each.protection()).collect();
    assert_eq!(names, Protection::ALL);
    for finding in findings {
        say(&format!("  {}: {}", finding.protection(), finding.reason()));
        assert!(finding.holds(), "{finding:?}");
    }
    let user = Victim::start_as("doctor", is_root().then_some(USER));
    for line in &user.said {
        say(&format!("  as a user: {line}"));
        assert!(line.ends_with("=true"), "{line}");
    }
}

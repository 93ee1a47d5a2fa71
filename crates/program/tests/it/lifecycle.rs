use adyton_program::{Lifecycle, LifecycleError, Phase};
use adyton_types::{ErrorClass, Fingerprint, Name, ProgramMeasurement};
use proptest::prelude::*;

use crate::support::{FULL, manifest};

const BROKER: Fingerprint = Fingerprint::new([0xab; 32]);
const OTHER: Fingerprint = Fingerprint::new([1; 32]);

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn attested() -> Lifecycle {
    let mut run = Lifecycle::new(&manifest(FULL));
    let measurement = *run.measurement();
    run.attested(&measurement).unwrap();
    run
}

fn exited() -> Lifecycle {
    let mut run = attested();
    run.released(&name("hospital-a"), &BROKER).unwrap();
    run.released(&name("hospital-b"), &OTHER).unwrap();
    run.started().unwrap();
    run.exited().unwrap();
    run
}

/// The event is refused, and with it the run.
fn refused(
    mut run: Lifecycle,
    event: impl FnOnce(&mut Lifecycle) -> Result<(), LifecycleError>,
) -> LifecycleError {
    let error = event(&mut run).expect_err("it was taken");
    assert_eq!(run.phase(), Phase::Cancelled);
    assert!(matches!(run.started(), Err(LifecycleError::Order { .. })));
    error
}

#[test]
fn a_run_goes_from_measured_to_receipted() {
    let mut run = Lifecycle::new(&manifest(FULL));
    assert_eq!(run.phase(), Phase::Measured);
    run.attested(&manifest(FULL).measurement()).unwrap();
    assert_eq!(run.phase(), Phase::Attested);
    assert_eq!(run.awaited().count(), 2);
    run.released(&name("hospital-b"), &OTHER).unwrap();
    assert_eq!(run.phase(), Phase::Attested);
    run.released(&name("hospital-a"), &BROKER).unwrap();
    assert_eq!(run.phase(), Phase::Released);
    run.started().unwrap();
    assert_eq!(run.phase(), Phase::Running);
    run.exited().unwrap();
    assert_eq!(run.phase(), Phase::Exited);
    run.sealed(&name("model"), 1 << 20).unwrap();
    run.sealed(&name("log"), 0).unwrap();
    assert_eq!(run.phase(), Phase::Sealed);
    run.receipted().unwrap();
    assert_eq!(run.phase(), Phase::Receipted);
    assert_eq!(run.cancel(), Phase::Receipted);
    assert!(run.started().is_err());
    assert_eq!(run.phase(), Phase::Receipted);
}

#[test]
fn a_program_with_nothing_needs_nothing() {
    let manifest = manifest("name = 'p'\ncomponent = 'x'");
    let mut run = Lifecycle::new(&manifest);
    run.attested(&manifest.measurement()).unwrap();
    assert_eq!(run.phase(), Phase::Released);
    run.started().unwrap();
    run.exited().unwrap();
    assert_eq!(run.phase(), Phase::Sealed);
    run.receipted().unwrap();
}

#[test]
fn every_declared_input_exactly_once_and_no_other() {
    let twice = refused(attested(), |run| {
        run.released(&name("hospital-b"), &OTHER)?;
        run.released(&name("hospital-b"), &OTHER)
    });
    let unknown = refused(attested(), |run| run.released(&name("hospital-c"), &OTHER));
    let missing = refused(attested(), |run| {
        run.released(&name("hospital-b"), &OTHER)?;
        run.started()
    });
    let foreign = refused(attested(), |run| run.released(&name("hospital-a"), &OTHER));
    let names = ["b", "c", "a"].map(|end| name(&format!("hospital-{end}")));
    let [b, c, a] = names;
    assert_eq!(twice, LifecycleError::InputTwice { name: b });
    assert_eq!(unknown, LifecycleError::UnknownInput { name: c });
    assert_eq!(missing, LifecycleError::InputMissing { name: a.clone() });
    assert_eq!(foreign, LifecycleError::OtherBroker { name: a });
    assert_eq!(foreign.class(), ErrorClass::Rejected);
    let other = ProgramMeasurement::new([0; 48]);
    let program = refused(Lifecycle::new(&manifest(FULL)), |run| run.attested(&other));
    assert_eq!(program, LifecycleError::OtherProgram);
}

#[test]
fn every_declared_output_exactly_once_and_within_its_limit() {
    let twice = refused(exited(), |run| {
        run.sealed(&name("log"), 1)?;
        run.sealed(&name("log"), 1)
    });
    // The inputs' names are not the outputs'.
    let unknown = refused(exited(), |run| run.sealed(&name("hospital-a"), 1));
    let long = refused(exited(), |run| run.sealed(&name("log"), 4097));
    let missing = refused(exited(), |run| {
        run.sealed(&name("log"), 1)?;
        run.receipted()
    });
    let log = name("log");
    assert_eq!(twice, LifecycleError::OutputTwice { name: log.clone() });
    let hospital = name("hospital-a");
    assert_eq!(unknown, LifecycleError::UnknownOutput { name: hospital });
    let (size, max) = (4097, 4096);
    assert_eq!(
        long,
        LifecycleError::OutputTooLong {
            name: log,
            size,
            max
        }
    );
    assert_eq!(
        missing,
        LifecycleError::OutputMissing {
            name: name("model")
        }
    );
}

#[derive(Debug, Clone)]
enum Event {
    Attested(bool),
    Released(usize, bool),
    Started,
    Exited,
    Sealed(usize),
    Receipted,
    Cancel,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        prop::bool::weighted(0.9).prop_map(Event::Attested),
        (0..3_usize, prop::bool::weighted(0.9)).prop_map(|(i, b)| Event::Released(i, b)),
        Just(Event::Started),
        Just(Event::Exited),
        (0..3_usize).prop_map(Event::Sealed),
        Just(Event::Receipted),
        Just(Event::Cancel),
    ]
}

/// The right event for the run now, so that random runs come far.
fn right(run: &Lifecycle, sealed: usize) -> Event {
    match run.phase() {
        Phase::Measured => Event::Attested(true),
        Phase::Attested if run.awaited().count() == 2 => Event::Released(0, true),
        Phase::Attested => Event::Released(1, true),
        Phase::Released => Event::Started,
        Phase::Running => Event::Exited,
        Phase::Exited => Event::Sealed(sealed),
        _ => Event::Receipted,
    }
}

proptest! {
    #[test]
    fn no_order_of_events_skips_a_step(
        events in proptest::collection::vec((prop::bool::weighted(0.85), event()), 0..14),
    ) {
        let inputs = ["hospital-a", "hospital-b", "x"].map(name);
        let outputs = ["log", "model", "x"].map(name);
        let mut run = Lifecycle::new(&manifest(FULL));
        let measurement = *run.measurement();
        let (mut keys, mut seals) = (0, 0);
        for (follow, event) in events {
            let before = run.phase();
            let event = if follow { right(&run, seals) } else { event };
            let taken = match event {
                Event::Attested(true) => run.attested(&measurement),
                Event::Attested(false) => run.attested(&ProgramMeasurement::new([9; 48])),
                Event::Released(i, ours) => {
                    let broker = if ours { BROKER } else { OTHER };
                    let taken = run.released(&inputs[i], &broker);
                    keys += usize::from(taken.is_ok());
                    taken
                }
                Event::Started => run.started(),
                Event::Exited => run.exited(),
                Event::Sealed(i) => {
                    let taken = run.sealed(&outputs[i], 1);
                    seals += usize::from(taken.is_ok());
                    taken
                }
                Event::Receipted => run.receipted(),
                Event::Cancel => {
                    run.cancel();
                    Ok(())
                }
            };
            let after = run.phase();
            prop_assert!(after >= before);
            prop_assert!(before != Phase::Cancelled || after == Phase::Cancelled);
            prop_assert!(taken.is_ok() || matches!(after, Phase::Cancelled | Phase::Receipted));
            if (Phase::Running..=Phase::Receipted).contains(&after) {
                prop_assert_eq!(keys, 2);
            }
            if matches!(after, Phase::Sealed | Phase::Receipted) {
                prop_assert_eq!(seals, 2);
            }
        }
    }
}

//! What the wall costs. Figures, no judgement: the machine may be busy.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use adyton_shield::{
    SecretAlloc, SecretRegion, close_inherited, enclose, lock_down, run_on_secret_stack,
};

use crate::spawn::Victim;
use crate::victim::speak;
use crate::{Test, say};

pub(crate) const TESTS: &[Test] = &[("the_cost_is_known", the_cost_is_known)];

const RUNS: usize = 15;
const NAMES: [&str; 6] = [
    "enclose",
    "secret mode",
    "secret thread",
    "lock-down",
    "all four",
    "first touch of a page (ns)",
];

fn the_cost_is_known() {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let victim = Victim::start("cost");
        runs.push(
            (0..NAMES.len())
                .map(|i| victim.number(i))
                .collect::<Vec<_>>(),
        );
        victim.finish();
    }
    for (i, name) in NAMES.iter().enumerate() {
        let mut figures: Vec<u32> = runs.iter().filter_map(|run| run.get(i).copied()).collect();
        figures.sort_unstable();
        let at = |n: usize| figures.get(n).copied().unwrap_or(0);
        say(&format!(
            "  {name}: median {} us, least {} us",
            at(RUNS / 2),
            at(0)
        ));
    }
}

/// In the enclave.
pub(crate) fn measure(allocator: &'static SecretAlloc) -> ExitCode {
    let start = now();
    let enclosed = enclose(Duration::from_secs(60)).expect("enclosed");
    close_inherited(&[0, 1, 2]).expect("descriptors close");
    let enclosed_at = now();
    let memory = allocator.enter_secret_mode(64 << 20).expect("secret mode");
    let secret_at = now();
    run_on_secret_stack(1 << 20, || {
        let touched = SecretRegion::new(1 << 20).expect("secret memory");
        let touch_from = now();
        for page in (0..touched.capacity()).step_by(4096) {
            // SAFETY: within the region.
            let place = unsafe { touched.base().add(page) };
            // SAFETY: as above, and all of it is accessible.
            unsafe { place.write(1) };
        }
        let per_page = touch_from.elapsed().as_nanos() / 256;

        let lock_from = now();
        lock_down(&enclosed, &memory).expect("lock-down");
        let locked = lock_from.elapsed();
        let thread = touch_from - secret_at;
        let all = (secret_at - start) + thread + locked;
        speak(&format!(
            "{} {} {} {} {} {per_page}",
            (enclosed_at - start).as_micros(),
            (secret_at - enclosed_at).as_micros(),
            thread.as_micros(),
            locked.as_micros(),
            all.as_micros(),
        ))
    })
    .expect("a secret stack")
}

#[expect(clippy::disallowed_methods, reason = "this measures time")]
fn now() -> Instant {
    Instant::now()
}

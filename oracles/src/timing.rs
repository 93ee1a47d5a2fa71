use std::time::Instant;

/// Median time of one call of each contender in nanoseconds: rounds take turns, so that all see the
/// same machine.
pub fn median_ns<const N: usize>(
    rounds: usize,
    calls: u32,
    mut contenders: [&mut dyn FnMut(); N],
) -> [f64; N] {
    let mut times: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..rounds {
        for (work, times) in contenders.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

/// Prints lines of name, time of one call and calls a second.
pub fn table(rows: &[(&str, f64)]) {
    for (name, ns) in rows {
        println!("{name:58} {:9.1} us {:9.0} /s", ns / 1e3, 1e9 / ns);
    }
}

use std::time::Duration;

/// How long to wait before the next try. Without a word of the server's it doubles each time, of
/// which between half and all is waited (`jitter` is 0 to 255), so that many who failed together do
/// not come back together. None if the server wants more patience than there is.
pub(crate) fn pause(
    tries: u32,
    first: Duration,
    most: Duration,
    retry_after: Option<Duration>,
    jitter: u8,
) -> Option<Duration> {
    if let Some(wanted) = retry_after {
        return (wanted <= most).then_some(wanted);
    }
    let doubled = first.saturating_mul(
        1_u32
            .checked_shl(tries.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    let full = doubled.min(most);
    Some(full / 2 + full.mul_f64(f64::from(jitter) / 510.0))
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3). As a date it says nothing here: whether this
/// clock and the server's agree is not known, and the usual pause does.
pub(crate) fn retry_after(header: &str) -> Option<Duration> {
    header.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_double_up_to_the_most_and_vary() {
        let most = SECOND * 30;
        for (tries, full) in [(1, 1), (2, 2), (3, 4), (6, 30), (40, 30)] {
            let full = SECOND * full;
            let least = pause(tries, SECOND, most, None, 0).unwrap();
            let longest = pause(tries, SECOND, most, None, 255).unwrap();
            assert_eq!((least, longest), (full / 2, full), "try {tries}");
        }
    }

    #[test]
    fn the_servers_word_counts_up_to_the_most() {
        let most = SECOND * 30;
        assert_eq!(
            pause(1, SECOND, most, Some(Duration::ZERO), 9),
            Some(Duration::ZERO)
        );
        assert_eq!(pause(5, SECOND, most, Some(SECOND * 30), 9), Some(most));
        assert_eq!(pause(1, SECOND, most, Some(SECOND * 31), 9), None);
        assert_eq!(retry_after(" 17 "), Some(SECOND * 17));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}

use std::time::Duration;

use adyton_types::UnixTime;

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

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date, which is compared with the `Date` of the
/// same answer. So it does not matter whether this clock and the server's agree; without that field a
/// date says nothing, and the usual pause does.
pub(crate) fn retry_after(header: &str, date: Option<&str>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(secs) = header.parse() {
        return Some(Duration::from_secs(secs));
    }
    let (until, sent) = (http_date(header)?, http_date(date?.trim())?);
    let secs = until.as_secs().saturating_sub(sent.as_secs());
    Some(Duration::from_secs(secs))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers may write (RFC 9110 section 5.6.7).
fn http_date(text: &str) -> Option<UnixTime> {
    let (_, text) = text.split_once(", ")?;
    let parts: Vec<&str> = text.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts.as_slice() else {
        return None;
    };
    let month = 1 + MONTHS.iter().position(|known| known == month)?;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
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
    }

    #[test]
    fn the_servers_date_counts_by_the_servers_clock() {
        assert_eq!(retry_after(" 17 ", None), Some(SECOND * 17));
        let until = "Wed, 21 Oct 2026 07:28:20 GMT";
        let after = |sent| retry_after(until, sent);
        assert_eq!(after(None), None);
        assert_eq!(after(Some("yesterday")), None);
        assert_eq!(
            after(Some("Wed, 21 Oct 2026 07:28:03 GMT")),
            Some(SECOND * 17)
        );
        assert_eq!(
            after(Some("Tue, 20 Oct 2026 07:28:20 GMT")),
            Some(SECOND * 86_400)
        );
        assert_eq!(
            after(Some("Thu, 22 Oct 2026 07:28:20 GMT")),
            Some(Duration::ZERO)
        );
        for bad in [
            "",
            "-1",
            "1.5",
            "Wed, 21 Oct 2026 07:28:20",
            "Wed, 21 Okt 2026 07:28:20 GMT",
            "Wed, 32 Oct 2026 07:28:20 GMT",
            "Wed, 21 Oct 2026 07:28:20 GMT more",
        ] {
            assert_eq!(retry_after(bad, Some(until)), None, "{bad}");
        }
    }
}

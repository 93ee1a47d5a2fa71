//! Services that are busy, broken, hostile or away.

use std::time::Duration;

use adyton_endorse::{Cache, FetchError, Fetched, Fetcher, Limits, Outcome, TlsRoots};
use adyton_tee_amd_snp::forge::NOW;
use adyton_types::ErrorClass;

use crate::amd::{amd, fetch, serve, served};
use crate::server::{Reply, Server, impatient, ok, outcomes, status};

/// Fetches into an empty cache.
fn fetched(fetcher: &Fetcher) -> Fetched {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    fetch(fetcher, &amd(), &cache, NOW)
}

/// Why the certificate chain, which is asked for first, was not to be had.
fn first_error(fetched: &Fetched) -> &FetchError {
    match &fetched.items()[0].outcome {
        Outcome::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

/// A server whose first answers are others.
fn after(mut others: Vec<Reply>) -> Server {
    let amd = amd();
    others.reverse();
    Server::start(move |path, _| others.pop().unwrap_or_else(|| served(&amd, path)))
}

#[test]
fn what_passes_is_waited_for() {
    let again = ("Retry-After", "0".to_owned());
    for reply in [
        Reply::Http(429, vec![again.clone()], Vec::new()),
        status(429),
        status(500),
        Reply::Http(503, vec![again], Vec::new()),
        // It closes at once, in the head, and in the body.
        Reply::Raw(Vec::new()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf".to_vec()),
    ] {
        let server = after(vec![reply]);
        let fetched = fetched(&server.fetcher());
        assert_eq!(outcomes(fetched.items()), ["fetched"; 3], "{fetched:?}");
        assert_eq!(server.asked().len(), 4, "one of them twice");
    }
}

#[test]
fn what_does_not_pass_is_given_up() {
    let server = Server::start(|_, _| status(503));
    let result = fetched(&server.fetcher());
    let error = first_error(&result);
    assert!(
        matches!(
            error,
            FetchError::Status {
                status: 503,
                tries: 3,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(error.class(), ErrorClass::Unavailable);
    let chain = "/vcek/v1/Genoa/cert_chain";
    let tries = server.asked().iter().filter(|path| *path == chain).count();
    assert_eq!(tries, 3);

    // Nothing here changes by asking again.
    for code in [404, 410, 400] {
        let server = Server::start(move |_, _| status(code));
        let result = fetched(&server.fetcher());
        let error = first_error(&result);
        assert_eq!(error.class(), ErrorClass::Unavailable);
        let not_there = matches!(error, FetchError::NotThere { .. });
        assert_eq!(not_there, code != 400, "{error}");
        assert_eq!(server.asked().len(), 3, "each once");
    }
}

#[test]
fn a_server_that_wants_too_much_patience_is_told_to_the_caller() {
    let secs = vec![("Retry-After", "86400".to_owned())];
    // By the server's own clock, whatever the time is here.
    let date = vec![
        ("Date", "Sat, 02 Jan 2010 00:00:00 GMT".to_owned()),
        ("Retry-After", "Sun, 03 Jan 2010 00:00:00 GMT".to_owned()),
    ];
    for wanted in [secs, date] {
        let server = Server::start(move |_, _| Reply::Http(429, wanted.clone(), Vec::new()));
        let result = fetched(&server.fetcher());
        assert!(matches!(
            first_error(&result),
            FetchError::Busy { secs: 86400, .. }
        ));
        assert_eq!(server.asked().len(), 3, "each once");
    }
}

#[test]
fn a_server_that_is_silent_costs_its_time_limit_only() {
    let limits = Limits {
        request: Duration::from_millis(50),
        tries: 2,
        ..impatient()
    };
    let server = Server::start(|_, _| Reply::Silence);
    let fetcher = Fetcher::new(server.sources(), &TlsRoots::Platform, limits).unwrap();
    let result = fetched(&fetcher);
    let error = first_error(&result);
    assert!(
        matches!(error, FetchError::Unreachable { tries: 2, .. }),
        "{error}"
    );
}

#[test]
fn all_tries_together_are_bounded() {
    let fetch = |server: &Server, limits| {
        let fetcher = Fetcher::new(server.sources(), &TlsRoots::Platform, limits).unwrap();
        fetched(&fetcher)
    };
    // Each of the three is tried three times, if nothing else bounds it.
    let server = Server::start(|_, _| status(503));
    let result = fetch(
        &server,
        Limits {
            requests: 5,
            ..impatient()
        },
    );
    assert_eq!(server.asked().len(), 5);
    let errors: Vec<&FetchError> = result
        .failed()
        .into_iter()
        .map(|(_, error)| error)
        .collect();
    assert!(matches!(errors[0], FetchError::Status { .. }), "{errors:?}");
    for error in &errors[1..] {
        assert!(
            matches!(error, FetchError::Requests { most: 5, .. }),
            "{error}"
        );
        assert_eq!(error.class(), ErrorClass::Unavailable);
    }

    // The time of the whole cuts off a request that is under way, and what would follow it.
    let server = Server::start(|_, _| Reply::Silence);
    let result = fetch(
        &server,
        Limits {
            whole: Duration::from_millis(50),
            // Alone it would be waited for until somebody ends the test.
            request: Duration::from_secs(3600),
            ..impatient()
        },
    );
    assert_eq!(server.asked().len(), 1);
    for (_, error) in result.failed() {
        assert!(matches!(error, FetchError::Late { secs: 0, .. }), "{error}");
    }
    // A pause that does not fit is not begun.
    let server = Server::start(|_, _| status(503));
    let result = fetch(
        &server,
        Limits {
            whole: Duration::from_secs(20),
            first_pause: Duration::from_secs(60),
            longest_pause: Duration::from_secs(60),
            ..impatient()
        },
    );
    assert_eq!(server.asked().len(), 3, "each once");
    for (_, error) in result.failed() {
        assert!(
            matches!(error, FetchError::Late { secs: 20, .. }),
            "{error}"
        );
    }
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    let declared = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n".to_vec();
    for head in [endless, declared] {
        let server =
            Server::start(move |_, _| Reply::Raw([head.as_slice(), &vec![b' '; 3 << 20]].concat()));
        let result = fetched(&server.fetcher());
        let error = first_error(&result);
        assert!(
            matches!(error, FetchError::TooLong { limit: 524_288, .. }),
            "{error}"
        );
        assert_eq!(error.class(), ErrorClass::Malformed);
    }
    let long = vec![("X-Padding", "x".repeat(100_000))];
    let server = Server::start(move |_, _| Reply::Http(200, long.clone(), Vec::new()));
    assert!(matches!(
        first_error(&fetched(&server.fetcher())),
        FetchError::Unreachable { .. }
    ));
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let there = serve(&amd());
    let url = there.url.clone();
    let moved = Server::start(move |path, _| {
        Reply::Http(302, vec![("Location", format!("{url}{path}"))], Vec::new())
    });
    assert_eq!(outcomes(fetched(&moved.fetcher()).items()), ["fetched"; 3]);

    let around =
        Server::start(|path, _| Reply::Http(302, vec![("Location", path.to_owned())], Vec::new()));
    let result = fetched(&around.fetcher());
    assert!(matches!(first_error(&result), FetchError::Redirects { .. }));
    assert_eq!(around.asked().len(), 3 * 4, "each, and three redirects");
}

#[test]
fn what_is_no_http_is_no_answer() {
    let server = Server::start(|_, _| Reply::Raw(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
    let result = fetched(&server.fetcher());
    assert_eq!(first_error(&result).class(), ErrorClass::Unavailable);
    let server = Server::start(|_, _| ok("no Endorsement at all"));
    let result = fetched(&server.fetcher());
    assert!(matches!(first_error(&result), FetchError::Refused { .. }));
    assert_eq!(first_error(&result).class(), ErrorClass::Malformed);
}

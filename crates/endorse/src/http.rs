use std::sync::Arc;
use std::time::Duration;

use adyton_crypto::{os_rng, random};
use rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::http::Response;
use ureq::tls::{TlsConfig, TlsProvider};

use crate::ask::Ask;
use crate::backoff::{pause, retry_after};
use crate::budget::Budget;
use crate::{FetchError, TlsRoots};

/// The most redirects that are followed: none is usual, one moves a service.
const MAX_REDIRECTS: u32 = 3;

/// The most bytes of an answer's head: Intel's services put a chain of certificates there, which is
/// 4 KiB long, encoded.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// How long is waited, and how often is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For one whole request, answer included.
    pub request: Duration,
    /// How often one thing is asked for.
    pub tries: u32,
    /// Before the second try; it doubles from try to try.
    pub first_pause: Duration,
    /// The longest pause, and the longest that a server may ask for.
    pub longest_pause: Duration,
    /// For all that one piece of Evidence needs together, pauses included: a service that is slow but
    /// never silent, or that makes every try fail at the last moment, costs no more.
    pub whole: Duration,
    /// How many requests are made for one piece of Evidence, tries included. How much it needs is
    /// said by the Evidence, which nobody has verified yet.
    pub requests: u32,
}

impl Default for Limits {
    /// Four tries within about 40 seconds where nobody answers at all; AMD's service, which serves a
    /// chip's certificate every ten seconds or so, gets the patience that it asks for. The most that
    /// Evidence needs is of 32 NVIDIA devices: some 160 answers.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(30),
            tries: 4,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            whole: Duration::from_secs(300),
            requests: 256,
        }
    }
}

/// What a service answered, with status 200.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// The chain of certificates in the header that was asked for, still encoded.
    pub(crate) chain: Option<String>,
}

/// Asks services, with patience and limits.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    limits: Limits,
}

/// How one try ended that may be followed by another.
enum Failed {
    /// For good.
    Ever(FetchError),
    /// Perhaps not the next time; after how long, if the server says that.
    Now(FetchError, Option<Duration>),
}

impl Client {
    /// `https` says whether any address needs it: without, no list of authorities is read.
    pub(crate) fn new(roots: &TlsRoots, https: bool, limits: Limits) -> Result<Self, FetchError> {
        let mut tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()));
        if https {
            tls = tls.root_certs(roots.load()?);
        }
        let agent = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .max_redirects_will_error(true)
            .max_response_header_size(MAX_HEAD_BYTES)
            .timeout_connect(Some(limits.connect))
            .user_agent("adyton")
            .build()
            .new_agent();
        Ok(Self { agent, limits })
    }

    /// What may be spent from now on.
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.limits.whole, self.limits.requests)
    }

    /// Asks until there is an answer, or no hope of one, or nothing left to spend.
    pub(crate) fn ask(&self, ask: &Ask, budget: &mut Budget) -> Result<Answer, FetchError> {
        let mut tries = 1;
        loop {
            let left = budget.spend(&ask.url)?;
            let (error, wanted) = match self.once(ask, tries, left.min(self.limits.request)) {
                Ok(answer) => return Ok(answer),
                Err(Failed::Ever(error)) => return Err(error),
                Err(Failed::Now(error, wanted)) => (error, wanted),
            };
            if tries >= self.limits.tries {
                return Err(error);
            }
            let [jitter] = *random::<1>(&mut os_rng()).expose();
            let Limits {
                first_pause,
                longest_pause,
                ..
            } = self.limits;
            match pause(tries, first_pause, longest_pause, wanted, jitter) {
                Some(pause) => {
                    budget.allows(pause, &ask.url)?;
                    std::thread::sleep(pause);
                }
                None => {
                    return Err(FetchError::Busy {
                        url: ask.url.clone(),
                        secs: wanted.unwrap_or_default().as_secs(),
                    });
                }
            }
            tries += 1;
        }
    }

    fn once(&self, ask: &Ask, tries: u32, within: Duration) -> Result<Answer, Failed> {
        let failed = |error| failed(ask, tries, error);
        // What began under HTTPS may not end without.
        let https = ask.url.starts_with("https://");
        let response = match &ask.body {
            None => self
                .agent
                .get(&ask.url)
                .config()
                .https_only(https)
                .timeout_global(Some(within))
                .build()
                .call(),
            Some(body) => {
                let request = self.agent.post(&ask.url).config();
                let request = request.https_only(https).timeout_global(Some(within));
                let request = request.build().content_type("application/ocsp-request");
                request.send(body.as_slice())
            }
        };
        let mut response = response.map_err(failed)?;
        status(ask, tries, &response)?;
        let chain = ask.chain_header.and_then(|name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(ToOwned::to_owned)
        });
        let body = response.body_mut().with_config().limit(ask.limit);
        let body = body.read_to_vec().map_err(failed)?;
        Ok(Answer { body, chain })
    }
}

fn status<B>(ask: &Ask, tries: u32, response: &Response<B>) -> Result<(), Failed> {
    let url = || ask.url.clone();
    let status = response.status().as_u16();
    let error = || FetchError::Status {
        url: url(),
        status,
        tries,
    };
    match status {
        200 => Ok(()),
        404 | 410 => Err(Failed::Ever(FetchError::NotThere { url: url() })),
        429 | 500..=599 => {
            let header = |name| response.headers().get(name)?.to_str().ok();
            let wanted = header("retry-after");
            let wanted = wanted.and_then(|wanted| retry_after(wanted, header("date")));
            Err(Failed::Now(error(), wanted))
        }
        _ => Err(Failed::Ever(error())),
    }
}

fn failed(ask: &Ask, tries: u32, error: ureq::Error) -> Failed {
    let url = ask.url.clone();
    match error {
        ureq::Error::BodyExceedsLimit(_) => Failed::Ever(FetchError::TooLong {
            url,
            limit: ask.limit,
        }),
        ureq::Error::TooManyRedirects
        | ureq::Error::RedirectFailed
        | ureq::Error::RequireHttpsOnly(_) => Failed::Ever(FetchError::Redirects { url }),
        // A certificate or an address does not mend itself.
        source @ (ureq::Error::Rustls(_)
        | ureq::Error::Tls(_)
        | ureq::Error::BadUri(_)
        | ureq::Error::Http(_)) => {
            let source = Box::new(source);
            Failed::Ever(FetchError::Unreachable { url, tries, source })
        }
        source => {
            let source = Box::new(source);
            Failed::Now(FetchError::Unreachable { url, tries, source }, None)
        }
    }
}

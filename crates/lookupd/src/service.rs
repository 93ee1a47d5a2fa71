use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use adyton_attester::{Attester as _, SoftwareAttester};
use adyton_crypto::{KemKeyPair, os_rng};
use adyton_hatch::{Hatch, HatchError};
use adyton_lookup::{Engine, Greeted, LookupError, Ran};
use adyton_oblivious::Alone;
use adyton_protocol::ErrorBody;
use adyton_types::{ErrorClass, Evidence, TeeKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::error::EnclaveError;
use crate::frame::{ATTEST, Ask, parse_ask, tell};
use crate::start::Start;

/// What vouches for the service.
pub(crate) enum Witness {
    /// This process, in the software TEE.
    Software(SoftwareAttester),
    /// The machine that it runs on, which the front asks: its device is out of an enclave's reach.
    /// Evidence over other report data, or of another machine, is refused by whoever verifies it.
    Machine(TeeKind),
}

/// A service in its enclave: one thread that takes messages in turn, and runs a batch when it is
/// due. While a batch runs messages wait in the hatch; they make the next one.
pub(crate) struct Service<'a> {
    hatch: &'a Hatch,
    witness: Witness,
    engine: Engine,
    begun: Instant,
}

impl<'a> Service<'a> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a shell: it reads the clock, which is the host's anyway"
    )]
    pub(crate) fn new(hatch: &'a Hatch, start: Start, witness: Witness) -> Self {
        let kem = KemKeyPair::generate(&mut os_rng());
        Self {
            hatch,
            witness,
            engine: Engine::new(start.terms, start.tables, kem),
            begun: Instant::now(),
        }
    }

    /// Serves until the front is gone.
    pub(crate) fn run(mut self) -> Result<(), EnclaveError> {
        loop {
            match self.step() {
                Ok(()) => {}
                Err(EnclaveError::Hatch(HatchError::Closed)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn step(&mut self) -> Result<(), EnclaveError> {
        while !self.engine.is_full() && self.readable(Some(Duration::ZERO))? {
            self.take()?;
        }
        let wait = self.engine.due();
        let wait = wait.map(|due| due.saturating_sub(self.begun.elapsed()));
        match wait {
            Some(Duration::ZERO) => self.batch()?,
            wait => {
                self.readable(wait)?;
            }
        }
        Ok(())
    }

    /// Waits until the front says something, so long at most.
    fn readable(&self, wait: Option<Duration>) -> Result<bool, EnclaveError> {
        let hatch = self.hatch.as_fd();
        let mut polled = [PollFd::from_borrowed_fd(hatch, PollFlags::IN)];
        let wait = wait.map(|wait| Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        });
        match poll(&mut polled, wait.as_ref()) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(std::io::Error::from(error).into()),
        }
    }

    fn take(&mut self) -> Result<(), EnclaveError> {
        let frame = self.hatch.receive()?;
        let Some((what, number, body)) = parse_ask(&frame) else {
            return Err(EnclaveError::Hatch(HatchError::OutOfTurn {
                expected: "a client's message",
                found: "something else".to_owned(),
            }));
        };
        let (now, rng) = (self.begun.elapsed(), &mut os_rng());
        let answer = match what {
            Ask::Stats => Ok(Some(self.engine.stats().encode())),
            Ask::Request => self.engine.request(number, body, now, rng),
            Ask::Hello => match self.engine.hello(body, now, rng) {
                Ok(greeted) => return self.welcome(number, &greeted),
                Err(error) => Err(error),
            },
        };
        match answer {
            Ok(Some(answer)) => self.tell(number, 200, &answer),
            Ok(None) => Ok(()),
            Err(error) => self.refuse(number, &error),
        }
    }

    fn welcome(&self, number: u64, greeted: &Greeted) -> Result<(), EnclaveError> {
        let report_data = greeted.report_data();
        match &self.witness {
            Witness::Software(attester) => match attester.evidence(report_data) {
                Ok(evidence) => self.tell(number, 200, &self.engine.welcome(greeted, evidence)),
                Err(error) => self.error(number, error.class(), error.to_string()),
            },
            Witness::Machine(kind) => {
                let (kind, bytes) = (*kind, Vec::new());
                let welcome = self.engine.welcome(greeted, Evidence { kind, bytes });
                let body = [report_data.as_bytes().as_slice(), &welcome].concat();
                self.tell(number, ATTEST, &body)
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a shell: it reads the clock, which is the host's anyway"
    )]
    fn batch(&mut self) -> Result<(), EnclaveError> {
        let begun = Instant::now();
        let ran = self.engine.run(&Alone, &mut os_rng());
        self.engine.took(&ran, begun.elapsed());
        let Ran { replies, .. } = ran;
        for reply in replies {
            match reply.answer {
                Ok(answer) => self.tell(reply.ticket, 200, &answer)?,
                Err(error) => self.refuse(reply.ticket, &error)?,
            }
        }
        Ok(())
    }

    fn refuse(&mut self, number: u64, error: &LookupError) -> Result<(), EnclaveError> {
        self.engine.refused(error);
        self.error(number, error.class(), error.to_string())
    }

    fn error(&self, number: u64, class: ErrorClass, error: String) -> Result<(), EnclaveError> {
        let body = ErrorBody { class, error }.encode();
        self.tell(number, class.http_status(), &body)
    }

    fn tell(&self, number: u64, status: u16, body: &[u8]) -> Result<(), EnclaveError> {
        Ok(self.hatch.send(&tell(number, status, body))?)
    }
}

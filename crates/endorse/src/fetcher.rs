use std::collections::VecDeque;

use adyton_crypto::{os_rng, random};
use adyton_pki::OcspQuestion;
use adyton_types::{Evidence, UnixTime};
use adyton_verifier::material::{
    Material, Trust, VetError, Vetted, ocsp_questions, vet, vet_ocsp, vet_ocsp_nonce,
};
use adyton_verifier::{EndorsementNeeded, VerifyError, needs};

use crate::ask::Ask;
use crate::budget::Budget;
use crate::http::Client;
use crate::{Cache, FetchError, Fetched, Item, Limits, Outcome, Sources, TlsRoots, percent};

/// Gets what Evidence needs: what is at hand stays where it is, what a cache holds and is still good
/// is taken from there, and the rest is asked for and put into the cache.
#[derive(Debug)]
pub struct Fetcher {
    sources: Sources,
    client: Client,
}

/// By what an answer is judged, where it is kept, and what may still be spent on it.
struct Round<'a> {
    trust: &'a Trust,
    now: UnixTime,
    cache: &'a Cache,
    budget: Budget,
}

/// One thing to get.
enum Want<'a> {
    Needed(&'a EndorsementNeeded),
    Ocsp(&'a OcspQuestion),
}

impl Want<'_> {
    fn vet(
        &self,
        answer: &Material,
        known: &Material,
        round: &Round<'_>,
    ) -> Result<Vetted, VetError> {
        match self {
            Self::Needed(needed) => vet(needed, answer, known, round.trust, round.now),
            Self::Ocsp(question) => vet_ocsp(question, answer, round.trust, round.now),
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Needed(needed) => needed.to_string(),
            Self::Ocsp(question) => {
                let certificate = question.certificate();
                let name = certificate.subject_common_name().unwrap_or_default();
                format!("an OCSP answer for `{}`", name.escape_debug())
            }
        }
    }
}

impl Fetcher {
    /// Asks these services.
    ///
    /// # Errors
    /// [`FetchError::NoTlsRoots`], [`FetchError::TlsRoots`].
    pub fn new(sources: Sources, roots: &TlsRoots, limits: Limits) -> Result<Self, FetchError> {
        let client = Client::new(roots, sources.https(), limits)?;
        Ok(Self { sources, client })
    }

    /// Gets what the Evidence needs. `at_hand` is what the caller has already; nothing is asked for
    /// that it holds, or that the Evidence carries itself.
    ///
    /// That something was not to be had is no error here: [`Fetched::failed`] says so.
    ///
    /// # Errors
    /// [`VerifyError`] if the Evidence is not of its form.
    pub fn fetch(
        &self,
        evidence: &Evidence,
        at_hand: Material,
        cache: &Cache,
        trust: &Trust,
        now: UnixTime,
    ) -> Result<Fetched, VerifyError> {
        let mut round = Round {
            trust,
            now,
            cache,
            budget: self.client.budget(),
        };
        let mut known = at_hand;
        known.add_carried(evidence);
        let mut needed = needs(evidence)?;
        needed.sort_by_key(rank);
        let mut queue = VecDeque::from(needed);
        let mut items = Vec::new();
        while let Some(needed) = queue.pop_front() {
            if matches!(needed, EndorsementNeeded::NvidiaOcsp { .. }) {
                for question in ocsp_questions(evidence, &known) {
                    let nonce = *random::<32>(&mut os_rng()).expose();
                    let ask = Some(self.sources.ask_ocsp(&question, nonce));
                    items.push(self.get(&Want::Ocsp(&question), ask, &mut known, &mut round));
                }
                continue;
            }
            let ask = self.sources.ask(&needed);
            let item = self.get(&Want::Needed(&needed), ask, &mut known, &mut round);
            items.push(Item {
                generation: generation(&needed),
                ..item
            });
            more(&needed, &known, &mut queue);
        }
        Ok(Fetched { items })
    }

    /// Gets one, and adds it to what is known.
    fn get(
        &self,
        want: &Want<'_>,
        ask: Option<Ask>,
        known: &mut Material,
        round: &mut Round<'_>,
    ) -> Item {
        let mut item = Item {
            what: want.what(),
            url: None,
            files: Vec::new(),
            outcome: Outcome::AtHand,
            generation: None,
        };
        if want.vet(known, known, round).is_ok() {
            return item;
        }
        let Some(ask) = ask else {
            item.outcome = Outcome::Unserved;
            return item;
        };
        match self.kept_or_fetched(want, &ask, known, round) {
            Ok((vetted, outcome)) => {
                known.extend(material(&vetted.answer, Some(&vetted.above)));
                let chain = ask.chain_header.map(|_| ask.names.chain());
                let names = std::iter::once(ask.names.answer()).chain(chain);
                let files = names.map(|name| round.cache.path().join(name));
                item.files = files.filter(|file| file.is_file()).collect();
                item.outcome = outcome;
            }
            Err(error) => item.outcome = Outcome::Failed(error),
        }
        item.url = Some(ask.url);
        item
    }

    fn kept_or_fetched(
        &self,
        want: &Want<'_>,
        ask: &Ask,
        known: &mut Material,
        round: &mut Round<'_>,
    ) -> Result<(Vetted, Outcome), FetchError> {
        if let Some(chain) = round.cache.load(&ask.names.chain())? {
            // Certificates outlast what they signed: they are of use even if that has ended.
            known.extend(material(&chain, None));
        }
        if let Some(body) = round.cache.load(&ask.names.answer())? {
            let kept = material(&body, None);
            if let Ok(kept) = want.vet(&kept, known, round) {
                let until = kept.until;
                return Ok((kept, Outcome::Kept { until }));
            }
        }
        let answer = self.client.ask(ask, &mut round.budget)?;
        let chain = answer.chain.as_deref().and_then(percent::decode);
        let fetched = material(&answer.body, chain.as_deref());
        // What is kept answers an earlier question; what comes now has to answer this one.
        let mine = ask
            .nonce
            .map_or(Ok(()), |nonce| vet_ocsp_nonce(&fetched, &nonce));
        let vetted = mine.and_then(|()| want.vet(&fetched, known, round));
        let vetted = vetted.map_err(|why| FetchError::Refused {
            url: ask.url.clone(),
            why: Box::new(why),
        })?;
        // What was asked for is kept, and the certificates above it: nothing else that a server puts
        // into its answer lies beside Endorsements later, and gets in their way. The chain first: it
        // is good with the answer of before, too.
        if ask.chain_header.is_some() && !vetted.above.is_empty() {
            round.cache.store(&ask.names.chain(), &vetted.above)?;
        }
        round.cache.store(&ask.names.answer(), &vetted.answer)?;
        let until = vetted.until;
        Ok((vetted, Outcome::Fetched { until }))
    }
}

/// What is verified with others comes after them.
const fn rank(needed: &EndorsementNeeded) -> u8 {
    match needed {
        EndorsementNeeded::AmdVcek { .. } | EndorsementNeeded::IntelRootCrl { .. } => 2,
        EndorsementNeeded::AmdCrl { .. } | EndorsementNeeded::NvidiaOcsp { .. } => 1,
        _ => 0,
    }
}

const fn generation(needed: &EndorsementNeeded) -> Option<&'static str> {
    match needed {
        EndorsementNeeded::AmdVcek { generation, .. }
        | EndorsementNeeded::AmdVlek { generation }
        | EndorsementNeeded::AmdChain { generation, .. }
        | EndorsementNeeded::AmdCrl { generation, .. } => Some(generation.as_str()),
        _ => None,
    }
}

/// A platform's certificate says what else is needed.
fn more(needed: &EndorsementNeeded, known: &Material, queue: &mut VecDeque<EndorsementNeeded>) {
    let EndorsementNeeded::IntelPck { tee, .. } = needed else {
        return;
    };
    for platform in known.platforms() {
        for needed in EndorsementNeeded::of_platform(*tee, &platform) {
            if !queue.contains(&needed) {
                queue.push_back(needed);
            }
        }
    }
    queue.make_contiguous().sort_by_key(rank);
}

fn material(body: &[u8], chain: Option<&[u8]>) -> Material {
    let mut material = Material::new();
    for bytes in std::iter::once(body).chain(chain) {
        // What is no Endorsement is told by what is then missing.
        let _ = material.add(bytes);
    }
    material
}

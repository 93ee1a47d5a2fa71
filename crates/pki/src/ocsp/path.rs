use adyton_codec::hex_encode;
use adyton_types::UnixTime;

use super::answer::Answer;
use super::error::OcspError;
use super::response::OcspResponse;
use crate::{Certificate, PublicKey, VerifiedPath};

/// How long the answers for a path count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OcspWindow {
    /// From when on all do.
    pub not_before: UnixTime,
    /// Until when all do.
    pub not_after: UnixTime,
}

impl VerifiedPath {
    /// Refuses the path unless an authorized responder says of every certificate of it, but for
    /// the root's own, that it is good at `now`. On hold counts as revoked. `responders` are keys
    /// that the caller trusts to answer for every issuer (RFC 6960 section 4.2.2.2), usually none.
    ///
    /// # Errors
    /// [`OcspError`], by the first certificate that is not known to be good.
    pub fn require_unrevoked_by_ocsp(
        &self,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        self.require_good(0, responses, responders, now)
    }

    /// The same for every certificate but the leaf: for a leaf that a device made itself, so that
    /// no CA knows of it.
    ///
    /// # Errors
    /// [`OcspError`], by the first certificate that is not known to be good.
    pub fn require_issuers_unrevoked_by_ocsp(
        &self,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        self.require_good(1, responses, responders, now)
    }

    fn require_good(
        &self,
        from: usize,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        let mut window = OcspWindow {
            not_before: UnixTime::from_secs(0),
            not_after: UnixTime::MAX,
        };
        for (index, certificate) in self.certificates().iter().enumerate().skip(from) {
            if self.is_root(certificate) {
                continue;
            }
            let issuer = self.issuer_key(index)?;
            let one = good(responses, certificate, issuer, index, responders, now)?;
            window.not_before = window.not_before.max(one.not_before);
            window.not_after = window.not_after.min(one.not_after);
        }
        Ok(window)
    }
}

/// The newest authorized answer for a certificate, which has to be good at `now`; of those of one
/// second the worse.
pub(super) fn good(
    responses: &[OcspResponse],
    certificate: &Certificate,
    issuer: &PublicKey,
    index: usize,
    responders: &[PublicKey],
    now: UnixTime,
) -> Result<OcspWindow, OcspError> {
    let answers = find(responses, certificate, issuer, index)?;
    let authorized = answers.into_iter().filter(|(response, _)| {
        response.is_authorized(issuer, certificate.issuer(), responders, now)
    });
    let answer = authorized
        .map(|(_, answer)| answer)
        .max_by_key(|answer| answer.precedence())
        .ok_or(OcspError::Responder { index })?;
    answer.require_good(index, certificate, now)?;
    Ok(OcspWindow {
        not_before: answer.this_update(),
        not_after: answer.next_update(),
    })
}

/// Every answer for a certificate; none is an error.
fn find<'a>(
    responses: &'a [OcspResponse],
    certificate: &Certificate,
    issuer: &PublicKey,
    index: usize,
) -> Result<Vec<(&'a OcspResponse, &'a Answer)>, OcspError> {
    let answers = responses.iter().flat_map(|response| {
        response
            .answers
            .iter()
            .map(move |answer| (response, answer))
    });
    let found: Vec<_> = answers
        .filter(|(_, answer)| answer.is_for(certificate, issuer))
        .collect();
    if found.is_empty() {
        return Err(OcspError::Missing {
            index,
            serial: hex_encode(certificate.serial()),
        });
    }
    Ok(found)
}

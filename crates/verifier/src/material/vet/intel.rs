use adyton_codec::hex_encode;
use adyton_pki::{Certificate, Crl};
use adyton_tee_intel_dcap::{IntelError, PckPlatform, part};
use adyton_types::UnixTime;

use super::error::VetError;
use super::vetted::Vetted;
use crate::material::Trust;
use crate::material::document::Document;
use crate::material::intel_chains::{Chains, PCK_CAS, TCB_SIGNER, to_pem};
pub(super) use crate::material::intel_chains::{PCK, ROOT};
use crate::material::parts::Parts;

/// By what something is judged: the certificates that came with it and those that are known.
#[derive(Clone, Copy)]
pub(super) struct Under<'a> {
    pub(super) parts: [&'a Parts; 2],
    pub(super) trust: &'a Trust,
    pub(super) now: UnixTime,
}

/// The name of the CA that the PCS calls `platform` or `processor`.
pub(super) fn pck_ca(name: &str) -> Option<&'static str> {
    let mut all = PCK_CAS.into_iter();
    all.find(|(_, short)| *short == name).map(|(ca, _)| ca)
}

pub(super) fn tcb_info(document: &Document, under: &Under<'_>) -> Result<Vetted, VetError> {
    let answer = json("tcbInfo", document);
    let signer = "the certificate of Intel's TCB signer";
    under.vet(TCB_SIGNER, signer, answer, |chain| {
        let (tee, signed) = (document.tee, &document.signed);
        part::verify_tcb_info(tee, signed, chain, &under.trust.intel, under.now)
    })
}

pub(super) fn qe_identity(document: &Document, under: &Under<'_>) -> Result<Vetted, VetError> {
    let answer = json("enclaveIdentity", document);
    let signer = "the certificate of Intel's TCB signer";
    under.vet(TCB_SIGNER, signer, answer, |chain| {
        let (tee, signed) = (document.tee, &document.signed);
        part::verify_qe_identity(tee, signed, chain, &under.trust.intel, under.now)
    })
}

pub(super) fn root_crl(crl: &Crl, under: &Under<'_>) -> Result<Vetted, VetError> {
    let signer = "a certificate that Intel's root issued";
    under.vet(TCB_SIGNER, signer, crl.der().to_vec(), |chain| {
        part::verify_root_crl(crl.der(), chain, &under.trust.intel, under.now)
    })
}

pub(super) fn pck_crl(crl: &Crl, issuer: &str, under: &Under<'_>) -> Result<Vetted, VetError> {
    let ca = "the certificate of Intel's PCK CA";
    under.vet(issuer, ca, crl.der().to_vec(), |chain| {
        part::verify_pck_crl(crl.der(), chain, &under.trust.intel, under.now)
    })
}

/// A platform's certificate, under the CA that it names, if it is the one.
pub(super) fn pck(
    leaf: &Certificate,
    under: &Under<'_>,
    fits: impl Fn(&PckPlatform) -> bool,
) -> Result<Option<Vetted>, VetError> {
    let ca = "the certificate of Intel's PCK CA";
    let issuer = leaf.issuer_common_name().unwrap_or_default();
    let answer = to_pem(&[leaf]);
    let (platform, vetted) = under.find(issuer, ca, answer.clone(), |chain| {
        let chain = [answer.as_slice(), chain].concat();
        part::verify_pck(&chain, &under.trust.intel, under.now)
    })?;
    Ok(fits(&platform).then_some(vetted))
}

impl Under<'_> {
    fn vet(
        &self,
        name: &str,
        lacks: &'static str,
        answer: Vec<u8>,
        verify: impl Fn(&[u8]) -> Result<UnixTime, IntelError>,
    ) -> Result<Vetted, VetError> {
        let verify = |chain: &[u8]| Ok(((), verify(chain)?));
        Ok(self.find(name, lacks, answer, verify)?.1)
    }

    /// Verifies under each chain of an authority of that name.
    fn find<T>(
        &self,
        name: &str,
        lacks: &'static str,
        answer: Vec<u8>,
        verify: impl Fn(&[u8]) -> Result<(T, UnixTime), IntelError>,
    ) -> Result<(T, Vetted), VetError> {
        let chains = Chains::of(&self.parts, name, self.trust, self.now);
        match chains.find(verify) {
            Ok(((found, until), above)) => {
                let above = above.to_vec();
                let vetted = Vetted {
                    until,
                    answer,
                    above,
                };
                Ok((found, vetted))
            }
            Err(error) => Err(error.map_or(VetError::Lacks { lacks }, VetError::from)),
        }
    }
}

/// A signed document as Intel's services write it. Its body is the bytes that were signed.
fn json(name: &str, document: &Document) -> Vec<u8> {
    let signature = hex_encode(&document.signed.signature);
    let (head, tail) = (
        format!("{{\"{name}\":"),
        format!(",\"signature\":\"{signature}\"}}"),
    );
    [head.as_bytes(), &document.signed.body, tail.as_bytes()].concat()
}

use der::oid::ObjectIdentifier as Oid;

use crate::der_reader::{DerReader, Element, tag};
use crate::oid::known;
use crate::{KeyKind, PkiError, SignatureAlgorithm};

/// What an X.509 AlgorithmIdentifier of a signature says: the digest and the padding. The curve is
/// the key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Ecdsa(Digest),
    RsaPkcs1(Digest),
    RsaPss(Digest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

const WHAT: &str = "signature algorithm";

impl Scheme {
    /// Reads an AlgorithmIdentifier. Parameters are absent with ECDSA (RFC 5758 section 3.2), NULL
    /// with PKCS #1 v1.5 (RFC 4055 section 5), and complete with PSS.
    pub(crate) fn parse(element: Element<'_>) -> Result<Self, PkiError> {
        let mut fields = element.inside(tag::SEQUENCE, WHAT)?;
        let oid = fields.any(WHAT)?.oid(WHAT)?;
        let unknown = || PkiError::UnknownAlgorithm {
            oid: oid.to_string(),
        };
        let scheme = match oid {
            known::ECDSA_SHA256 => Self::Ecdsa(Digest::Sha256),
            known::ECDSA_SHA384 => Self::Ecdsa(Digest::Sha384),
            known::ECDSA_SHA512 => Self::Ecdsa(Digest::Sha512),
            known::RSA_SHA256 => Self::RsaPkcs1(Digest::Sha256),
            known::RSA_SHA384 => Self::RsaPkcs1(Digest::Sha384),
            known::RSA_SHA512 => Self::RsaPkcs1(Digest::Sha512),
            known::RSA_PSS => Self::RsaPss(pss(fields.any(WHAT)?)?.ok_or_else(unknown)?),
            _ => return Err(unknown()),
        };
        if matches!(scheme, Self::RsaPkcs1(_)) && !fields.expect(tag::NULL, WHAT)?.value.is_empty()
        {
            return Err(unknown());
        }
        fields.finish().map_err(|_| unknown())?;
        Ok(scheme)
    }

    /// The full algorithm, with a key of that kind.
    pub(crate) fn with_key(self, kind: KeyKind) -> Option<SignatureAlgorithm> {
        use SignatureAlgorithm as A;
        Some(match (self, kind) {
            (Self::Ecdsa(Digest::Sha256), KeyKind::P256) => A::EcdsaP256Sha256,
            (Self::Ecdsa(Digest::Sha384), KeyKind::P256) => A::EcdsaP256Sha384,
            (Self::Ecdsa(Digest::Sha512), KeyKind::P256) => A::EcdsaP256Sha512,
            (Self::Ecdsa(Digest::Sha256), KeyKind::P384) => A::EcdsaP384Sha256,
            (Self::Ecdsa(Digest::Sha384), KeyKind::P384) => A::EcdsaP384Sha384,
            (Self::Ecdsa(Digest::Sha512), KeyKind::P384) => A::EcdsaP384Sha512,
            (Self::Ecdsa(Digest::Sha256), KeyKind::P521) => A::EcdsaP521Sha256,
            (Self::Ecdsa(Digest::Sha384), KeyKind::P521) => A::EcdsaP521Sha384,
            (Self::Ecdsa(Digest::Sha512), KeyKind::P521) => A::EcdsaP521Sha512,
            (Self::RsaPkcs1(Digest::Sha256), KeyKind::Rsa) => A::RsaPkcs1Sha256,
            (Self::RsaPkcs1(Digest::Sha384), KeyKind::Rsa) => A::RsaPkcs1Sha384,
            (Self::RsaPkcs1(Digest::Sha512), KeyKind::Rsa) => A::RsaPkcs1Sha512,
            (Self::RsaPss(Digest::Sha256), KeyKind::Rsa) => A::RsaPssSha256,
            (Self::RsaPss(Digest::Sha384), KeyKind::Rsa) => A::RsaPssSha384,
            (Self::RsaPss(Digest::Sha512), KeyKind::Rsa) => A::RsaPssSha512,
            _ => return None,
        })
    }

    /// Its object identifier, for messages.
    pub(crate) const fn oid(self) -> Oid {
        match self {
            Self::Ecdsa(Digest::Sha256) => known::ECDSA_SHA256,
            Self::Ecdsa(Digest::Sha384) => known::ECDSA_SHA384,
            Self::Ecdsa(Digest::Sha512) => known::ECDSA_SHA512,
            Self::RsaPkcs1(Digest::Sha256) => known::RSA_SHA256,
            Self::RsaPkcs1(Digest::Sha384) => known::RSA_SHA384,
            Self::RsaPkcs1(Digest::Sha512) => known::RSA_SHA512,
            Self::RsaPss(_) => known::RSA_PSS,
        }
    }
}

/// RSASSA-PSS-params (RFC 4055 section 3.1): digest, MGF1 with the same digest, salt as long as the
/// digest, trailer 1. The defaults are SHA-1, so the first three have to be there.
fn pss(params: Element<'_>) -> Result<Option<Digest>, PkiError> {
    let mut fields = params.inside(tag::SEQUENCE, WHAT)?;
    let mut part = |n: u8| fields.optional(tag::explicit(n), WHAT);
    let (digest, mgf, salt, trailer) = (part(0)?, part(1)?, part(2)?, part(3)?);
    fields.finish()?;
    let (Some(digest), Some(mgf), Some(salt)) = (digest, mgf, salt) else {
        return Ok(None);
    };
    let (digest, salt_len) = match digest_identifier(only(digest.value)?)? {
        Some(known::SHA256) => (Digest::Sha256, 32),
        Some(known::SHA384) => (Digest::Sha384, 48),
        Some(known::SHA512) => (Digest::Sha512, 64),
        _ => return Ok(None),
    };
    let mut mgf = only(mgf.value)?.inside(tag::SEQUENCE, WHAT)?;
    let mgf1 = mgf.any(WHAT)?.oid(WHAT)? == known::MGF1;
    let mgf_digest = digest_identifier(mgf.any(WHAT)?)?;
    mgf.finish()?;
    let same_digest = mgf_digest == Some(digest_oid(digest));
    let salt_fits = only(salt.value)?.u64(WHAT)? == salt_len;
    let trailer_fits = match trailer {
        Some(trailer) => only(trailer.value)?.u64(WHAT)? == 1,
        None => true,
    };
    Ok((mgf1 && same_digest && salt_fits && trailer_fits).then_some(digest))
}

const fn digest_oid(digest: Digest) -> Oid {
    match digest {
        Digest::Sha256 => known::SHA256,
        Digest::Sha384 => known::SHA384,
        Digest::Sha512 => known::SHA512,
    }
}

fn only(bytes: &[u8]) -> Result<Element<'_>, PkiError> {
    let mut reader = DerReader::new(bytes, WHAT)?;
    let element = reader.any(WHAT)?;
    reader.finish()?;
    Ok(element)
}

/// The digest of an AlgorithmIdentifier whose parameters are absent or NULL (RFC 4055 section 2.1).
fn digest_identifier(element: Element<'_>) -> Result<Option<Oid>, PkiError> {
    let mut fields = element.inside(tag::SEQUENCE, WHAT)?;
    let oid = fields.any(WHAT)?.oid(WHAT)?;
    let empty = match fields.optional(tag::NULL, WHAT)? {
        Some(null) => null.value.is_empty(),
        None => true,
    };
    fields.finish()?;
    Ok(empty.then_some(oid))
}

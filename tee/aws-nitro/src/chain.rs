use adyton_pki::{
    Certificate, KeyKind, KeyUsage, LeafRule, PathRules, PkiError, PublicKey, SignatureAlgorithm,
    TrustAnchor, verify_path,
};
use adyton_types::{Check, UnixTime};

use crate::{NitroDocument, NitroError, Roots, checks};

/// The one algorithm that AWS signs these certificates with.
const ALGORITHMS: [SignatureAlgorithm; 1] = [SignatureAlgorithm::EcdsaP384Sha384];

/// A chain that verified from the pinned root down to the document's leaf.
pub(crate) struct Chain {
    pub(crate) leaf_key: PublicKey,
    pub(crate) not_after: UnixTime,
    pub(crate) checks: Vec<Check>,
}

impl Chain {
    /// Verifies the certificates in the order root to leaf, as AWS writes them.
    ///
    /// The root's own signature is not verified: its key is pinned, and its bytes, which prove
    /// nothing, are under the document's signature like all others.
    pub(crate) fn verify(
        document: &NitroDocument<'_>,
        roots: &Roots,
        now: UnixTime,
    ) -> Result<Self, NitroError> {
        let certificates = parse(document)?;
        let (root, rest) = certificates.split_first().ok_or(NitroError::Root)?;
        if !roots.is_root(root) {
            return Err(NitroError::Root);
        }
        names(&certificates)?;
        root_usage(root)?;
        for (index, certificate) in certificates.iter().enumerate() {
            in_date(index, certificate, now)?;
        }
        let path: Vec<Certificate> = rest.iter().rev().cloned().collect();
        let rules = PathRules {
            leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
            max_certificates: path.len(),
            algorithms: &ALGORITHMS,
            understood: &[],
        };
        let anchor = TrustAnchor::from_certificate(root);
        let path = verify_path(path, &[anchor], &rules, now)
            .map_err(|cause| refused(cause, rest.len()))?;
        let not_after = path.not_after().min(root.not_after());
        let from = path.not_before().max(root.not_before());
        let count = certificates.len();
        Ok(Self {
            leaf_key: path.leaf().public_key().clone(),
            not_after,
            checks: vec![
                checks::ROOT_PINNED.held("certificate 0 has the pinned key"),
                checks::CHAIN_FORM.held(format!("{count} certificates with P-384 keys")),
                checks::CHAIN_NAMES.held("each names the one before it as issuer"),
                checks::CHAIN_SIGNATURES
                    .held("each is signed by the one before it, ECDSA P-384 SHA-384"),
                checks::CHAIN_USAGE.held("authorities above, an end entity that may sign below"),
                checks::CHAIN_DATES.held(format!("{from} to {not_after}")),
            ],
        })
    }
}

fn parse(document: &NitroDocument<'_>) -> Result<Vec<Certificate>, NitroError> {
    let all = document.cabundle.iter().chain([&document.certificate]);
    all.enumerate()
        .map(|(index, der)| {
            let certificate =
                Certificate::parse(der).map_err(|cause| NitroError::Form { index, cause })?;
            if certificate.public_key().kind() == KeyKind::P384 {
                Ok(certificate)
            } else {
                Err(NitroError::Curve { index })
            }
        })
        .collect()
}

fn names(certificates: &[Certificate]) -> Result<(), NitroError> {
    let above = certificates.iter();
    let below = certificates.iter().enumerate().skip(1);
    for (issuer, (index, certificate)) in above.zip(below) {
        if certificate.issuer() != issuer.subject() {
            return Err(NitroError::Issuer { index });
        }
    }
    Ok(())
}

fn root_usage(root: &Certificate) -> Result<(), NitroError> {
    let signs = root
        .key_usage()
        .is_some_and(|usage| usage.allows(KeyUsage::CERT_SIGN));
    if root.is_ca() && signs {
        Ok(())
    } else {
        Err(NitroError::Usage {
            index: 0,
            why: "may not sign certificates",
        })
    }
}

fn in_date(index: usize, certificate: &Certificate, now: UnixTime) -> Result<(), NitroError> {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    if from <= now && now <= until {
        Ok(())
    } else {
        Err(NitroError::Dates {
            index,
            from,
            until,
            now,
        })
    }
}

/// The named check behind an error of the path, which counts from the leaf; `below` certificates
/// are below the root.
fn refused(cause: PkiError, below: usize) -> NitroError {
    let place = |index: usize| below.saturating_sub(index);
    match cause {
        PkiError::Signature { .. }
        | PkiError::UnknownAlgorithm { .. }
        | PkiError::AlgorithmMismatch { .. }
        | PkiError::AlgorithmNotAllowed { .. } => NitroError::CertificateSignature { cause },
        PkiError::NotACa { index } => NitroError::Usage {
            index: place(index),
            why: "issued another, but is no authority",
        },
        PkiError::KeyUsage { index, .. } => NitroError::Usage {
            index: place(index),
            why: "has a key usage that does not allow its use here",
        },
        PkiError::PathLength { index, .. } => NitroError::Usage {
            index: place(index),
            why: "has more authorities below it than it allows",
        },
        PkiError::LeafKind { .. } => NitroError::Usage {
            index: below,
            why: "signed the document, but is an authority for certificates",
        },
        cause => NitroError::Path { cause },
    }
}

use adyton_codec::hex_encode;
use adyton_pki::{Certificate, KeyKind, KeyUsage, LeafRule, PublicKey, SignatureAlgorithm};
use adyton_types::{Check, UnixTime};

use crate::error::Part;
use crate::signing_ca::{refused, single};
use crate::vek_extensions::{Holder, VekExtensions, below_arc};
use crate::{Generation, SigningCa, SnpError, TcbVersion, VekKind, checks};

/// The Endorsements of one chip (or cloud) at one TCB that verified: a V*EK certificate, the
/// authority that signed it, its root, and AMD's revocation list. It is verified once, for all the
/// reports that the key signs, and knows when it ends.
#[derive(Debug, Clone)]
pub struct SnpEndorsements {
    generation: Generation,
    kind: VekKind,
    tcb: TcbVersion,
    holder: Holder,
    key: PublicKey,
    not_before: UnixTime,
    not_after: UnixTime,
    revocation_checked: bool,
    checks: Vec<Check>,
}

impl SnpEndorsements {
    /// Verifies a VCEK or VLEK certificate in DER: one RSA-4096 signature.
    ///
    /// # Errors
    /// The [`SnpError`] whose [`check`](SnpError::check) names what failed.
    pub fn verify(ca: &SigningCa, vek: &[u8], now: UnixTime) -> Result<Self, SnpError> {
        let part = Part::Vek;
        if now < ca.not_before || now > ca.not_after {
            return Err(SnpError::Endorsements {
                from: ca.not_before,
                until: ca.not_after,
            });
        }
        let vek = Certificate::parse(vek).map_err(|cause| SnpError::Profile { part, cause })?;
        let leaf = LeafRule::EndEntityUsageOptional(KeyUsage::DIGITAL_SIGNATURE);
        single(&vek, std::slice::from_ref(&ca.anchor), leaf, now)
            .map_err(|cause| refused(part, &vek, cause, now))?;
        let mut checks = ca.checks.clone();
        checks.push(checks::VEK_SIGNATURE.held("signed by the authority, RSASSA-PSS with SHA-384"));
        checks.push(checks::VEK_DATES.held(format!("{} to {}", vek.not_before(), vek.not_after())));
        checks.push(profile(&vek, ca.kind)?);
        if let Some(crl) = &ca.crl {
            if crl.revoked(vek.serial()) {
                return Err(SnpError::Revoked { part });
            }
            checks.push(
                checks::VEK_NOT_REVOKED
                    .held(format!("serial {} is not in the list", vek.serial_hex())),
            );
        }
        let extensions = extensions(&vek, ca.kind)?;
        checks.push(checks::VEK_EXTENSIONS.held(match &extensions.holder {
            Holder::Chip(id) => format!("TCB ({}), hwID {}", extensions.tcb, hex_encode(id)),
            Holder::Cloud(csp) => format!("TCB ({}), CSP_ID {csp}", extensions.tcb),
        }));
        checks.push(product(&extensions, ca.generation)?);
        Ok(Self {
            generation: ca.generation,
            kind: ca.kind,
            tcb: extensions.tcb,
            holder: extensions.holder,
            key: vek.public_key().clone(),
            not_before: ca.not_before.max(vek.not_before()),
            not_after: ca.not_after.min(vek.not_after()),
            revocation_checked: ca.crl.is_some(),
            checks,
        })
    }

    /// The processor's generation.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The kind of key.
    #[must_use]
    pub const fn kind(&self) -> VekKind {
        self.kind
    }

    /// The TCB that the key was derived for.
    #[must_use]
    pub const fn tcb(&self) -> TcbVersion {
        self.tcb
    }

    /// The chip that the certificate names; a VLEK's names none.
    #[must_use]
    pub fn chip_id(&self) -> Option<&[u8]> {
        match &self.holder {
            Holder::Chip(id) => Some(id),
            Holder::Cloud(_) => None,
        }
    }

    /// The first second at which all of it is valid.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// The last second at which all of it is valid.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// The checks that were made.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    pub(crate) const fn holder(&self) -> &Holder {
        &self.holder
    }

    pub(crate) const fn revocation_checked(&self) -> bool {
        self.revocation_checked
    }

    pub(crate) fn verify_report(
        &self,
        signed: &[u8],
        signature: &[u8; 96],
    ) -> Result<(), SnpError> {
        let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
        self.key
            .verify(algorithm, signed, signature, "an SNP report")
            .map_err(|_| SnpError::ReportSignature)
    }
}

fn profile(vek: &Certificate, kind: VekKind) -> Result<Check, SnpError> {
    let role = |why| SnpError::Role {
        part: Part::Vek,
        why,
    };
    if vek.subject_common_name() != Some(kind.certificate_name()) {
        return Err(role("is not named as one of its authority's"));
    }
    if vek.public_key().kind() != KeyKind::P384 {
        return Err(role("has a key that is not on P-384"));
    }
    Ok(checks::VEK_PROFILE.held(format!("{} with a P-384 key", kind.certificate_name())))
}

fn extensions(vek: &Certificate, kind: VekKind) -> Result<VekExtensions, SnpError> {
    let all = vek
        .extensions()
        .map(|found| (found.oid, found.value))
        .collect::<Vec<_>>();
    let amd = all
        .iter()
        .filter_map(|(oid, value)| Some((below_arc(oid.as_bytes())?, *value)));
    let extensions = VekExtensions::parse(amd)?;
    match (kind, &extensions.holder) {
        (VekKind::Vcek, Holder::Chip(_)) | (VekKind::Vlek, Holder::Cloud(_)) => Ok(extensions),
        (VekKind::Vcek, Holder::Cloud(_)) => Err(SnpError::Extension {
            extension: "CSP_ID",
            why: "is not that of a VCEK",
        }),
        (VekKind::Vlek, Holder::Chip(_)) => Err(SnpError::Extension {
            extension: "hwID",
            why: "is not that of a VLEK",
        }),
    }
}

fn product(extensions: &VekExtensions, generation: Generation) -> Result<Check, SnpError> {
    if extensions.generation == generation {
        Ok(checks::VEK_PRODUCT.held(format!("{generation}, as the root")))
    } else {
        Err(SnpError::Product {
            name: extensions.generation.as_str().to_owned(),
        })
    }
}

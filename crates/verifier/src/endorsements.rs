use std::borrow::Cow;

use adyton_tee_amd_snp::{Generation, SigningCa, SnpEndorsements, SnpReport, VekKind};
use adyton_tee_arm_cca::CcaEndorsements;
use adyton_tee_aws_nitro::Roots as NitroRoots;
use adyton_tee_intel_dcap::{IntelEndorsements, IntelTee};
use adyton_tee_nvidia_gpu::NvidiaEndorsements;
use adyton_tee_tcg_tpm::TpmEndorsements;
use adyton_types::{TeeKind, UnixTime};

use crate::{EndorsementNeeded, VerifyError};

/// How old a Nitro attestation document may be, in seconds, where the caller does not say. Its
/// certificates last three hours; a binding that is fresh makes a lower limit unnecessary.
pub const NITRO_MAX_AGE_SECS: u64 = 3 * 3600;

/// The Endorsements that a Verifier holds, of all vendors, each verified once. It is filled by
/// what the vendors' crates have verified; Evidence of a kind for which nothing is held is refused
/// with a list of what to fetch.
///
/// Evidence of the software TEE needs none (its key is pinned by policy), and Evidence of Nitro
/// carries its own, up to a root key that is built in.
#[derive(Debug)]
pub struct Endorsements {
    pub(crate) intel: Vec<IntelEndorsements>,
    pub(crate) amd: Vec<SigningCa>,
    pub(crate) snp: Vec<SnpEndorsements>,
    nitro: (NitroRoots, u64),
    tpm: Option<TpmEndorsements>,
    pub(crate) cca: Option<CcaEndorsements>,
    pub(crate) nvidia: Option<NvidiaEndorsements>,
    refused: Vec<(Scope, VerifyError)>,
}

/// Which Evidence an Endorsement would have been for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Quotes of this TEE from platforms of that FMSPC.
    Intel(IntelTee, [u8; 6]),
    /// Reports of chips of this generation.
    Amd(Generation),
    /// All of a kind.
    Kind(TeeKind),
}

impl Scope {
    fn covers(self, kind: TeeKind, needed: &[EndorsementNeeded]) -> bool {
        match self {
            Self::Kind(of) => of == kind,
            Self::Intel(of, model) => needed.iter().any(|needed| {
                matches!(needed, EndorsementNeeded::IntelTcbInfo { tee, fmspc, .. }
                    if *tee == of && *fmspc == model)
            }),
            Self::Amd(of) => needed.iter().any(|needed| {
                matches!(needed, EndorsementNeeded::AmdChain { generation, .. } if *generation == of)
            }),
        }
    }
}

impl Default for Endorsements {
    fn default() -> Self {
        Self::new()
    }
}

impl Endorsements {
    /// None but what is built in.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            intel: Vec::new(),
            amd: Vec::new(),
            snp: Vec::new(),
            nitro: (NitroRoots::aws(), NITRO_MAX_AGE_SECS),
            tpm: None,
            cca: None,
            nvidia: None,
            refused: Vec::new(),
        }
    }

    /// Holds Intel's, for one TEE and one FMSPC each.
    pub fn add_intel(&mut self, endorsements: IntelEndorsements) {
        self.intel.push(endorsements);
    }

    /// Holds AMD's, for one chip or cloud at one TCB each.
    pub fn add_snp(&mut self, endorsements: SnpEndorsements) {
        self.snp.push(endorsements);
    }

    /// Holds an authority of AMD's: certificates that come with reports are verified under it.
    pub fn add_amd(&mut self, authority: SigningCa) {
        self.amd.push(authority);
    }

    /// Sets the root of Nitro documents, and how old one may be.
    pub fn set_nitro(&mut self, roots: NitroRoots, max_age_secs: u64) {
        self.nitro = (roots, max_age_secs);
    }

    /// Sets who vouches for keys of TPMs.
    pub fn set_tpm(&mut self, endorsements: TpmEndorsements) {
        self.tpm = Some(endorsements);
    }

    /// Sets the Endorsements and Reference Values of CCA platforms.
    pub fn set_cca(&mut self, endorsements: CcaEndorsements) {
        self.cca = Some(endorsements);
    }

    /// Sets NVIDIA's manifests and OCSP answers.
    pub fn set_nvidia(&mut self, endorsements: NvidiaEndorsements) {
        self.nvidia = Some(endorsements);
    }

    /// Remembers that an Endorsement was refused and why: Evidence that lacks it is refused with
    /// this reason, not as if nobody had tried.
    pub fn add_refused(&mut self, scope: Scope, error: VerifyError) {
        self.refused.push((scope, error));
    }

    /// The Endorsements that were refused.
    #[must_use]
    pub fn refused(&self) -> &[(Scope, VerifyError)] {
        &self.refused
    }

    /// Those for the platform, the newest that are in date first.
    pub(crate) fn intel_for(
        &self,
        tee: IntelTee,
        fmspc: Option<[u8; 6]>,
        now: UnixTime,
    ) -> Vec<&IntelEndorsements> {
        let mut fitting: Vec<&IntelEndorsements> = self
            .intel
            .iter()
            .filter(|known| known.tee() == tee && fmspc.is_none_or(|f| f == known.fmspc()))
            .collect();
        fitting.sort_by_key(|known| {
            let stale = now < known.not_before() || now > known.not_after();
            (stale, std::cmp::Reverse(known.not_before()))
        });
        fitting
    }

    /// Those for the report's chip (or cloud), of its own TCB first. `vek` is a certificate that came
    /// with the report: it counts if an authority that is held has signed it.
    pub(crate) fn snp_for(
        &self,
        report: &SnpReport<'_>,
        vek: Option<&[u8]>,
        now: UnixTime,
    ) -> Vec<Cow<'_, SnpEndorsements>> {
        let kind = VekKind::from_signing_key(report.signing_key());
        let masked = report.chip_id_masked();
        let fits = |known: &SnpEndorsements| {
            let generation = report.generation().is_none_or(|g| g == known.generation());
            let chip = known.chip_id().is_none_or(|certified| {
                masked || report.chip_id.get(..certified.len()) == Some(certified)
            });
            generation && chip && kind.is_none_or(|kind| kind == known.kind())
        };
        let came = vek.into_iter().flat_map(|vek| {
            let authorities = self.amd.iter();
            authorities.filter_map(move |ca| SnpEndorsements::verify(ca, vek, now).ok())
        });
        let mut fitting: Vec<Cow<'_, SnpEndorsements>> = self
            .snp
            .iter()
            .map(Cow::Borrowed)
            .chain(came.map(Cow::Owned))
            .filter(|known| fits(known))
            .collect();
        fitting.sort_by_key(|known| {
            report.reported_tcb.decode(known.generation()) != Some(known.tcb())
        });
        fitting
    }

    pub(crate) const fn nitro(&self) -> (&NitroRoots, u64) {
        (&self.nitro.0, self.nitro.1)
    }

    pub(crate) const fn tpm(&self) -> Option<&TpmEndorsements> {
        self.tpm.as_ref()
    }

    pub(crate) const fn cca(&self) -> Option<&CcaEndorsements> {
        self.cca.as_ref()
    }

    pub(crate) const fn nvidia(&self) -> Option<&NvidiaEndorsements> {
        self.nvidia.as_ref()
    }

    /// The error where nothing is held: why what was there was refused, or what to fetch.
    pub(crate) fn missing(&self, kind: TeeKind, needed: Vec<EndorsementNeeded>) -> VerifyError {
        let refused = self.refused.iter();
        let mut found = refused.filter(|(scope, _)| scope.covers(kind, &needed));
        match found.next() {
            Some((_, error)) => error.clone(),
            None => VerifyError::Missing { kind, needed },
        }
    }
}

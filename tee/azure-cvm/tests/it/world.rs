//! Endorsements for real evidence, at times when all of it was valid.

use std::sync::LazyLock;

use adyton_pki::parse_pem_chain;
use adyton_tee_amd_snp::{CaChain, Roots, SigningCa, SnpEndorsements};
use adyton_tee_azure_cvm::{
    AzureEndorsements, AzureError, AzureEvidence, Expected, Hardware, UserData, VerifiedAzure,
    verify,
};
use adyton_tee_intel_dcap::{IntelBundle, IntelEndorsements, IntelTee};
use adyton_tee_tcg_tpm::{HashAlg, PcrSelection, PcrSet, Quote};
use adyton_types::UnixTime;
use adyton_vectors::Vectors;

/// 2026-01-01, when every VCEK is valid.
const SNP_TIME: UnixTime = UnixTime::from_secs(1_767_225_600);

/// Genoa's authority, as AMD serves it; Milan's is among the vectors.
const GENOA: &str = include_str!("../../../amd-snp/tests/data/genoa-chain.pem");

/// Every bundle of TDX with a time at which it is valid.
static BUNDLES: LazyLock<Vec<(IntelEndorsements, UnixTime)>> = LazyLock::new(|| {
    let vectors = Vectors::open().unwrap();
    let mut seen: Vec<(String, u64)> = vectors
        .table("INTEL_VERDICTS.tsv")
        .into_iter()
        .filter(|cells| cells[1].contains("/TDX_"))
        .map(|cells| (cells[1].clone(), cells[3].parse().unwrap()))
        .collect();
    seen.sort();
    seen.dedup_by(|a, b| a.0 == b.0);
    seen.into_iter()
        .filter_map(|(file, time)| {
            let bundle = IntelBundle::from_json(&vectors.read(&file)).ok()?;
            let now = UnixTime::from_secs(time);
            let roots = adyton_tee_intel_dcap::Roots::intel();
            let endorsements = IntelEndorsements::verify(IntelTee::Tdx, &bundle, &roots, 0, now);
            Some((endorsements.ok()?, now))
        })
        .collect()
});

/// The first certificate of a PEM text, in DER.
pub(crate) fn first_der(pem: &[u8]) -> Vec<u8> {
    // Some files have a last line that is not ended, or lines of other lengths.
    let text = String::from_utf8(pem.to_vec()).unwrap();
    let (body, _) = text.split_once("-----END").unwrap();
    let (_, body) = body.split_once("CERTIFICATE-----").unwrap();
    let body: String = body.split_whitespace().collect();
    adyton_codec::base64_decode(&body).unwrap()
}

pub(crate) fn snp_endorsements(vek: &[u8]) -> SnpEndorsements {
    let genoa = parse_pem_chain(GENOA.as_bytes()).unwrap();
    let milan = ["ARK-Milan_69d063b4.der", "SEV-Milan_67d303bd.der"];
    let vectors = Vectors::open().unwrap();
    let [ark, ca] = milan.map(|name| vectors.ending("amd-certs", name));
    let chains = [
        (genoa[1].der().to_vec(), genoa[0].der().to_vec()),
        (ark, ca),
    ];
    let found = chains.iter().find_map(|(ark, ca)| {
        let chain = CaChain { ark, ca };
        let ca = SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, SNP_TIME);
        SnpEndorsements::verify(&ca.unwrap(), vek, SNP_TIME).ok()
    });
    found.expect("a V*EK of Milan or Genoa")
}

/// The nonce that a quote states. What its maker asked for is known for few of them.
pub(crate) fn stated_nonce(evidence: &AzureEvidence) -> Vec<u8> {
    Quote::parse(&evidence.quote).unwrap().extra_data.to_vec()
}

pub(crate) fn all_pcrs() -> PcrSelection {
    PcrSelection::new(HashAlg::Sha256, PcrSet::new(0..24).unwrap())
}

/// What verifies one piece of evidence again and again.
pub(crate) enum World {
    Snp(SnpEndorsements),
    Tdx(&'static IntelEndorsements, UnixTime),
}

impl World {
    /// The Endorsements for this evidence; those of TDX by trying.
    pub(crate) fn of(evidence: &AzureEvidence) -> Self {
        match &evidence.hardware {
            Hardware::Snp { vek } => Self::Snp(snp_endorsements(vek.as_ref().unwrap())),
            Hardware::Tdx { quote } => {
                // The declared length of the signature data of a quote of version 4.
                let size = u32::from_le_bytes(quote[632..636].try_into().unwrap());
                let quote = &quote[..636 + usize::try_from(size).unwrap()];
                let fits = BUNDLES.iter().find(|(endorsements, now)| {
                    adyton_tee_intel_dcap::verify(quote, endorsements, *now).is_ok()
                });
                let (endorsements, now) = fits.expect("a bundle for this platform");
                Self::Tdx(endorsements, *now)
            }
        }
    }

    pub(crate) fn judge(
        &self,
        evidence: &AzureEvidence,
        nonce: &[u8],
    ) -> Result<VerifiedAzure, AzureError> {
        let expected = Expected {
            nonce,
            selection: all_pcrs(),
            user_data: UserData::Claim,
        };
        let (endorsements, now) = match self {
            Self::Snp(endorsements) => (AzureEndorsements::Snp(endorsements), SNP_TIME),
            Self::Tdx(endorsements, now) => (AzureEndorsements::Tdx(endorsements), *now),
        };
        verify(evidence, endorsements, &expected, now)
    }
}

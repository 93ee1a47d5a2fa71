use std::io;
use std::path::Path;

use adyton_tee_arm_cca::{CcaEndorsements, CcaToken, ComponentReference, EcKey, PlatformReference};
use adyton_tee_aws_nitro::NitroDocument;
use adyton_types::{TeeKind, UnixTime};
use adyton_verifier::envelope::Found;
use adyton_verifier::material::{Material, Trust};
use adyton_verifier::{Endorsements, VerifyError, authenticate};

use crate::index::{Index, Row};
use crate::pieces::pem_body;
use crate::table::{Outcome, Table};

/// AMD's certificates for Genoa are not among the vectors.
const GENOA: &str = "../../tee/amd-snp/tests/data/genoa-chain.pem";

/// The kinds of files that are, or hold, Evidence of other vendors than Intel.
const KINDS: [&str; 6] = [
    "snp-report",
    "aci-evidence",
    "azure-snp-evidence",
    "azure-tdx-evidence",
    "nitro-doc",
    "cca",
];

/// Long after all recorded Evidence, within the time of all certificates that have no dates listed.
const LATE: UnixTime = UnixTime::from_secs(1_785_000_000);

/// What all files are verified with.
pub(crate) struct Vendors {
    amd: Material,
    intel: Vec<Vec<u8>>,
    keys: Vec<Result<EcKey, &'static str>>,
}

impl Vendors {
    pub(crate) fn read(index: &Index) -> io::Result<Self> {
        let mut amd = Material::new();
        for certificate in index.folder("amd-certs")? {
            // All are certificates; a tampered one is none.
            let _ = amd.add(&certificate);
        }
        let genoa = Path::new(env!("CARGO_MANIFEST_DIR")).join(GENOA);
        let _ = amd.add(&std::fs::read(genoa)?);
        Ok(Self {
            amd,
            intel: index.folder("intel-bundles")?,
            keys: keys(index)?,
        })
    }

    /// Another certificate of AMD's, if it is one.
    pub(crate) fn add_amd(&mut self, certificate: &[u8]) {
        let _ = self.amd.add(certificate);
    }

    /// What comes of Evidence, at a time when what its row names was valid.
    pub(crate) fn verify(&self, found: &Found, row: &Row) -> Outcome {
        let result = match found.evidence.kind {
            TeeKind::Snp | TeeKind::AzureSnp => on_amd(found, row, self),
            TeeKind::Nitro => {
                let made =
                    NitroDocument::parse(&found.evidence.bytes).map(|d| d.timestamp_ms / 1000);
                let now = made.map_or(LATE, UnixTime::from_secs);
                authentic(found, &Endorsements::new(), now)
            }
            TeeKind::AzureTdx | TeeKind::Tdx | TeeKind::Sgx => on_intel(found, self),
            TeeKind::Cca => on_cca(found, self),
            _ => authentic(found, &Endorsements::new(), LATE),
        };
        match result {
            Ok(status) => Outcome::Accepted(status),
            Err(error) => Outcome::Refused(error.check().to_owned()),
        }
    }
}

pub(crate) fn run(index: &Index, vendors: &Vendors, table: &mut Table) -> io::Result<()> {
    for row in index.rows() {
        if !KINDS.iter().any(|kind| row.kind.starts_with(kind)) || row.kind.contains('/') {
            continue;
        }
        let Some(found) = index.evidence(row)? else {
            // Azure's are put together elsewhere.
            if !row.kind.starts_with("azure") {
                table.add_part(&row.kind);
            }
            continue;
        };
        let outcome = vendors.verify(&found, row);
        table.add(&row.kind, &outcome);
        let accepted = matches!(outcome, Outcome::Accepted(_));
        table.compare(
            &row.file,
            accepted == lists_valid(row),
            &row.verdict,
            &outcome,
        );
    }
    Ok(())
}

/// Whether the index says that the Evidence is good. "X must fail" is said of files named X.
fn lists_valid(row: &Row) -> bool {
    let bad = ["INVALID", "must NOT", "not checked"];
    match row.verdict.strip_suffix(" must fail") {
        Some(name) => !row.file.contains(name),
        None => !bad.iter().any(|word| row.verdict.contains(word)),
    }
}

fn authentic(
    found: &Found,
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<String, VerifyError> {
    let authentic = authenticate(&found.evidence, endorsements, now)?;
    let concerns = Vec::from_iter(authentic.claims().concerns.iter().cloned());
    Ok(concerns.join(" "))
}

/// No revocation list of AMD's was recorded.
fn on_amd(found: &Found, row: &Row, vendors: &Vendors) -> Result<String, VerifyError> {
    let trust = Trust {
        danger_amd_without_revocation_list: true,
        ..Trust::vendors()
    };
    let now = row.starts().map_or(LATE, |start| start.plus_secs(86_400));
    authentic(found, &vendors.amd.endorse(&trust, now), now)
}

/// With each bundle at its own time, until one is accepted.
fn on_intel(found: &Found, vendors: &Vendors) -> Result<String, VerifyError> {
    let mut first = None;
    for bundle in &vendors.intel {
        let mut material = Material::new();
        if material.add(bundle).is_err() {
            continue;
        }
        let Some(now) = issued(bundle) else {
            continue;
        };
        let endorsements = material.endorse(&Trust::vendors(), now.plus_secs(3600));
        match authentic(found, &endorsements, now.plus_secs(3600)) {
            Ok(status) => return Ok(status),
            Err(error) => {
                let missing = matches!(error, VerifyError::Missing { .. });
                if first.is_none() || !missing {
                    first = Some(error);
                }
            }
        }
    }
    Err(first.unwrap_or(VerifyError::UnsupportedKind {
        kind: found.evidence.kind,
    }))
}

/// The latest `issueDate` in a bundle.
fn issued(bundle: &[u8]) -> Option<UnixTime> {
    let text = String::from_utf8_lossy(bundle);
    let parts = text.split("issueDate").skip(1);
    let times = parts.filter_map(|part| {
        let start = part.find("20")?;
        part.get(start..start.checked_add(20)?)?.parse().ok()
    });
    times.max()
}

/// Keys that lie beside the tokens.
fn keys(index: &Index) -> io::Result<Vec<Result<EcKey, &'static str>>> {
    let mut keys = Vec::new();
    for row in index
        .rows()
        .iter()
        .filter(|row| row.file.starts_with("cca/"))
    {
        if row.file.ends_with(".json") {
            let text = index.text(&row.file)?;
            keys.push(EcKey::from_jwk(&text));
            let anchors: Option<serde_json::Value> = serde_json::from_str(&text).ok();
            let inner = anchors.and_then(|anchors| Some(anchors.get(0)?.get("pkey")?.to_string()));
            keys.extend(inner.map(|key| EcKey::from_jwk(&key)));
        } else if row.file.ends_with(".pem") {
            let spki = pem_body(&index.text(&row.file)?);
            keys.extend(spki.map(|spki| EcKey::from_spki(&spki)));
        }
    }
    Ok(keys.into_iter().filter(Result::is_ok).collect())
}

/// With the key beside it that fits, and the token's own Reference Values: there are no others.
fn on_cca(found: &Found, vendors: &Vendors) -> Result<String, VerifyError> {
    let token = CcaToken::parse(&found.evidence.bytes)?;
    let (implementation, instance) = (token.platform.implementation, token.platform.instance);
    let components = token.platform.components.iter();
    let reference = PlatformReference {
        config: token.platform.config.clone(),
        components: components
            .map(|component| ComponentReference {
                kind: component.kind.clone(),
                measurement: component.measurement.clone(),
                signer: component.signer.clone(),
                version: component.version.clone(),
            })
            .collect(),
        required: Vec::new(),
    };
    let mut last = VerifyError::UnsupportedKind { kind: TeeKind::Cca };
    for key in &vendors.keys {
        let mut cca = CcaEndorsements::new(LATE, LATE);
        if cca.add_key(implementation, instance, key.clone()).is_err() {
            continue;
        }
        cca.set_reference(implementation, reference.clone());
        let mut endorsements = Endorsements::new();
        endorsements.set_cca(cca);
        match authentic(found, &endorsements, LATE) {
            Ok(status) => return Ok(status),
            Err(error) => last = error,
        }
    }
    Err(last)
}

use adyton_codec::hex_encode;
use adyton_crypto::ct_eq;
use adyton_pki::{
    KeyUsage, LeafRule, PathRules, SignatureAlgorithm, VerifiedPath, parse_pem_chain, verify_path,
};
use adyton_types::{Check, UnixTime};

use crate::checks::{self, NamedCheck};
use crate::{
    Architecture, DeviceClaims, DeviceEvidence, NvidiaEndorsements, NvidiaError, Report, Rim, fwid,
    measurements,
};

/// Most certificates of a device's chain; those of today have five.
const MAX_CERTIFICATES: usize = 6;

/// What has been checked so far, for a person to audit.
#[derive(Default)]
struct Made(Vec<Check>);

impl Made {
    fn add(&mut self, named: NamedCheck, compared: impl Into<String>) {
        self.0.push(Check::new(named.name, named.source, compared));
    }
}

/// Verifies one device: first that its report is genuine, then that what it reports is NVIDIA's.
pub(crate) fn verify_device(
    device: &DeviceEvidence,
    endorsements: &NvidiaEndorsements,
    now: UnixTime,
) -> Result<(DeviceClaims, Vec<Check>), NvidiaError> {
    let mut made = Made::default();
    let report = Report::parse(&device.report)?;
    let count = report.measurements.len();
    made.add(checks::REPORT_FORM, format!("{count} measurements"));
    made.add(
        checks::REQUEST,
        "all measurements, signed, slot 0, SPDM 1.1",
    );
    nonce(&report, device, &mut made)?;
    let path = chain(device, endorsements, now, &mut made)?;
    let hardware = architecture(&path, device.architecture, &mut made)?;
    let firmware = firmware(&path, &report, &mut made)?;
    revocation(&path, endorsements, now, &mut made)?;
    signature(&path, &report, &mut made)?;
    let versions = Versions::of(&report, device.architecture)?;
    let rims = versions.rims(device.architecture, endorsements, &mut made)?;
    in_force(&rims, now, &mut made)?;
    let golden = measurements::golden(rims.iter().copied())?;
    made.add(
        checks::RIM_OVERLAP,
        format!("{} measurements, each in one manifest", golden.len()),
    );
    let measured = measurements::compare(&report, &golden)?;
    made.add(
        checks::MEASUREMENTS,
        format!("{measured} measurements are golden values"),
    );
    let mode = report.opaque.mode()?;
    made.add(checks::MODE, format!("{mode:?}"));
    let claims = DeviceClaims {
        architecture: device.architecture,
        device_key: path.leaf().public_key().fingerprint(),
        ueid: path.leaf().serial_hex(),
        hardware,
        driver_version: versions.driver,
        vbios_version: versions.vbios,
        firmware,
        mode,
        locked: report.opaque.switch_locked(),
        measured,
        switch_pdis: report.opaque.switch_pdis()?,
        gpu_pdis: report.opaque.gpu_pdis()?,
    };
    Ok((claims, made.0))
}

fn nonce(report: &Report<'_>, device: &DeviceEvidence, made: &mut Made) -> Result<(), NvidiaError> {
    if !ct_eq(&report.request.nonce, &device.nonce) {
        return Err(NvidiaError::Nonce {
            what: "the report answers another nonce",
        });
    }
    made.add(checks::NONCE, hex_encode(&device.nonce));
    Ok(())
}

fn chain(
    device: &DeviceEvidence,
    endorsements: &NvidiaEndorsements,
    now: UnixTime,
    made: &mut Made,
) -> Result<VerifiedPath, NvidiaError> {
    let certificates = parse_pem_chain(&device.chain).map_err(NvidiaError::Chain)?;
    let rules = PathRules {
        leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
        max_certificates: MAX_CERTIFICATES,
        algorithms: &[SignatureAlgorithm::EcdsaP384Sha384],
        understood: &[],
    };
    let anchors = endorsements.roots().device();
    let path = verify_path(certificates, anchors, &rules, now).map_err(NvidiaError::Chain)?;
    let length = path.certificates().len();
    made.add(
        checks::CHAIN,
        format!("{length} certificates to the device root, at {now}"),
    );
    Ok(path)
}

fn architecture(
    path: &VerifiedPath,
    expected: Architecture,
    made: &mut Made,
) -> Result<String, NvidiaError> {
    let name = path.leaf().subject_common_name().unwrap_or_default();
    if Architecture::of_common_name(name) != Some(expected) {
        return Err(NvidiaError::Architecture {
            expected,
            found: name.chars().take(80).collect(),
        });
    }
    made.add(checks::ARCHITECTURE, format!("`{name}` is {expected}"));
    Ok(name.to_owned())
}

/// The firmware that reports is the one that the leaf's key was made for. Older firmware, and
/// switches, do not repeat it in the report; the leaf then is all that says it, and it is signed by
/// the layer below.
fn firmware(
    path: &VerifiedPath,
    report: &Report<'_>,
    made: &mut Made,
) -> Result<[u8; 48], NvidiaError> {
    let certified = fwid::of_leaf(path.leaf())?;
    match report.opaque.fwid() {
        Some(reported) if !ct_eq(reported, &certified) => Err(NvidiaError::Fwid {
            what: "another firmware reports than the device's certificate names",
        }),
        Some(_) => {
            made.add(checks::FWID, hex_encode(&certified));
            Ok(certified)
        }
        None => {
            let certified_only = format!("{}, not in the report", hex_encode(&certified));
            made.add(checks::FWID, certified_only);
            Ok(certified)
        }
    }
}

/// Every certificate but the leaf, which the device itself made at boot: no CA knows of it.
fn revocation(
    path: &VerifiedPath,
    endorsements: &NvidiaEndorsements,
    now: UnixTime,
    made: &mut Made,
) -> Result<(), NvidiaError> {
    let responders = endorsements.roots().responders();
    let window = path
        .require_issuers_unrevoked_by_ocsp(endorsements.ocsp(), responders, now)
        .map_err(NvidiaError::Revocation)?;
    made.add(
        checks::REVOCATION,
        format!("every issuer good until {}", window.not_after),
    );
    Ok(())
}

fn signature(path: &VerifiedPath, report: &Report<'_>, made: &mut Made) -> Result<(), NvidiaError> {
    let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
    path.leaf()
        .public_key()
        .verify(algorithm, report.signed, report.signature, "report")
        .map_err(|_| NvidiaError::Signature)?;
    let length = report.signed.len();
    made.add(
        checks::SIGNATURE,
        format!("{algorithm} over the received {length} bytes"),
    );
    Ok(())
}

/// The versions that a device reports, and the manifests that are for them.
struct Versions {
    driver: Option<String>,
    vbios: String,
    board: Option<[String; 3]>,
}

impl Versions {
    fn of(report: &Report<'_>, architecture: Architecture) -> Result<Self, NvidiaError> {
        let vbios = report.opaque.vbios_version(architecture)?;
        let (driver, board) = if architecture.is_switch() {
            (None, None)
        } else {
            let board = report.opaque.board()?;
            (Some(report.opaque.driver_version()?), Some(board))
        };
        Ok(Self {
            driver,
            vbios,
            board,
        })
    }

    /// The ids under which NVIDIA's RIM service has the manifests.
    fn vbios_id(&self) -> String {
        let version = self.vbios.replace('.', "");
        match &self.board {
            Some(board) => {
                let [project, sku, chip] = board.each_ref().map(|part| part.to_ascii_uppercase());
                format!("NV_GPU_VBIOS_{project}_{sku}_{chip}_{version}")
            }
            // LS10 reports no board; this is the one that there is.
            None => format!("NV_SWITCH_BIOS_5612_0002_890_{version}"),
        }
    }

    /// All of them.
    fn ids(&self, architecture: Architecture) -> Vec<String> {
        let driver = self.driver.iter();
        let driver = driver.map(|driver| driver_id(architecture, driver));
        std::iter::once(self.vbios_id()).chain(driver).collect()
    }

    fn rims<'a>(
        &self,
        architecture: Architecture,
        endorsements: &'a NvidiaEndorsements,
        made: &mut Made,
    ) -> Result<Vec<&'a Rim>, NvidiaError> {
        let find = |what, version: &str, id: String| {
            let missing = || NvidiaError::RimMissing {
                what,
                architecture,
                version: version.to_owned(),
                id,
            };
            endorsements.rim(architecture, version).ok_or_else(missing)
        };
        let mut rims = vec![find("VBIOS", &self.vbios, self.vbios_id())?];
        let mut compared = format!("VBIOS {}", self.vbios);
        if let Some(driver) = &self.driver {
            rims.push(find("driver", driver, driver_id(architecture, driver))?);
            compared = format!("{compared}, driver {driver}");
        }
        made.add(checks::RIM_VERSION, compared);
        Ok(rims)
    }
}

fn driver_id(architecture: Architecture, driver: &str) -> String {
    let chip = architecture.products().first().copied().unwrap_or_default();
    format!("NV_GPU_DRIVER_{chip}_{driver}")
}

impl DeviceEvidence {
    /// The ids at NVIDIA's RIM service of the manifests that this Evidence needs, by its own words,
    /// which nobody has verified: good for fetching.
    ///
    /// # Errors
    /// [`NvidiaError`] if its report is not of its form.
    pub fn rim_ids(&self) -> Result<Vec<String>, NvidiaError> {
        let report = Report::parse(&self.report)?;
        let versions = Versions::of(&report, self.architecture)?;
        Ok(versions.ids(self.architecture))
    }
}

fn in_force(rims: &[&Rim], now: UnixTime, made: &mut Made) -> Result<(), NvidiaError> {
    for rim in rims {
        let (not_before, not_after) = (rim.not_before(), rim.not_after());
        if now < not_before || now > not_after {
            return Err(NvidiaError::RimValidity {
                version: rim.document().version.clone(),
                not_before,
                not_after,
                now,
            });
        }
    }
    made.add(
        checks::RIM_VALIDITY,
        format!("{} manifests in force at {now}", rims.len()),
    );
    Ok(())
}

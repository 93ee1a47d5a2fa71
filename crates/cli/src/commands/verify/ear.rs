use std::io::Write as _;
use std::path::PathBuf;

use adyton_appraisal::{AttestationResult, EarTerms};
use adyton_client::{Access, Existing, FileError, NewFile};
use clap::ValueEnum;

use crate::failure::failure_from;
use crate::signing_key::SigningKeyFile;
use crate::{Failure, Out};

/// The result as a signed token for others.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The result as EAR")]
pub(crate) struct EarArgs {
    /// Write the result, good or bad, as a signed EAR to this file, or - for standard output. It needs
    /// --report-data: of Evidence for nobody in particular a token would say that it is good now; and
    /// it goes without --danger-root, of which its reader would see nothing
    #[arg(long, value_name = "FILE", requires_all = ["report_data", "policy", "ear_key", "ear_issuer", "ear_audience"], conflicts_with = "danger_root")]
    pub(super) ear: Option<PathBuf>,
    /// As which kind of token
    #[arg(long, value_name = "FORMAT", default_value = "jwt")]
    ear_format: Format,
    /// The key that signs it: PKCS #8 in PEM, Ed25519 (`adyton keygen --signing`) or P-256
    #[arg(long, value_name = "FILE")]
    ear_key: Option<PathBuf>,
    /// Who says so: this Verifier's name
    #[arg(long, value_name = "NAME")]
    ear_issuer: Option<String>,
    /// To whom: the Relying Party's name
    #[arg(long, value_name = "NAME")]
    ear_audience: Option<String>,
    /// For how long it may be relied on; never longer than the Endorsements are good
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    ear_life: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// JSON Web Token (RFC 7519)
    Jwt,
    /// CBOR Web Token (RFC 8392)
    Cwt,
}

failure_from!(adyton_ear::EarError);

impl EarArgs {
    /// Whether the token takes standard output.
    pub(super) fn is_output(&self) -> bool {
        self.ear.as_ref().is_some_and(|to| to.as_os_str() == "-")
    }

    /// Reads the key before anything is judged, so that a mistake costs nothing.
    pub(super) fn issuer(&self) -> Result<Option<Issuer<'_>>, Failure> {
        let given = (
            &self.ear,
            &self.ear_key,
            &self.ear_issuer,
            &self.ear_audience,
        );
        let (Some(to), Some(key), Some(issuer), Some(audience)) = given else {
            return Ok(None);
        };
        Ok(Some(Issuer {
            to,
            key: SigningKeyFile::read(key)?.ear(key)?,
            format: self.ear_format,
            terms: EarTerms {
                issuer: issuer.clone(),
                audience: audience.clone(),
                life_secs: self.ear_life,
                build: env!("CARGO_PKG_VERSION").to_owned(),
            },
        }))
    }
}

/// Who issues the token, and where it goes.
pub(super) struct Issuer<'a> {
    to: &'a PathBuf,
    key: adyton_ear::EarSigningKey,
    format: Format,
    terms: EarTerms,
}

impl Issuer<'_> {
    pub(super) fn issue(self, result: &AttestationResult, out: Out) -> Result<(), Failure> {
        let ear = result.to_ear(self.terms);
        let token = match self.format {
            Format::Jwt => ear.issue_jwt(&self.key)?.into_bytes(),
            Format::Cwt => ear.issue_cwt(&self.key)?,
        };
        if self.to.as_os_str() == "-" {
            return out.raw(&token);
        }
        let file = NewFile::create(self.to, Access::Public, Existing::Replace)?;
        let written = file.file().write_all(&token);
        written.map_err(|error| FileError::io("write", self.to, error))?;
        file.publish()?;
        let to = self.to.display();
        out.note(&format!("wrote `{to}`, good until {}", ear.expires_at));
        Ok(())
    }
}

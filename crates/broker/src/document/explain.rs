use adyton_appraisal::{Measurements, PlatformPolicy};
use adyton_types::{Protection, TeeKind};

use crate::document::ReleaseDocument;
use crate::document::choice::choice;
use crate::document::hardware;

impl ReleaseDocument {
    /// What the document allows, in plain words, a line each: for the owner, who may be no
    /// programmer, before it is put into a broker.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        let mut lines = vec![
            format!(
                "This allows the broker to hand out the secret `{}`, if ALL of this holds:",
                self.secret
            ),
            format!("- It is asked for the purpose `{}`.", self.purpose),
        ];
        lines.extend(choice(
            "- The program that asks is exactly this one, to the last byte",
            "- The program that asks is exactly one of these, to the last byte",
            &self.programs,
        ));
        lines.push(format!(
            "- It is not before {} and not after {} (UTC), by the broker's clock.",
            self.not_before, self.not_after
        ));
        lines.push(match self.max_releases {
            1 => "- It was never handed out under this document before: once, and no more.".into(),
            n => format!("- It was handed out fewer than {n} times under this document."),
        });
        match self.platforms.as_slice() {
            [only] => {
                lines.push("- The computer it runs on is this:".into());
                lines.extend(platform(only));
            }
            several => {
                let count = several.len();
                lines.push(format!(
                    "- The computer it runs on is one of these {count}:"
                ));
                for (number, one) in (1..).zip(several) {
                    lines.push(format!("  Platform {number}:"));
                    lines.extend(platform(one));
                }
            }
        }
        lines.push("In every other case the broker says no, and says why.".into());
        lines.push("Each time it hands the secret out, that is written into its log first.".into());
        lines
    }
}

fn platform(platform: &PlatformPolicy) -> Vec<String> {
    let rules = platform.rules();
    let mut lines = vec![format!("  * {}.", kind(platform.kind()))];
    lines.extend(measurements(&rules.measurements));
    if platform.platform_ids().is_empty() {
        lines.push("  * It may be ANY machine of this kind: no machine is named.".into());
    } else {
        lines.extend(choice(
            "  * It is the machine with the id",
            "  * It is one of the machines with the ids",
            platform.platform_ids(),
        ));
    }
    if platform.kind() == TeeKind::Software {
        let least = platform.tcb().values().copied().max().unwrap_or_default();
        lines.push(format!("  * Its security version is {least} or later."));
        lines.push(protections(platform));
    } else {
        lines.extend(hardware::hardware(rules));
    }
    lines
}

fn measurements(measurements: &Measurements) -> Vec<String> {
    match measurements {
        Measurements::Any => vec!["  * ANY program may pose as Adyton there.".into()],
        Measurements::Listed(listed) => choice(
            "  * Adyton itself there has the measurement",
            "  * Adyton itself there has one of the measurements",
            listed,
        ),
        Measurements::Signed(source) => vec![
            format!(
                "  * Adyton itself there is in the signed list `{}`, edition {} or later.",
                source.name, source.min_serial
            ),
            format!(
                "    You leave to the holder of this key which programs that are: {}",
                source.signer
            ),
        ],
    }
}

fn kind(kind: TeeKind) -> &'static str {
    match kind {
        TeeKind::Software => {
            "It is protected by software only, WITHOUT special hardware: whoever controls that \
             machine's kernel, or has its platform key, can get at the data"
        }
        TeeKind::Tpm => {
            "Its TPM says what it started, and its memory is NOT protected: whoever controls that \
             machine can get at the data"
        }
        TeeKind::Snp => "It is a virtual machine protected by AMD SEV-SNP",
        TeeKind::Tdx => "It is a virtual machine protected by Intel TDX",
        TeeKind::Sgx => "It is a process protected by Intel SGX",
        TeeKind::Nitro => "It is an AWS Nitro Enclave",
        TeeKind::AzureSnp => "It is an Azure confidential virtual machine on AMD SEV-SNP",
        TeeKind::AzureTdx => "It is an Azure confidential virtual machine on Intel TDX",
        TeeKind::Cca => "It is a virtual machine protected by Arm CCA",
        TeeKind::NvidiaGpu => "It is an NVIDIA GPU in confidential mode",
        _ => "It is of a kind that this version of Adyton has no words for",
    }
}

fn protections(platform: &PlatformPolicy) -> String {
    let words = |protection: &Protection| match protection {
        Protection::Landlock => "it cannot open files",
        Protection::NoCore => "it leaves no memory dump behind",
        Protection::Seccomp => "it can make few system calls",
        Protection::SecretMemory => "its memory is hidden even from the administrator",
        Protection::Traced => "nobody can attach to it",
        _ => "one that this version of Adyton has no words for",
    };
    let words: Vec<_> = platform.require().iter().map(words).collect();
    if words.is_empty() {
        "  * NO protection of the running program is asked for.".into()
    } else {
        format!("  * While it runs: {}.", words.join("; "))
    }
}

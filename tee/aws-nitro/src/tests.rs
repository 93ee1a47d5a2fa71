use crate::forge::{ForgedNitro, NOW};
use crate::{Device, NitroClaims, NitroError, verify};

mod chain;
mod claims;
mod form;

const MAX_AGE_SECS: u64 = 300;

fn enclave() -> ForgedNitro {
    ForgedNitro::new(Device::Enclave)
}

fn judge(bytes: &[u8]) -> Result<NitroClaims, NitroError> {
    verify(bytes, &ForgedNitro::roots(), MAX_AGE_SECS, NOW)
        .map(super::verify::VerifiedNitroDocument::into_claims)
}

fn check(bytes: &[u8]) -> &'static str {
    judge(bytes).unwrap_err().check()
}

fn altered(alter: impl FnOnce(&mut ForgedNitro)) -> &'static str {
    let mut forged = enclave();
    alter(&mut forged);
    check(&forged.sign())
}

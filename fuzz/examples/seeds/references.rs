use adyton_codec::hex_decode;

use crate::seed;

/// The example of draft-ietf-rats-corim with one digest.
const CORIM: &str = concat!(
    "d901f5a20050284e6c3e5d9f4f6b851f5a4247f243a70181d901fa58afa301a100503f06af63a93c11e4979700",
    "505690773f0281a3006941434d4520496e632e01d8207468747470733a2f2f61636d652e6578616d706c650281",
    "0004a1008182a100a400d8255067b28b6c34cc40a19117ab5b05911e37016941434d4520496e632e026f41434d",
    "4520526f616452756e6e6572030181a101a200a20065312e302e300119400002818201582044aa336af4cb14a8",
    "79432e53dd6571c7fa9bccafb75f488259262d6ea3a4d91b",
);

const DRAFT: &str = r#"version = 1
name = "images"
serial = 3
not-before = "2026-01-01T00:00:00Z"
not-after = "2027-01-01T00:00:00Z"
[[value]]
kind = "sgx"
measurement = "44aa336af4cb14a879432e53dd6571c7fa9bccafb75f488259262d6ea3a4d91b"
note = "image 1.4"
"#;

const CCA: &str = r#"version = 1
not-before = "2026-01-01T00:00:00Z"
not-after = "2027-01-01T00:00:00Z"
[[reference]]
implementation = "0303030303030303030303030303030303030303030303030303030303030303"
config = "cfcfcfcf"
required = ["RMM"]
[[reference.component]]
kind = "RMM"
measurement = "0606060606060606060606060606060606060606060606060606060606060606"
signer = "0909090909090909090909090909090909090909090909090909090909090909"
"#;

pub(crate) fn seeds() {
    let corim = hex_decode(CORIM).expect("hexadecimal");
    seed("references", "corim", &[&corim]);
    seed("references", "draft", &[DRAFT.as_bytes()]);
    seed("references", "cca", &[CCA.as_bytes()]);
}

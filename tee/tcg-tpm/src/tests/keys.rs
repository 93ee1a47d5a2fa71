//! Public areas, and what is said of them.

use super::*;
use crate::alg_name;
use crate::forge::{Numbers, public_area};

const AK: u32 = Attributes::FIXED_TPM
    | Attributes::FIXED_PARENT
    | Attributes::SENSITIVE_DATA_ORIGIN
    | Attributes::RESTRICTED
    | Attributes::SIGN;

#[test]
fn an_attestation_key_has_every_attribute() {
    let mut ak = ForgedAk::ecc();
    let mut demand = |attributes| {
        ak.attributes = attributes;
        let public = TpmPublic::parse(&ak.public()).unwrap();
        public.demand_ak().map_err(|error| error.check())
    };
    assert_eq!(demand(AK), Ok(()));
    let refused = Err(checks::AK_ATTRIBUTES.name);
    for bit in [
        Attributes::FIXED_TPM,
        Attributes::FIXED_PARENT,
        Attributes::SENSITIVE_DATA_ORIGIN,
        Attributes::RESTRICTED,
        Attributes::SIGN,
    ] {
        assert_eq!(demand(AK & !bit), refused, "without {bit:#x}");
    }
    for bit in [Attributes::DECRYPT, Attributes::ENCRYPTED_DUPLICATION] {
        assert_eq!(demand(AK | bit), refused, "with {bit:#x}");
    }
}

#[test]
fn attributes_have_their_names() {
    let mut ak = ForgedAk::ecc();
    // userWithAuth and noDA besides.
    ak.attributes = AK | 1 << 6 | 1 << 10;
    let area = ak.public();
    let public = TpmPublic::parse(&area).unwrap();
    assert_eq!(public.bytes(), area);
    let attributes = public.attributes();
    let names = [
        "fixedTPM",
        "fixedParent",
        "sensitiveDataOrigin",
        "userWithAuth",
        "noDA",
        "restricted",
        "sign",
    ];
    assert_eq!(attributes.names(), names);
    assert!(attributes.has(AK) && attributes.has(Attributes::SIGN) && attributes.has(0));
    assert!(!attributes.has(Attributes::DECRYPT));
    assert!(!attributes.has(Attributes::SIGN | Attributes::DECRYPT));
    let fields = public.fields();
    let named = |name: &str| fields.iter().any(|field| field.value.contains(name));
    assert!(named("noDA") && named("ECC P256"));
}

#[test]
fn a_modulus_has_2048_to_4096_bits() {
    let rsa = |len: usize, first: u8| {
        let mut modulus = vec![0xc1; len];
        modulus[0] = first;
        let mut area = public_area(&Numbers::Modulus(modulus), HashAlg::Sha256.id(), AK, None);
        // Where the number of bits stands: behind type, hash, attributes, policy, cipher, scheme.
        let bits = u16::try_from(len * 8).unwrap();
        area[14..16].copy_from_slice(&bits.to_be_bytes());
        TpmPublic::parse(&area).map(|public| {
            let fields = public.fields();
            let is_said = |said: &str| fields.iter().any(|field| field.value.contains(said));
            assert!(is_said(&format!("RSA of {bits} bits")));
        })
    };
    for len in [256, 384, 512] {
        rsa(len, 0xc1).unwrap();
    }
    for (len, first) in [
        (255, 0xc1),
        (256, 0),
        (264, 0),
        (513, 0xc1),
        (514, 0xc1),
        (128, 0xc1),
    ] {
        let error = rsa(len, first).unwrap_err();
        assert_eq!(error.check(), checks::AK_PUBLIC.name, "{len}");
    }
}

#[test]
fn algorithms_have_their_names() {
    for (id, name) in [
        (0x0001, "rsa"),
        (0x0004, "sha1"),
        (0x0008, "keyedhash"),
        (0x000b, "sha256"),
        (0x000c, "sha384"),
        (0x000d, "sha512"),
        (0x0010, "null"),
        (0x0012, "sm3-256"),
        (0x0014, "rsassa"),
        (0x0015, "rsaes"),
        (0x0016, "rsapss"),
        (0x0017, "oaep"),
        (0x0018, "ecdsa"),
        (0x001a, "ecdaa"),
        (0x0023, "ecc"),
        (0x0025, "symcipher"),
        (0x0027, "sha3-256"),
        (0x0028, "sha3-384"),
        (0x0029, "sha3-512"),
        (0x0099, "0x0099"),
    ] {
        assert_eq!(alg_name(id), name);
    }
}

#[test]
fn a_set_of_pcrs_is_empty_or_not() {
    assert!(PcrSet::new([]).unwrap().is_empty());
    let highest = PcrSet::new([31]).unwrap();
    assert!(!highest.is_empty() && highest.contains(31) && !highest.contains(32));
    assert!(PcrSet::new([32]).is_err());
}

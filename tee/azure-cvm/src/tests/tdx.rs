//! The same on TDX: quotes of a forged Intel, as Azure's metadata service hands them on.

use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{IntelEndorsements, Quote};

use super::*;
use crate::{rsassa_sha256, without_padding};

struct Machine {
    intel: IntelForge,
    endorsements: IntelEndorsements,
    hcl: HclForge,
}

impl Machine {
    fn new(mut intel: IntelForge) -> Self {
        let hcl = HclForge::new(HardwareKind::Tdx, &AK, &USER_DATA);
        intel.quote.put_body(520, &hcl.report_data());
        Self {
            endorsements: intel.endorsements().unwrap(),
            intel,
            hcl,
        }
    }

    /// The quotes of versions 4 and 5.
    fn both() -> [Self; 2] {
        [Self::new(IntelForge::tdx()), Self::new(IntelForge::tdx15())]
    }

    fn evidence(&self, behind: &[u8]) -> AzureEvidence {
        let td_quote = [&self.intel.quote()[..], behind].concat();
        let hardware = Hardware::Tdx { quote: td_quote };
        self.hcl.evidence(&[0; 1024], hardware, &quote(), &AK)
    }

    fn judge(&self, evidence: &AzureEvidence) -> Result<VerifiedAzure, AzureError> {
        let expected = Expected {
            nonce: NONCE,
            selection: selection(),
            user_data: UserData::Exactly(&USER_DATA),
        };
        let endorsements = AzureEndorsements::Tdx(&self.endorsements);
        verify(evidence, endorsements, &expected, self.intel.now)
    }

    fn refused_by(&self, evidence: &AzureEvidence) -> &'static str {
        self.judge(evidence).unwrap_err().check()
    }
}

#[test]
fn quotes_of_both_versions_verify_through_the_container() {
    for machine in Machine::both() {
        let bytes = machine.evidence(&[]).encode();
        let evidence = AzureEvidence::parse(&bytes).unwrap();
        assert_eq!(evidence.encode(), bytes);
        let verified = machine.judge(&evidence).unwrap();
        let HardwareClaims::Tdx(claims) = &verified.claims().hardware else {
            panic!("claims of another hardware");
        };
        let attested = machine.hcl.report_data();
        assert_eq!(claims.report_data.as_bytes(), &attested);
        let binding = verified.checks().iter();
        let mut binding = binding.filter(|check| check.name == checks::BINDING.name);
        let compared = &binding.next().unwrap().compared;
        assert_eq!(compared, "report data is the SHA-256 of the claims");
    }
}

#[test]
fn zeros_behind_a_quote_are_azures_and_nothing_else_is() {
    for machine in Machine::both() {
        let bare = machine.intel.quote();
        machine.judge(&machine.evidence(&[0; 70])).unwrap();
        for behind in [&[0, 0, 1][..], &[1, 0, 0], &[1]] {
            let evidence = machine.evidence(behind);
            assert_eq!(machine.refused_by(&evidence), "quote-length");
            let padded = [&bare[..], behind].concat();
            assert_eq!(without_padding(&padded), padded);
        }
        let padded = [&bare[..], &[0; 70]].concat();
        assert_eq!(without_padding(&padded), bare);
        assert!(Quote::parse(without_padding(&padded)).is_ok());
        // Cut off, it ends before it says so: nothing is taken away.
        for end in [0, 1, 2, 40, 50, 54, 634, bare.len() - 1] {
            let cut = bare.get(..end).unwrap();
            assert_eq!(without_padding(cut), cut);
        }
    }
    // Quotes of version 3 are not Azure's, and are left alone.
    let mut sgx = IntelForge::sgx().quote();
    sgx.push(0);
    assert_eq!(without_padding(&sgx), sgx);
}

#[test]
fn links_to_a_quote_that_do_not_hold_are_refused() {
    let machine = Machine::new(IntelForge::tdx());
    let right = machine.evidence(&[]);
    let expected = Expected {
        nonce: NONCE,
        selection: selection(),
        user_data: UserData::Claim,
    };
    let foreign = AzureEndorsements::Snp(&ENDORSEMENTS);
    let error = verify(&right, foreign, &expected, machine.intel.now).unwrap_err();
    assert_eq!(error.check(), checks::HARDWARE.name);
    let mut of_snp = right.clone();
    of_snp.hcl = hcl().build(&[0; 1184]);
    assert_eq!(machine.refused_by(&of_snp), checks::HARDWARE.name);
    // A TDREPORT is shorter than the room for it, which is zero.
    let mut longer = right.clone();
    longer.hcl = machine.hcl.build(&[&[0; 1024][..], &[1]].concat());
    assert_eq!(machine.refused_by(&longer), checks::HCL.name);
    let mut other = HclForge::new(HardwareKind::Tdx, &AK, &[0; 64]);
    other.padding.clear();
    let mut unbound = right.clone();
    unbound.hcl = other.build(&[0; 1024]);
    assert_eq!(machine.refused_by(&unbound), checks::BINDING.name);
    let mut altered = right;
    if let Hardware::Tdx { quote } = &mut altered.hardware {
        quote[48 + 136] ^= 1;
    }
    assert_eq!(machine.refused_by(&altered), "quote-signature");
}

#[test]
fn evidence_has_the_parts_of_its_kind() {
    let parts = |kind: &str, vek: Option<&[u8]>, td_quote: Option<&[u8]>| {
        let bytes = right().encode();
        let mut value = adyton_codec::Value::decode(&bytes).unwrap();
        let adyton_codec::Value::Map(entries) = &mut value else {
            panic!("no map");
        };
        let optional = |bytes: Option<&[u8]>| {
            bytes.map_or(adyton_codec::Value::Null, |bytes| {
                adyton_codec::Value::Bytes(bytes.to_vec().into())
            })
        };
        for (name, new) in [
            ("kind", adyton_codec::Value::Text(kind.to_owned().into())),
            ("vek", optional(vek)),
            ("td-quote", optional(td_quote)),
        ] {
            let named = adyton_codec::Value::text(name);
            let entry = entries.iter_mut().find(|(key, _)| *key == named);
            entry.unwrap().1 = new;
        }
        AzureEvidence::parse(&value.encode()).map(|evidence| evidence.hardware)
    };
    let (vek, quote) = (Some(&b"v"[..]), Some(&b"q"[..]));
    let snp = |vek: Option<&[u8]>| Hardware::Snp {
        vek: vek.map(<[u8]>::to_vec),
    };
    assert_eq!(parts("azure-snp", vek, None), Ok(snp(vek)));
    assert_eq!(parts("azure-snp", None, None), Ok(snp(None)));
    let tdx = Hardware::Tdx {
        quote: b"q".to_vec(),
    };
    assert_eq!(parts("azure-tdx", None, quote), Ok(tdx));
    for (kind, vek, quote) in [
        ("azure-snp", vek, quote),
        ("azure-snp", None, quote),
        ("azure-tdx", vek, quote),
        ("azure-tdx", vek, None),
        ("azure-tdx", None, None),
        ("azure", None, None),
    ] {
        let error = parts(kind, vek, quote).unwrap_err();
        assert_eq!(error.check(), checks::CONTAINER.name, "{kind}");
    }
}

#[test]
fn a_bare_signature_gets_its_scheme() {
    let framed = rsassa_sha256(&[7; 258]);
    assert_eq!(framed[..6], [0x00, 0x14, 0x00, 0x0b, 0x01, 0x02]);
    assert_eq!(framed[6..], [7; 258]);
    assert_eq!(rsassa_sha256(&[7; 70_000]).len(), 6 + 65_535);
}

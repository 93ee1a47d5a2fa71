use adyton_pki::forge::{AnswerForge, ForgeKey, OcspForge};
use adyton_pki::{Certificate, KeyKind, OcspResponse};
use adyton_tee_nvidia_gpu::forge::{ForgedRim, ForgedWorld, SIGNED_INFO, answers};
use adyton_tee_nvidia_gpu::{MAX_RIM_BYTES, RIM_CHECKS, Rim};
use adyton_types::UnixTime;

struct Setting {
    world: ForgedWorld,
    ocsp: Vec<OcspResponse>,
}

impl Setting {
    fn new() -> Self {
        let world = ForgedWorld::hopper();
        let ocsp = vec![answers(&world.rim_chain, &world.responder)];
        Self { world, ocsp }
    }

    fn failed(&self, xml: &str) -> &'static str {
        match Rim::verify(
            xml.as_bytes(),
            &self.ocsp,
            &self.world.roots(),
            ForgedWorld::NOW,
        ) {
            Ok(_) => "nothing",
            Err(error) => error.check(),
        }
    }
}

fn rim() -> ForgedRim {
    ForgedRim::new("GH100", "550.90.07", 0..3)
}

#[test]
fn an_unchanged_manifest_verifies_with_every_check() {
    let setting = Setting::new();
    let rim = setting.world.rim(&rim());
    let made: Vec<_> = rim.checks().iter().map(|check| check.name).collect();
    assert_eq!(made, RIM_CHECKS.map(|check| check.name));
    let document = rim.document();
    assert_eq!(
        (document.product.as_str(), document.version.as_str()),
        ("GH100", "550.90.07")
    );
    assert_eq!(document.golden.len(), 3);
    assert_eq!(document.golden[&2].alternatives, [[2; 48], [0; 48]]);
}

#[test]
fn what_is_not_significant_may_change_and_nothing_else() {
    let setting = Setting::new();
    let good = setting.world.rim_xml(&rim());
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        setting.failed(&good.replacen(from, to, 1))
    };
    // Canonical form is the same.
    assert_eq!(changed("></ns0:Resource>", "/>"), "nothing");
    assert_eq!(
        changed(
            " size=\"48\" type=\"Measurement\"",
            " type='Measurement'  size='48'"
        ),
        "nothing"
    );
    assert_eq!(
        changed("<ns0:Payload>", "<ns0:Payload><!-- a -->"),
        "nothing"
    );
    assert_eq!(changed("GH100", "GH1&#48;0"), "nothing");
    // It is another.
    assert_eq!(changed("550.90.07", "550.90.08"), "rim-signature");
    assert_eq!(changed("<ns0:Payload>", "<ns0:Payload> "), "rim-signature");
    assert_eq!(
        changed("active=\"True\"", "active=\"False\""),
        "rim-signature"
    );
    assert_eq!(
        changed("<ns0:Meta", "<ns0:Entity></ns0:Entity><ns0:Meta"),
        "rim-signature"
    );
    let renamed = good
        .replace("ns0:", "ns7:")
        .replace("xmlns:ns0", "xmlns:ns7");
    assert_eq!(setting.failed(&renamed), "rim-signature");
}

#[test]
fn every_flipped_bit_is_refused_or_insignificant() {
    let setting = Setting::new();
    let good = setting.world.rim_xml(&ForgedRim::new("GH100", "1", 0..1));
    let document = Rim::danger_read(good.as_bytes()).unwrap();
    for at in (0..good.len()).step_by(5) {
        let mut altered = good.clone().into_bytes();
        altered[at] ^= 1 << (at % 7);
        let roots = setting.world.roots();
        if let Ok(rim) = Rim::verify(&altered, &setting.ocsp, &roots, ForgedWorld::NOW) {
            assert_eq!(*rim.document(), document, "byte {at}");
        }
    }
}

#[test]
fn only_nvidias_form_is_read() {
    let setting = Setting::new();
    let good = setting.world.rim_xml(&rim());
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        setting.failed(&good.replacen(from, to, 1))
    };
    for (from, to) in [
        ("<SoftwareIdentity", "<!DOCTYPE a><SoftwareIdentity"),
        ("<ns0:Payload>", "<ns0:Payload><?a b?>"),
        ("<ns0:Meta", "<ns0:Meta/><ns0:Meta"),
        (" colloquialVersion=\"550.90.07\"", ""),
        ("index=\"2\"", "index=\"1\""),
        ("index=\"2\"", "index=\"256\""),
        ("alternatives=\"2\"", "alternatives=\"1\""),
        ("size=\"48\"", "size=\"32\""),
        ("active=\"True\"", "active=\"true\""),
        ("type=\"Measurement\"", "type=\"File\""),
        ("ns2:Hash1=", "ns2:Hash2="),
        ("Hash0=\"00", "Hash0=\""),
        ("URI=\"\"", "URI=\"#a\""),
        ("xmldsig-more#ecdsa-sha384", "xmldsig-more#hmac-sha384"),
        ("xmldsig-more#sha384", "xmldsig-more#md5"),
        ("2006/12/xml-c14n11", "2001/10/xml-exc-c14n#"),
        (
            "</ds:SignedInfo>",
            "</ds:SignedInfo><ds:SignedInfo></ds:SignedInfo>",
        ),
        ("<ds:X509Data>", "<ds:X509Data><ds:KeyName></ds:KeyName>"),
        (
            "</ds:Signature>",
            "</ds:Signature><ns0:Payload></ns0:Payload>",
        ),
        ("<ds:SignatureValue>", "<ds:SignatureValue>!"),
    ] {
        let failed = changed(from, to);
        assert_eq!(failed, "rim-form", "{from} as {to}");
    }
    let unsigned = good.split("<ds:Signature ").next().unwrap().to_owned() + "</SoftwareIdentity>";
    assert_eq!(setting.failed(&unsigned), "rim-form");
    let long = " ".repeat(MAX_RIM_BYTES + 1);
    assert!(Rim::danger_read(long.as_bytes()).is_err());
    assert!(Rim::danger_read(b"\xff").is_err());
    let deep = ["<a>".repeat(300_000), "</a>".repeat(20)].concat();
    assert!(Rim::danger_read(deep.as_bytes()).is_err());
}

/// A second signature, or a signed document inside another: what is read is what is signed.
#[test]
fn signatures_do_not_wrap() {
    let setting = Setting::new();
    let good = setting.world.rim_xml(&rim());
    let signature =
        &good[good.find("<ds:Signature ").unwrap()..good.find("</SoftwareIdentity>").unwrap()];
    let doubled = good.replacen("<ds:Signature ", &format!("{signature}<ds:Signature "), 1);
    assert_eq!(setting.failed(&doubled), "rim-form");
    let evil = setting
        .world
        .rim_xml(&ForgedRim::new("GH100", "evil", 0..3));
    let body = &evil[..evil.find("<ds:Signature ").unwrap()];
    let wrapped = format!("{body}{good}</SoftwareIdentity>");
    assert_eq!(setting.failed(&wrapped), "rim-form");
    let stolen = format!("{body}{signature}</SoftwareIdentity>");
    assert_eq!(setting.failed(&stolen), "rim-signature");
}

#[test]
fn a_signature_of_another_form_is_not_believed() {
    let setting = Setting::new();
    let with = |signed_info: String| {
        let mut forged = rim();
        forged.signed_info = signed_info;
        setting.failed(&setting.world.rim_xml(&forged))
    };
    assert_eq!(with(SIGNED_INFO.to_owned()), "nothing");
    // Signed by the right key, but without the transforms, or of a part.
    let enveloped =
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
    assert_eq!(with(SIGNED_INFO.replace(enveloped, "")), "rim-form");
    assert_eq!(
        with(SIGNED_INFO.replace("URI=\"\"", "URI=\"\" Id=\"a\"")),
        "rim-form"
    );
    let reference = &SIGNED_INFO[SIGNED_INFO.find("<ds:Reference").unwrap()..];
    let twice = SIGNED_INFO.replace(
        reference,
        &format!("{}{reference}", reference.replace("</ds:SignedInfo>", "")),
    );
    assert_eq!(with(twice), "rim-form");
    let digest = SIGNED_INFO.replace("{digest}", &"A".repeat(64));
    assert_eq!(with(digest), "rim-signature");
}

#[test]
fn the_signer_is_nvidias_and_not_revoked() {
    let mut setting = Setting::new();
    let good = setting.world.rim_xml(&rim());
    assert_eq!(setting.failed(&good), "nothing");
    let roots = setting.world.roots();
    let at = |secs| {
        let now = UnixTime::from_secs(secs);
        Rim::verify(good.as_bytes(), &setting.ocsp, &roots, now).map_err(|error| error.check())
    };
    assert!(matches!(at(1_500_000_000), Err("rim-certificate-chain")));
    assert!(matches!(at(2_300_000_000), Err("rim-certificate-chain")));

    let other = ForgedWorld::hopper();
    let theirs = other.rim_xml(&rim());
    assert_eq!(setting.failed(&theirs), "rim-certificate-chain");
    let stranger = ForgeKey::generate(KeyKind::P384);
    let certificates: Vec<&[u8]> = setting
        .world
        .rim_chain
        .iter()
        .map(Certificate::der)
        .collect();
    let unsigned = rim().sign(&stranger, &certificates);
    assert_eq!(setting.failed(&unsigned), "rim-signature");
    let by_ca = rim().sign(&setting.world.rim_ca_key, &certificates[1..]);
    assert_eq!(setting.failed(&by_ca), "rim-certificate-chain");

    let chain = &setting.world.rim_chain;
    let answer = |index: usize| AnswerForge::good(&chain[index], chain[index + 1].public_key());
    for answers in [
        vec![answer(0).revoked(6), answer(1)],
        vec![answer(0), answer(1).revoked(1)],
        vec![answer(1)],
        vec![answer(0)],
        vec![],
    ] {
        let response = OcspForge::new(answers).sign(&setting.world.responder);
        setting.ocsp = vec![OcspResponse::parse(&response).unwrap()];
        assert_eq!(setting.failed(&good), "rim-revocation");
    }
}

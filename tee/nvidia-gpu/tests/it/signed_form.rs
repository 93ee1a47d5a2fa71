use adyton_pki::{Certificate, OcspResponse};
use adyton_tee_nvidia_gpu::forge::{ForgedRim, ForgedWorld, SIGNED_INFO, answers};
use adyton_tee_nvidia_gpu::{MAX_RIM_BYTES, Rim};

struct Setting {
    world: ForgedWorld,
    ocsp: [OcspResponse; 1],
}

impl Setting {
    fn new() -> Self {
        let world = ForgedWorld::hopper();
        let ocsp = [answers(&world.rim_chain, &world.responder)];
        Self { world, ocsp }
    }

    fn failed(&self, xml: &str) -> &'static str {
        let roots = self.world.roots();
        match Rim::verify(xml.as_bytes(), &self.ocsp, &roots, ForgedWorld::NOW) {
            Ok(_) => "nothing",
            Err(error) => error.check(),
        }
    }
}

fn rim() -> ForgedRim {
    ForgedRim::new("GH100", "550.90.07", 0..3)
}

#[test]
fn names_in_a_manifest_are_there_and_short() {
    let read = |version: &str| {
        let xml = ForgedWorld::hopper().rim_xml(&ForgedRim::new("GH100", version, 0..1));
        Rim::danger_read(xml.as_bytes()).map(|document| document.version)
    };
    let longest = "5".repeat(64);
    assert_eq!(read(&longest), Ok(longest.clone()));
    assert!(read("").is_err() && read(&format!("{longest}5")).is_err());
}

#[test]
fn parts_of_the_signature_are_of_its_namespace_and_name() {
    let setting = Setting::new();
    let good = setting.world.rim_xml(&rim());
    let renamed = |from: &str, to: &str| {
        let xml = good.replace(&format!("<{from}>"), &format!("<{to}>"));
        setting.failed(&xml.replace(&format!("</{from}>"), &format!("</{to}>")))
    };
    for name in ["SignatureValue", "KeyInfo", "X509Data", "X509Certificate"] {
        let from = format!("ds:{name}");
        assert_ne!(renamed(&from, &format!("ns0:{name}")), "nothing", "{name}");
        assert_ne!(renamed(&from, "ds:Object"), "nothing", "{name}");
    }
}

#[test]
fn a_manifest_has_its_longest_length() {
    let setting = Setting::new();
    let mut xml = setting.world.rim_xml(&rim());
    xml.push_str(&" ".repeat(MAX_RIM_BYTES - xml.len()));
    assert!(Rim::danger_read(xml.as_bytes()).is_ok());
    xml.push(' ');
    assert!(Rim::danger_read(xml.as_bytes()).is_err());
}

/// Signed by the right key, in a form that another reader might take for something else.
#[test]
fn what_is_signed_is_exactly_nvidias_form() {
    let setting = Setting::new();
    let with = |from: &str, to: &str| {
        assert!(SIGNED_INFO.contains(from), "{from}");
        let mut forged = rim();
        forged.signed_info = SIGNED_INFO.replacen(from, to, 1);
        setting.failed(&setting.world.rim_xml(&forged))
    };
    let c14n = r#"<ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>"#;
    let enveloped =
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
    let inside = r#"<ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"><ds:XPath></ds:XPath></ds:Transform>"#;
    for (from, to) in [
        (
            &*format!("{enveloped}{c14n}"),
            &*format!("{c14n}{enveloped}"),
        ),
        (c14n, ""),
        (c14n, inside),
        (c14n, &c14n.replace(" Alg", " Id=\"a\" Alg")),
        (c14n, &c14n.replace("Algorithm", "Algo")),
        (c14n, &c14n.replace("ds:", "ns0:")),
        (c14n, &c14n.replace("Transform", "Other")),
        ("xmldsig-more#sha384", "xmlenc#sha256"),
        ("ecdsa-sha384", "ecdsa-sha256"),
        ("<ds:Transforms>", "<ds:Transforms>x"),
        ("</ds:Reference>", "x</ds:Reference>"),
        ("URI=\"\"", "URI=\"#a\""),
        ("URI=\"\"", "Id=\"\""),
        ("{digest}", "<ds:X></ds:X>{digest}"),
        ("{digest}", "{digest}="),
    ] {
        assert_eq!(with(from, to), "rim-form", "{from} as {to}");
    }
}

#[test]
fn a_manifest_carries_one_to_six_certificates() {
    let world = ForgedWorld::hopper();
    let signer = world.rim_chain[0].der();
    let read = |count: usize| {
        let xml = rim().sign(&world.rim_key, &vec![signer; count]);
        Rim::danger_certificates(xml.as_bytes()).map(|found: Vec<Certificate>| found.len())
    };
    assert_eq!((read(1), read(6)), (Ok(1), Ok(6)));
    assert!(read(0).is_err() && read(7).is_err() && read(8).is_err());
}

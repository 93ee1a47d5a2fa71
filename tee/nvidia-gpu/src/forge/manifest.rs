use adyton_codec::{base64_encode, hex_encode};
use adyton_crypto::sha384;
use adyton_pki::SignatureAlgorithm;
use adyton_pki::forge::ForgeKey;

/// SignedInfo as NVIDIA writes it, with `{digest}` where the digest stands.
pub const SIGNED_INFO: &str = concat!(
    r#"<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>"#,
    r#"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"/>"#,
    r#"<ds:Reference URI=""><ds:Transforms>"#,
    r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#,
    r#"<ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"/></ds:Transforms>"#,
    r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#sha384"/>"#,
    r#"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#,
);

const ROOT: &str = concat!(
    r#" xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd""#,
    r#" xmlns:ns0="http://standards.iso.org/iso/19770/-2/2015/schema.xsd""#,
    r#" xmlns:ns2="http://www.w3.org/2001/04/xmlenc#sha384""#,
);
const DSIG: &str = r#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#;

/// A manifest in the making: set what is to differ, then sign. It is written in canonical form, so
/// that what is signed is what stands there.
#[derive(Debug, Clone)]
pub struct ForgedRim {
    /// The chip.
    pub product: String,
    /// The version.
    pub version: String,
    /// Index, whether it is active, and the values' bytes, each 48 times.
    pub resources: Vec<(u8, bool, Vec<[u8; 48]>)>,
    /// SignedInfo, with `{digest}` where the digest stands.
    pub signed_info: String,
    /// Elements put in before the signature, in canonical form.
    pub extra: String,
}

impl ForgedRim {
    /// A manifest that judges these measurements, `n` being 48 times `n` or zero.
    #[must_use]
    pub fn new(product: &str, version: &str, indices: impl IntoIterator<Item = u8>) -> Self {
        let resource = |n| (n, true, vec![[n; 48], [0; 48]]);
        Self {
            product: product.to_owned(),
            version: version.to_owned(),
            resources: indices.into_iter().map(resource).collect(),
            signed_info: SIGNED_INFO.to_owned(),
            extra: String::new(),
        }
    }

    fn body(&self) -> String {
        let resources: String = self
            .resources
            .iter()
            .map(|(index, active, values)| {
                let active = if *active { "True" } else { "False" };
                let count = values.len();
                let hashes: String = values
                    .iter()
                    .enumerate()
                    .map(|(n, value)| format!(r#" ns2:Hash{n}="{}""#, hex_encode(value)))
                    .collect();
                format!(
                    "<ns0:Resource active=\"{active}\" alternatives=\"{count}\" index=\"{index}\" \
                     name=\"Measurement_{index}\" size=\"48\" type=\"Measurement\"{hashes}></ns0:Resource>"
                )
            })
            .collect();
        format!(
            "<ns0:Meta colloquialVersion=\"{}\" edition=\"GPU\" product=\"{}\"></ns0:Meta>\
             <ns0:Payload>{resources}</ns0:Payload>{}",
            self.version, self.product, self.extra
        )
    }

    /// The manifest, signed by `key`, with these certificates.
    #[must_use]
    pub fn sign(&self, key: &ForgeKey, certificates: &[&[u8]]) -> String {
        let body = self.body();
        let whole = format!("<SoftwareIdentity{ROOT}>{body}</SoftwareIdentity>");
        let digest = base64_encode(&sha384(&[whole.as_bytes()]));
        let signed_info = self.signed_info.replace("{digest}", &digest);
        // What is in scope stands at the apex of canonical form, and empty elements get an end.
        let apex = format!("<ds:SignedInfo{}>", in_scope());
        let canonical = expand(&signed_info).replacen("<ds:SignedInfo>", &apex, 1);
        let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
        let value = base64_encode(&key.sign(algorithm, canonical.as_bytes()));
        let certificates: String = certificates
            .iter()
            .map(|der| base64_encode(der))
            .map(|text| format!("<ds:X509Certificate>{text}\n</ds:X509Certificate>"))
            .collect();
        format!(
            "<SoftwareIdentity{ROOT}>{body}<ds:Signature{DSIG}>{signed_info}\
             <ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>{certificates}\
             </ds:X509Data></ds:KeyInfo></ds:Signature></SoftwareIdentity>\n"
        )
    }
}

/// The namespaces of the root and the signature, in the order of their prefixes.
fn in_scope() -> String {
    let (default, rest) = ROOT.split_at(ROOT.find(" xmlns:").unwrap_or(0));
    format!("{default}{DSIG}{rest}")
}

/// `<a b="c"/>` as `<a b="c"></a>`.
fn expand(xml: &str) -> String {
    let mut out = String::new();
    for tag in xml.split_inclusive('>') {
        match tag.strip_suffix("/>") {
            Some(open) => {
                let begin = open.rfind('<').map_or(0, |at| at.saturating_add(1));
                let name = open.get(begin..).unwrap_or_default();
                let name = name.split(' ').next().unwrap_or_default();
                out.push_str(&format!("{open}></{name}>"));
            }
            None => out.push_str(tag),
        }
    }
    out
}

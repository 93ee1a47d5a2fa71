use adyton_codec::base64_decode;
use adyton_crypto::{ct_eq, sha384};
use adyton_pki::{Certificate, PublicKey, SignatureAlgorithm};
use roxmltree::Node;

use crate::NvidiaError;
use crate::rim::canonical::canonical;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const CANONICAL_XML_1_1: &str = "http://www.w3.org/2006/12/xml-c14n11";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const ECDSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";

/// Most certificates of a manifest; the known ones have four.
const MAX_CERTIFICATES: usize = 6;

/// The one form of signature that manifests have: enveloped, over the whole document, Canonical XML
/// 1.1, ECDSA with SHA-384. It was read, and nothing of it verified.
#[derive(Debug)]
pub(super) struct EnvelopedSignature<'a, 'input> {
    root: Node<'a, 'input>,
    element: Node<'a, 'input>,
    signed_info: Node<'a, 'input>,
    digest: Vec<u8>,
    value: Vec<u8>,
    pub(super) certificates: Vec<Certificate>,
}

const fn bad(what: &'static str) -> NvidiaError {
    NvidiaError::RimForm { what }
}

impl<'a, 'input> EnvelopedSignature<'a, 'input> {
    /// Finds the signature of a document: the last element of its root, the only one of its name.
    pub(super) fn parse(root: Node<'a, 'input>) -> Result<Self, NvidiaError> {
        let is_signature = |node: &Node<'_, '_>| node.tag_name().name() == "Signature";
        let mut signatures = root.descendants().filter(is_signature);
        let element = signatures.next().ok_or(bad("it is not signed"))?;
        let last = root.children().rfind(Node::is_element);
        if signatures.next().is_some() || last != Some(element) {
            return Err(bad("it has no single signature at its end"));
        }
        let [signed_info, value, key_info] = children(
            element,
            ["Signature", "SignedInfo", "SignatureValue", "KeyInfo"],
        )?;
        let digest = signed_info_digest(signed_info)?;
        let [data] = children(key_info, ["KeyInfo", "X509Data"])?;
        Ok(Self {
            root,
            element,
            signed_info,
            digest,
            value: base64(value)?,
            certificates: certificates(data)?,
        })
    }

    /// Verifies digest and signature under the signer's key. What the document says is what was
    /// signed from then on: canonical form keeps every element, attribute and character.
    pub(super) fn verify(&self, key: &PublicKey) -> Result<(), NvidiaError> {
        let document = canonical(self.root, Some(self.element.id()))?;
        if !ct_eq(&sha384(&[&document]), &self.digest) {
            return Err(NvidiaError::RimSignature {
                what: "its digest is another",
            });
        }
        let signed = canonical(self.signed_info, None)?;
        let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
        key.verify(algorithm, &signed, &self.value, "manifest")
            .map_err(|_| NvidiaError::RimSignature {
                what: "its signature does not verify",
            })
    }
}

/// The child elements of a signature's element, which have to be exactly these, in this order; the
/// first name is the element's own.
fn children<'a, 'input, const N: usize, const M: usize>(
    node: Node<'a, 'input>,
    names: [&str; M],
) -> Result<[Node<'a, 'input>; N], NvidiaError> {
    let wrong = bad("its signature is not of NVIDIA's form");
    let found: Vec<_> = node.children().filter(Node::is_element).collect();
    let expected = names.get(1..).unwrap_or_default();
    let is = |node: &Node<'_, '_>, name: &str| {
        node.tag_name().name() == name && node.tag_name().namespace() == Some(DSIG)
    };
    let text = node.children().filter(Node::is_text);
    let blank = text
        .filter_map(|node| node.text())
        .all(|text| text.trim().is_empty());
    let same = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(node, name)| is(node, name))
        && names.first().is_some_and(|name| is(&node, name))
        && blank;
    match <[Node<'a, 'input>; N]>::try_from(found) {
        Ok(found) if same => Ok(found),
        _ => Err(wrong),
    }
}

/// Refuses an element whose algorithm is another.
fn algorithm(node: Node<'_, '_>, expected: &str) -> Result<(), NvidiaError> {
    let only = node.attributes().len() == 1 && node.children().all(|child| !child.is_element());
    if only && node.attribute("Algorithm") == Some(expected) {
        Ok(())
    } else {
        Err(bad("its signature is of another algorithm"))
    }
}

fn signed_info_digest(signed_info: Node<'_, '_>) -> Result<Vec<u8>, NvidiaError> {
    let [method, signature, reference] = children(
        signed_info,
        [
            "SignedInfo",
            "CanonicalizationMethod",
            "SignatureMethod",
            "Reference",
        ],
    )?;
    algorithm(method, CANONICAL_XML_1_1)?;
    algorithm(signature, ECDSA_SHA384)?;
    // The empty URI is the document itself: nothing else can be what is signed.
    if reference.attribute("URI") != Some("") || reference.attributes().len() != 1 {
        return Err(bad("its signature refers to something else"));
    }
    let [transforms, method, value] = children(
        reference,
        ["Reference", "Transforms", "DigestMethod", "DigestValue"],
    )?;
    let [first, second] = children(transforms, ["Transforms", "Transform", "Transform"])?;
    algorithm(first, ENVELOPED)?;
    algorithm(second, CANONICAL_XML_1_1)?;
    algorithm(method, SHA384)?;
    base64(value)
}

fn certificates(data: Node<'_, '_>) -> Result<Vec<Certificate>, NvidiaError> {
    let found: Vec<_> = data.children().filter(Node::is_element).collect();
    let named = found.iter().all(|node| {
        node.tag_name().name() == "X509Certificate" && node.tag_name().namespace() == Some(DSIG)
    });
    if !named || found.is_empty() || found.len() > MAX_CERTIFICATES {
        return Err(bad("its certificates are not of NVIDIA's form"));
    }
    found
        .into_iter()
        .map(|node| Certificate::parse(&base64(node)?).map_err(NvidiaError::RimChain))
        .collect()
}

/// The bytes in an element, which holds base64 with line breaks and no elements.
fn base64(node: Node<'_, '_>) -> Result<Vec<u8>, NvidiaError> {
    if node.children().any(|child| !child.is_text()) {
        return Err(bad("base64 with something in it"));
    }
    let text = node.text().unwrap_or_default();
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64_decode(&compact).map_err(|_| bad("base64 that is none"))
}

use std::collections::BTreeMap;

use adyton_codec::hex_decode;
use roxmltree::Node;

use crate::NvidiaError;
use crate::report::DIGEST_BYTES;

const SWID: &str = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";
const HASH: &str = "http://www.w3.org/2001/04/xmlenc#sha384";

/// Most values that one measurement may have; the known manifests have 4.
const MAX_ALTERNATIVES: usize = 64;

/// The values that a measurement may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Golden {
    /// What NVIDIA calls the measurement.
    pub name: String,
    /// Each is as good as the others.
    pub alternatives: Vec<[u8; DIGEST_BYTES]>,
}

/// What a manifest says. Whether NVIDIA says so is [`Rim`](crate::Rim)'s question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RimDocument {
    /// The chip (`product`): `GH100`.
    pub product: String,
    /// What kind of device (`edition`): `GPU` or `SWITCH`.
    pub edition: String,
    /// The version of driver or VBIOS (`colloquialVersion`).
    pub version: String,
    /// The values of the active measurements, by index counted from 0.
    pub golden: BTreeMap<u8, Golden>,
}

const fn bad(what: &'static str) -> NvidiaError {
    NvidiaError::RimForm { what }
}

impl RimDocument {
    pub(super) fn parse(root: Node<'_, '_>) -> Result<Self, NvidiaError> {
        if !is(&root, "SoftwareIdentity") {
            return Err(bad("it is no SoftwareIdentity"));
        }
        let meta = only(root, "Meta")?;
        let payload = only(root, "Payload")?;
        let text = |name| match meta.attribute(name) {
            Some(value) if !value.is_empty() && value.len() <= 64 => Ok(value.to_owned()),
            _ => Err(bad("its Meta lacks version, product or edition")),
        };
        let (mut golden, mut seen) = (BTreeMap::new(), [false; 256]);
        for resource in payload.children().filter(Node::is_element) {
            let (index, active, value) = measurement(resource)?;
            match seen.get_mut(usize::from(index)) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(bad("a measurement is there twice")),
            }
            if active {
                golden.insert(index, value);
            }
        }
        Ok(Self {
            product: text("product")?,
            edition: text("edition")?,
            version: text("colloquialVersion")?,
            golden,
        })
    }
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name && node.tag_name().namespace() == Some(SWID)
}

/// The one child of that name.
fn only<'a, 'input>(
    root: Node<'a, 'input>,
    name: &'static str,
) -> Result<Node<'a, 'input>, NvidiaError> {
    let mut found = root.children().filter(|node| is(node, name));
    match (found.next(), found.next()) {
        (Some(node), None) => Ok(node),
        _ => Err(bad("it has not one Meta and one Payload")),
    }
}

fn measurement(node: Node<'_, '_>) -> Result<(u8, bool, Golden), NvidiaError> {
    let wrong = || bad("a Resource is no measurement");
    if !is(&node, "Resource") || node.attribute("type") != Some("Measurement") {
        return Err(wrong());
    }
    let number = |name: &str| {
        let value = node.attribute(name);
        value.and_then(|value| value.parse::<u16>().ok())
    };
    let index = number("index").and_then(|index| u8::try_from(index).ok());
    let active = match node.attribute("active") {
        Some("True") => true,
        Some("False") => false,
        _ => return Err(wrong()),
    };
    let alternatives = usize::from(number("alternatives").ok_or_else(wrong)?);
    let hashes = node.attributes().filter(|a| a.namespace() == Some(HASH));
    let size = number("size").map(usize::from);
    if !(1..=MAX_ALTERNATIVES).contains(&alternatives)
        || hashes.count() != alternatives
        || size != Some(DIGEST_BYTES)
    {
        return Err(wrong());
    }
    let digest = |n: usize| {
        let text = node.attribute((HASH, format!("Hash{n}").as_str()));
        let bytes = text.and_then(|text| hex_decode(&text.to_ascii_lowercase()).ok());
        bytes
            .and_then(|bytes| <[u8; DIGEST_BYTES]>::try_from(bytes).ok())
            .ok_or_else(wrong)
    };
    let golden = Golden {
        name: node.attribute("name").unwrap_or_default().to_owned(),
        alternatives: (0..alternatives).map(digest).collect::<Result<_, _>>()?,
    };
    Ok((index.ok_or_else(wrong)?, active, golden))
}

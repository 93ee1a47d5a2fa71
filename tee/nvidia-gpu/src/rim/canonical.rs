//! Canonical XML 1.1 without comments, for the documents that manifests are: no processing
//! instructions, no attributes of the `xml` namespace, no document type. What has one is refused.

use std::collections::BTreeMap;

use roxmltree::{Attribute, Document, Node, NodeId};

use crate::NvidiaError;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// How deep manifests nest; the known ones need 6.
const MAX_DEPTH: usize = 16;

type Namespaces<'a> = BTreeMap<&'a str, &'a str>;

/// Writes the canonical form (Canonical XML 1.1 section 2.3) of `apex` and all below it, but for the
/// element `without` (the enveloped-signature transform, XMLDSIG section 6.6.4).
///
/// # Errors
/// [`NvidiaError::RimForm`] for what manifests never have.
pub(super) fn canonical(
    apex: Node<'_, '_>,
    without: Option<NodeId>,
) -> Result<Vec<u8>, NvidiaError> {
    let mut out = Vec::new();
    element(apex, without, &Namespaces::new(), MAX_DEPTH, &mut out)?;
    Ok(out)
}

const fn bad(what: &'static str) -> NvidiaError {
    NvidiaError::RimForm { what }
}

fn element(
    node: Node<'_, '_>,
    without: Option<NodeId>,
    rendered: &Namespaces<'_>,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), NvidiaError> {
    let depth = depth.checked_sub(1).ok_or(bad("it nests too deep"))?;
    let name = qualified_name(node)?;
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    let in_scope = namespaces(node);
    declarations(&in_scope, rendered, out);
    attributes(node, out)?;
    out.push(b'>');
    for child in node.children() {
        if child.is_element() {
            if Some(child.id()) != without {
                element(child, without, &in_scope, depth, out)?;
            }
        } else if child.is_pi() {
            return Err(bad("it has a processing instruction"));
        } else if let (true, Some(text)) = (child.is_text(), child.text()) {
            escape(text, &TEXT_ESCAPES, out);
        }
    }
    out.extend_from_slice(b"</");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
    Ok(())
}

/// The name as it is written, prefix and all: canonical form keeps prefixes.
fn qualified_name<'input>(node: Node<'_, 'input>) -> Result<&'input str, NvidiaError> {
    let source = node.document().input_text().get(node.range());
    let tag = source.and_then(|source| source.strip_prefix('<'));
    let end = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
    let name = tag.and_then(|tag| tag.split(end).next());
    let name = name.ok_or(bad("a tag has no name"))?;
    let local = name.rsplit(':').next();
    if local == Some(node.tag_name().name()) {
        Ok(name)
    } else {
        Err(bad("a tag has no name"))
    }
}

/// Every namespace in scope, by prefix; the default one has none.
fn namespaces<'a>(node: Node<'a, '_>) -> Namespaces<'a> {
    let all = node.namespaces();
    let named = all.map(|space| (space.name().unwrap_or_default(), space.uri()));
    named.filter(|(prefix, _)| *prefix != "xml").collect()
}

/// Those that the element in the output around this one does not have, in order of their prefixes.
fn declarations(in_scope: &Namespaces<'_>, rendered: &Namespaces<'_>, out: &mut Vec<u8>) {
    for (prefix, uri) in in_scope {
        let known = rendered.get(prefix).copied();
        // An empty default namespace is what there is before any is declared.
        if known == Some(*uri) || (known.is_none() && uri.is_empty()) {
            continue;
        }
        out.extend_from_slice(b" xmlns");
        if !prefix.is_empty() {
            out.push(b':');
            out.extend_from_slice(prefix.as_bytes());
        }
        value(uri, out);
    }
}

/// The attributes, in order of namespace and local name.
fn attributes(node: Node<'_, '_>, out: &mut Vec<u8>) -> Result<(), NvidiaError> {
    let mut sorted: Vec<Attribute<'_, '_>> = node.attributes().collect();
    sorted.sort_by_key(|attribute| (attribute.namespace().unwrap_or_default(), attribute.name()));
    for attribute in sorted {
        if attribute.namespace() == Some(XML_NAMESPACE) {
            return Err(bad("it has an attribute of the xml namespace"));
        }
        let name = node.document().input_text().get(attribute.range_qname());
        out.push(b' ');
        out.extend_from_slice(name.ok_or(bad("an attribute has no name"))?.as_bytes());
        value(attribute.value(), out);
    }
    Ok(())
}

fn value(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"=\"");
    escape(text, &VALUE_ESCAPES, out);
    out.push(b'"');
}

const TEXT_ESCAPES: [(u8, &str); 4] = [
    (b'&', "&amp;"),
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'\r', "&#xD;"),
];

const VALUE_ESCAPES: [(u8, &str); 6] = [
    (b'&', "&amp;"),
    (b'<', "&lt;"),
    (b'"', "&quot;"),
    (b'\t', "&#x9;"),
    (b'\n', "&#xA;"),
    (b'\r', "&#xD;"),
];

fn escape(text: &str, escapes: &[(u8, &str)], out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match escapes.iter().find(|(escaped, _)| *escaped == byte) {
            Some((_, written)) => out.extend_from_slice(written.as_bytes()),
            None => out.push(byte),
        }
    }
}

/// Parses a document without a document type, of a limited number of nodes.
pub(super) fn parse(text: &str, max_nodes: u32) -> Result<Document<'_>, NvidiaError> {
    let options = roxmltree::ParsingOptions {
        nodes_limit: max_nodes,
        ..roxmltree::ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|_| bad("it is no XML"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical_text(xml: &str) -> String {
        let document = parse(xml, 100).unwrap();
        String::from_utf8(canonical(document.root_element(), None).unwrap()).unwrap()
    }

    /// Canonical XML 1.1 sections 3.2 to 3.4, the parts without a document type.
    #[test]
    fn the_standards_examples() {
        for (xml, expected) in [
            (
                "<?xml version=\"1.0\"?>\n<!-- a --><doc><clean>   </clean><dirty>   A   B   </dirty></doc>\n",
                "<doc><clean>   </clean><dirty>   A   B   </dirty></doc>",
            ),
            (
                "<doc><e1   /><e3   name = \"elem3\"   id=\"elem3\"   /></doc>",
                "<doc><e1></e1><e3 id=\"elem3\" name=\"elem3\"></e3></doc>",
            ),
            (
                "<doc xmlns:b='http://b' xmlns:a='http://a' b:attr='sorted' attr2='all' attr='out' a:attr='x' xmlns='http://d'/>",
                "<doc xmlns=\"http://d\" xmlns:a=\"http://a\" xmlns:b=\"http://b\" attr=\"out\" attr2=\"all\" a:attr=\"x\" b:attr=\"sorted\"></doc>",
            ),
            (
                "<e xmlns='' xmlns:a='http://a'><e xmlns='http://x' xmlns:a='http://a'><e xmlns=''/></e></e>",
                "<e xmlns:a=\"http://a\"><e xmlns=\"http://x\"><e xmlns=\"\"></e></e></e>",
            ),
            (
                "<t>&#x0d;&#x31;&#x32;\r\n&lt;&amp;&quot;<![CDATA[value>\"0\" && value<\"10\"]]></t>",
                "<t>&#xD;12\n&lt;&amp;\"value&gt;\"0\" &amp;&amp; value&lt;\"10\"</t>",
            ),
            (
                "<n a=\" x&#x20;&#13;&#xa;&#9;&quot;&apos;&lt; \"/>",
                "<n a=\" x &#xD;&#xA;&#x9;&quot;'&lt; \"></n>",
            ),
        ] {
            assert_eq!(canonical_text(xml), expected, "{xml}");
        }
    }

    #[test]
    fn an_apex_inherits_what_is_in_scope() {
        let document = parse(
            "<a xmlns=\"u\" xmlns:p=\"v\"><q:b xmlns:q=\"w\"><q:c/></q:b></a>",
            100,
        )
        .unwrap();
        let apex = document
            .descendants()
            .find(|n| n.tag_name().name() == "c")
            .unwrap();
        let text = canonical(apex, None).unwrap();
        let expected = "<q:c xmlns=\"u\" xmlns:p=\"v\" xmlns:q=\"w\"></q:c>";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn what_manifests_never_have_is_refused() {
        let deep = ["<a>".repeat(40), "</a>".repeat(40)].concat();
        for xml in ["<a><?b c?></a>", "<a xml:lang='en'/>", deep.as_str()] {
            let document = parse(xml, 100).unwrap();
            assert!(canonical(document.root_element(), None).is_err(), "{xml}");
        }
        assert!(parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 100).is_err());
        assert!(parse(&"<a/>".repeat(2), 100).is_err());
        assert!(parse(&["<a>", &"<b/>".repeat(200), "</a>"].concat(), 100).is_err());
    }
}

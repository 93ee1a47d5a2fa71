//! The checks by name, each with the document that asks for it. A check that holds is listed with
//! the verified Evidence; one that fails is the error, under the same name.

adyton_types::named_checks! {
    /// It is one COSE_Sign1 of four parts within the size limit, and nothing follows it.
    ENVELOPE = "envelope", "RFC 9052, section 4.2; AWS Nitro Enclaves, attestation_process.md, section 2.2.1";
    /// The unprotected header is empty.
    UNPROTECTED_EMPTY = "unprotected-empty", "AWS Nitro Enclaves, attestation_process.md, section 3.1";
    /// The protected header says ES384, and nothing else.
    ALGORITHM = "algorithm", "RFC 9053, section 2.1; AWS Nitro Enclaves, attestation_process.md, section 3.1";
    /// The payload is a map with text keys, each once.
    PAYLOAD = "payload", "AWS Nitro Enclaves, attestation_process.md, section 3.2.2.2";
    /// The payload has AWS's fields and no other, each of its kind and size.
    FIELDS = "fields", "AWS Nitro Enclaves, attestation_process.md, section 3.2.2.2";
    /// The first certificate of the bundle has the pinned root key.
    ROOT_PINNED = "root-pinned", "AWS Nitro Enclaves User Guide, root of trust (fingerprint 641A0321..79BB5B)";
    /// Each certificate is one, with a P-384 key.
    CHAIN_FORM = "chain-form", "RFC 5280, section 4.1; RFC 5480, section 2.1.1.1 (secp384r1)";
    /// Each certificate names the one before it as its issuer.
    CHAIN_NAMES = "chain-names", "RFC 5280, section 6.1.3 (a) (4)";
    /// Each certificate is signed by the one before it, with ECDSA and SHA-384.
    CHAIN_SIGNATURES = "chain-signatures", "RFC 5280, section 6.1.3 (a) (1)";
    /// Each certificate above the leaf is an authority that may sign certificates, no deeper than
    /// it may; the leaf is none, and may sign.
    CHAIN_USAGE = "chain-usage", "RFC 5280, sections 4.2.1.3, 4.2.1.9 and 6.1.4";
    /// `now` is within the dates of every certificate.
    CHAIN_DATES = "chain-dates", "RFC 5280, section 6.1.3 (a) (2)";
    /// The document is signed by the leaf, over the header and payload as received.
    DOCUMENT_SIGNATURE = "document-signature", "RFC 9052, section 4.4; FIPS 186-5, section 6.4";
    /// The document is no older than the caller allows, and not of the future.
    DOCUMENT_FRESH = "document-fresh", "AWS Nitro Enclaves, attestation_process.md, section 3.2.2.2 (timestamp)";
}

/// Object identifiers that this crate knows, and those that its users often name.
pub mod known {
    use der::oid::ObjectIdentifier as Oid;

    macro_rules! oids {
        ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
            $($(#[$doc])* pub const $name: Oid = Oid::new_unwrap($text);)*
        };
    }

    oids! {
        /// id-ecPublicKey (RFC 5480 section 2.1.1).
        EC_PUBLIC_KEY = "1.2.840.10045.2.1";
        /// secp256r1 (RFC 5480 section 2.1.1.1).
        P256 = "1.2.840.10045.3.1.7";
        /// secp384r1.
        P384 = "1.3.132.0.34";
        /// secp521r1.
        P521 = "1.3.132.0.35";
        /// ecdsa-with-SHA256 (RFC 5758 section 3.2).
        ECDSA_SHA256 = "1.2.840.10045.4.3.2";
        /// ecdsa-with-SHA384.
        ECDSA_SHA384 = "1.2.840.10045.4.3.3";
        /// ecdsa-with-SHA512.
        ECDSA_SHA512 = "1.2.840.10045.4.3.4";
        /// rsaEncryption (RFC 8017 appendix C).
        RSA = "1.2.840.113549.1.1.1";
        /// id-RSASSA-PSS.
        RSA_PSS = "1.2.840.113549.1.1.10";
        /// id-mgf1.
        MGF1 = "1.2.840.113549.1.1.8";
        /// sha256WithRSAEncryption.
        RSA_SHA256 = "1.2.840.113549.1.1.11";
        /// sha384WithRSAEncryption.
        RSA_SHA384 = "1.2.840.113549.1.1.12";
        /// sha512WithRSAEncryption.
        RSA_SHA512 = "1.2.840.113549.1.1.13";
        /// id-sha256 (RFC 5754 section 2).
        SHA256 = "2.16.840.1.101.3.4.2.1";
        /// id-sha384.
        SHA384 = "2.16.840.1.101.3.4.2.2";
        /// id-sha512.
        SHA512 = "2.16.840.1.101.3.4.2.3";
        /// commonName (RFC 5280 appendix A.1).
        COMMON_NAME = "2.5.4.3";
        /// subjectKeyIdentifier (RFC 5280 section 4.2.1.2).
        SUBJECT_KEY_ID = "2.5.29.14";
        /// keyUsage (4.2.1.3).
        KEY_USAGE = "2.5.29.15";
        /// subjectAltName (4.2.1.6).
        SUBJECT_ALT_NAME = "2.5.29.17";
        /// basicConstraints (4.2.1.9).
        BASIC_CONSTRAINTS = "2.5.29.19";
        /// nameConstraints (4.2.1.10).
        NAME_CONSTRAINTS = "2.5.29.30";
        /// cRLDistributionPoints (4.2.1.13).
        CRL_DISTRIBUTION_POINTS = "2.5.29.31";
        /// certificatePolicies (4.2.1.4).
        CERTIFICATE_POLICIES = "2.5.29.32";
        /// authorityKeyIdentifier (4.2.1.1).
        AUTHORITY_KEY_ID = "2.5.29.35";
        /// extKeyUsage (4.2.1.12).
        EXT_KEY_USAGE = "2.5.29.37";
        /// cRLNumber (5.2.3).
        CRL_NUMBER = "2.5.29.20";
        /// deltaCRLIndicator (5.2.4).
        DELTA_CRL = "2.5.29.27";
        /// issuingDistributionPoint (5.2.5).
        ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    }
}

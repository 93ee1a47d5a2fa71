/// Which path of certificates, or which revocation list, an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// That of the PCK certificate.
    Pck,
    /// That of the signer of TCB info or QE identity.
    Signer,
    /// That of the PCK CA, which issues the list of revoked PCK certificates.
    PckCrlIssuer,
    /// The root's revocation list.
    RootCrl,
    /// The PCK CA's revocation list.
    PckCrl,
}

impl Chain {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pck => "PCK certificate chain",
            Self::Signer => "TCB signing chain",
            Self::PckCrlIssuer => "PCK CRL issuer chain",
            Self::RootCrl => "root CRL",
            Self::PckCrl => "PCK CRL",
        }
    }
}

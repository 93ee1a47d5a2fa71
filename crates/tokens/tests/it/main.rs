//! Tokens as others make them: the test vectors of RFC 9578, appendix A.2.

#[cfg(test)]
mod replay;
#[cfg(test)]
mod rfc9578;

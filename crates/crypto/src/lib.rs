//! The few cryptographic operations that Adyton uses, each by the name in its specification.
//!
//! One module is one standard. The provider is RustCrypto: inside the enclave every byte of key
//! material must live on the Rust heap or stack, which there are `memfd_secret(2)` pages, and a C
//! library's own allocator would put it elsewhere. TLS, which ends outside the enclave, has a
//! provider of its own (`transport`).
//!
//! Randomness is always an argument. [`os_rng`] is the one source that the shells hand in.

mod aead;
mod error;
mod hash;
mod hpke;
mod hpke_context;
mod kdf;
mod mac;
mod rng;
mod secret;
mod sign;
mod signed;

pub use aead::{AEAD_OVERHEAD, AeadKey};
pub use error::CryptoError;
pub use hash::{Sha256, sha256, sha384, sha512};
pub use hpke::{HPKE_SUITE, KEM_PUBLIC_KEY_BYTES, KemKeyPair, KemPublicKey, Sealed, hpke_seal};
pub use hpke_context::{HpkeReceiver, HpkeSender};
pub use kdf::hkdf_sha256;
pub use mac::{hmac_sha256, verify_hmac_sha256};
pub use rng::{CryptoRng, Rng, os_rng, random};
pub use secret::{SecretArray, SecretBytes, ct_eq};
pub use sign::{SIGNATURE_BYTES, SigningKey, VerifyingKey};
pub use signed::{SignedError, danger_unverified_payload, sign_labelled, verify_labelled};

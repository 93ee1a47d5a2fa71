use std::collections::BTreeMap;

use adyton_codec::hex_decode;
use adyton_crypto::{SecretBytes, os_rng, sha256};
use adyton_tokens::{IssuerKey, PendingToken, Token, TokenKey};

use crate::replay::Replay;

const VECTORS: &str = include_str!("rfc9578.txt");

/// The values of one vector, by name.
struct Vector<'a>(BTreeMap<&'a str, Vec<u8>>);

impl<'a> Vector<'a> {
    fn all() -> Vec<Vector<'static>> {
        let texts = VECTORS.split("\n\n").skip(1);
        let vectors: Vec<_> = texts.map(Vector::parse).collect();
        assert_eq!(vectors.len(), 5);
        vectors
    }

    fn parse(text: &'a str) -> Self {
        let value = |line: &'a str| {
            let (name, hex) = line.split_once(' ').unwrap();
            (name, hex_decode(hex).unwrap())
        };
        Self(text.lines().map(value).collect())
    }

    fn get(&self, name: &str) -> &[u8] {
        &self.0[name]
    }

    fn key(&self) -> TokenKey {
        TokenKey::from_spki(self.get("pk")).unwrap()
    }

    fn challenge(&self) -> [u8; 32] {
        sha256(&[self.get("challenge")])
    }

    /// What a client draws: nonce, salt, blinding factor.
    fn drawn(&self) -> Replay {
        let drawn = ["nonce", "salt", "blind"].map(|name| self.get(name));
        Replay(drawn.concat())
    }
}

#[test]
fn a_client_makes_the_same_request_and_token() {
    for vector in Vector::all() {
        let (key, challenge) = (vector.key(), vector.challenge());
        let made = PendingToken::new(&key, &challenge, &mut vector.drawn());
        let (pending, request) = made.unwrap();
        assert_eq!(request, vector.get("request"));
        let token = pending.finish(&key, vector.get("response")).unwrap();
        assert_eq!(token.as_bytes().as_slice(), vector.get("token"));
    }
}

#[test]
fn an_issuer_makes_the_same_response() {
    for vector in Vector::all() {
        let issuer = IssuerKey::from_der(&SecretBytes::new(vector.get("sk").to_vec())).unwrap();
        assert_eq!(issuer.public().spki(), vector.get("pk"));
        let response = issuer.issue(vector.get("request"), &mut os_rng());
        assert_eq!(response.unwrap(), vector.get("response"));
    }
}

#[test]
fn whoever_takes_tokens_takes_these_for_their_challenge_only() {
    for vector in Vector::all() {
        let token = Token::parse(vector.get("token")).unwrap();
        assert_eq!(token.nonce().as_slice(), vector.get("nonce"));
        assert_eq!(vector.key().verify(&token, &vector.challenge()), Ok(()));
        assert!(vector.key().verify(&token, &[0; 32]).is_err());
    }
}

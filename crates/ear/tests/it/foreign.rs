//! Tokens that other implementations made under the same keys (`specs/vectors/ear/`): the same
//! result in another's words.

use adyton_codec::hex_decode;

use crate::support::{NOW, Signers, ear, pin};

const VECTORS: [&str; 4] = [
    include_str!("../../../../specs/vectors/ear/jwt-eddsa.txt"),
    include_str!("../../../../specs/vectors/ear/jwt-es256.txt"),
    include_str!("../../../../specs/vectors/ear/cwt-eddsa.txt"),
    include_str!("../../../../specs/vectors/ear/cwt-es256.txt"),
];

#[test]
fn tokens_of_others_are_read() {
    for vector in VECTORS {
        let line = |key: &str| {
            vector
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .unwrap()
        };
        let [eddsa, es256] = Signers::both();
        let signer = match line("algorithm: ") {
            "EdDSA" => eddsa,
            _ => es256,
        };
        let pin = pin(&signer);
        let verified = match line("form: ") {
            "jwt" => pin.verify_jwt(line("token: "), NOW),
            _ => pin.verify_cwt(&hex_decode(line("token: ")).unwrap(), NOW),
        };
        assert_eq!(verified.unwrap().ear(), &ear());
    }
}

#[test]
#[ignore = "prints tokens for another implementation to read"]
fn print_ours() {
    let path = std::env::temp_dir().join("adyton-ear-tokens");
    let mut lines = String::new();
    for (name, signer) in ["EDDSA", "ES256"].into_iter().zip(Signers::both()) {
        let jwt = ear().issue_jwt(&signer).unwrap();
        let cwt = adyton_codec::hex_encode(&ear().issue_cwt(&signer).unwrap());
        lines += &format!("JWT_{name} {jwt}\nCWT_{name} {cwt}\n");
    }
    std::fs::write(path, lines).unwrap();
}

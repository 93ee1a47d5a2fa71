use adyton_codec::base64url_encode;
use adyton_tee_arm_cca::forge::{ForgedKey, ForgedToken};
use adyton_tee_arm_cca::{CcaEndorsements, CcaError, Curve, EcKey, verify};
use adyton_types::UnixTime;

const NOW: UnixTime = UnixTime::from_secs(150);

fn jwk(kind: &str, curve: &str, x: &[u8], y: &[u8]) -> Result<EcKey, &'static str> {
    let (x, y) = (base64url_encode(x), base64url_encode(y));
    EcKey::from_jwk(&format!(
        r#"{{"kty":"{kind}","crv":"{curve}","x":"{x}","y":"{y}"}}"#
    ))
}

#[test]
fn a_jwk_is_of_its_type_and_curve_with_whole_coordinates() {
    let names = ["P-256", "P-384", "P-521"];
    for (curve, name) in Curve::ALL.into_iter().zip(names) {
        assert_eq!(curve.as_str(), name);
        let key = ForgedKey::generate(curve).public();
        let (x, y) = key.point()[1..].split_at(curve.coordinate_bytes());
        assert_eq!(jwk("EC", name, x, y), Ok(key.clone()));
        for other in names.into_iter().filter(|other| *other != name) {
            assert!(jwk("EC", other, x, y).is_err(), "{name} as {other}");
        }
        assert!(jwk("EC", "secp256k1", x, y).is_err());
        assert_eq!(jwk("OKP", name, x, y), Err("no JWK of type EC"));
        let wrong = Err("a coordinate is not of the curve's length");
        assert_eq!(jwk("EC", name, &x[1..], y), wrong);
        assert_eq!(jwk("EC", name, x, &y[1..]), wrong);
        assert_eq!(jwk("EC", name, x, &[y, &[0]].concat()), wrong);
    }
    for other in ["", "[]", "{}", "{\"kty\":\"EC\"}"] {
        assert!(EcKey::from_jwk(other).is_err(), "{other}");
    }
}

/// A second key for a machine is refused, and the first goes on to count.
#[test]
fn a_machine_keeps_the_key_that_it_was_endorsed_with() {
    let token = ForgedToken::default();
    let mut endorsements = token.endorsements();
    let (implementation, instance) = (ForgedToken::IMPLEMENTATION, ForgedToken::INSTANCE);
    let other = Ok(ForgedKey::generate(Curve::P384).public());
    let twice = endorsements.add_key(implementation, instance, other);
    assert!(matches!(twice, Err(CcaError::EndorsedTwice { .. })));
    assert!(verify(&token.encode(), &endorsements, NOW).is_ok());
}

#[test]
fn endorsements_hold_in_their_period() {
    let token = ForgedToken::default();
    let bytes = token.encode();
    let endorsements: CcaEndorsements = token.endorsements();
    let check = |now| match verify(&bytes, &endorsements, UnixTime::from_secs(now)) {
        Ok(_) => "nothing",
        Err(error) => error.check(),
    };
    let found = [99, 100, 200, 201].map(check);
    assert_eq!(
        found,
        ["endorsements", "nothing", "nothing", "endorsements"]
    );
}

use adyton_codec::hex_encode;
use adyton_types::{Field, UnixTime};

use crate::NitroDocument;

impl NitroDocument<'_> {
    /// Every field, decoded for a person to read. Nothing is judged: the signature may be wrong.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let made = UnixTime::from_secs(self.timestamp_ms / 1000);
        let mut fields = vec![
            Field::new("device", self.device.as_str()),
            Field::new("module_id", self.module_id.escape_debug()),
            Field::new("timestamp", format!("{} ms ({made})", self.timestamp_ms)),
        ];
        let pcrs = self.pcrs.iter();
        fields.extend(
            pcrs.map(|(index, value)| Field::new(format!("pcrs.{index}"), hex_encode(value))),
        );
        fields.push(Field::new("certificate", hex_encode(self.certificate)));
        let bundle = self.cabundle.iter().enumerate();
        fields.extend(bundle.map(|(i, der)| Field::new(format!("cabundle.{i}"), hex_encode(der))));
        for (name, value) in [
            ("public_key", self.public_key),
            ("user_data", self.user_data),
            ("nonce", self.nonce),
        ] {
            fields.push(Field::new(
                name,
                value.map_or_else(|| "none".to_owned(), hex_encode),
            ));
        }
        fields.push(Field::new("signature", hex_encode(&self.signature)));
        fields
    }
}

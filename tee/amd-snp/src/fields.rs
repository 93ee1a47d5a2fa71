use adyton_codec::hex_encode;
use adyton_types::Field;

use crate::{Generation, RawTcb, SnpReport};

impl SnpReport<'_> {
    /// Every field, decoded for a person to read. Nothing is judged: the signature may be wrong.
    ///
    /// TCB versions are taken apart in the layout of the generation that the report states; a
    /// report of version 2 states none, and its TCB versions stay as they are.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("version", self.version),
            Field::new("guest_svn", self.guest_svn),
            Field::new("policy", self.policy),
            Field::new("family_id", hex_encode(&self.family_id)),
            Field::new("image_id", hex_encode(&self.image_id)),
            Field::new("vmpl", self.vmpl),
            Field::new("signature_algo", self.signature_algorithm),
            Field::new("current_tcb", self.tcb(self.current_tcb)),
            Field::new("platform_info", self.platform_info),
            Field::new("author_key_en", self.author_key_enabled()),
            Field::new("mask_chip_key", self.mask_chip_key()),
            Field::new("signing_key", self.signing_key()),
            Field::new("report_data", hex_encode(self.report_data.as_bytes())),
            Field::new("measurement", hex_encode(&self.measurement)),
            Field::new("host_data", hex_encode(&self.host_data)),
            Field::new("id_key_digest", hex_encode(&self.id_key_digest)),
            Field::new("author_key_digest", hex_encode(&self.author_key_digest)),
            Field::new("report_id", hex_encode(&self.report_id)),
            Field::new("report_id_ma", hex_encode(&self.report_id_ma)),
            Field::new("reported_tcb", self.tcb(self.reported_tcb)),
        ];
        if self.version >= 3 {
            let [family, model, stepping] = self.cpuid;
            let generation = self.generation().map_or("unknown", Generation::as_str);
            let text = format!(
                "family {family:#04x} model {model:#04x} stepping {stepping} ({generation})"
            );
            fields.push(Field::new("cpuid", text));
        }
        fields.extend([
            Field::new("chip_id", hex_encode(&self.chip_id)),
            Field::new("committed_tcb", self.tcb(self.committed_tcb)),
            Field::new("current_version", self.current_firmware),
            Field::new("committed_version", self.committed_firmware),
            Field::new("launch_tcb", self.tcb(self.launch_tcb)),
        ]);
        if self.version >= 5 {
            fields.extend([
                Field::new(
                    "launch_mit_vector",
                    format!("{:#x}", self.launch_mitigations),
                ),
                Field::new(
                    "current_mit_vector",
                    format!("{:#x}", self.current_mitigations),
                ),
            ]);
        }
        fields.extend([
            Field::new("signature.r", hex_encode(&self.signature_r)),
            Field::new("signature.s", hex_encode(&self.signature_s)),
        ]);
        fields
    }

    fn tcb(&self, raw: RawTcb) -> String {
        let decoded = self
            .generation()
            .and_then(|generation| raw.decode(generation));
        decoded.map_or_else(|| raw.to_string(), |tcb| tcb.to_string())
    }
}

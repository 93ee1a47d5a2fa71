use adyton_tee_tcg_tpm::PcrSelection;

/// `TPML_PCR_SELECTION` of one bank.
pub(super) fn encode_selection(selection: PcrSelection) -> Vec<u8> {
    let mut out = 1u32.to_be_bytes().to_vec();
    out.extend(selection.bank.id().to_be_bytes());
    out.push(3);
    out.extend(selection.pcrs.to_select());
    out
}
